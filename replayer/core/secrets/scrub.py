"""Scrubbing takes secrets out for ever, before anything is written; the scan afterwards trusts nobody."""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from replayer.core.message import shapes
from replayer.core.rules import Rules, ruleset
from replayer.core.secrets import guesses
from replayer.core.secrets.decodings import readings
from replayer.core.secrets.findings import Finding
from replayer.core.secrets.guesses import near
from replayer.core.secrets.standing import spelled, standing
from replayer.core.secrets.watch import Watch

SHORT = 200  # characters: most lines of a cassette are shorter, and the same in every entry
PEM = "PRIVATE KEY-----"  # what it announces stands below it, where the text is no JSON
PERCENT = re.compile("%([2-7][0-9A-Fa-f])")  # of what is ASCII and visible: the forms are
ENCODED = re.compile(rf"{PERCENT.pattern}|.", re.DOTALL)
KEY_LINE = re.compile(r"\s*[0-9A-Za-z+/=]{32,}\s*")


def scrub(text: str, rules: Rules, credentials: frozenset[str]) -> str:
    """The text without secrets: known forms keep their telling prefix, the rest becomes asterisks."""
    for secret in near(text, rules.secrets):
        text = secret.pattern.sub(_starred, text)
    if "%" in text and PERCENT.search(text):
        text = _scrubbed_encoded(text, rules)
    for each in standing(text, credentials) if credentials else ():
        text = text.replace(each, "*" * len(each))
    return text


def _scrubbed_encoded(text: str, rules: Rules) -> str:
    """A text without the secrets that show once its percent-encoding is undone; all else stays as it is spelled."""
    plain = PERCENT.sub(lambda match: chr(int(match[1], 16)), text)
    found = near(plain, rules.secrets)
    if not found:
        return text
    ends, at = [], 0  # where in the text each character of the plain one ends
    for match in ENCODED.finditer(text):
        at = match.end()
        ends.append(at)
    spans = sorted((match.end("keep"), match.end()) for secret in found for match in secret.pattern.finditer(plain))
    parts, position, done = [], 0, 0
    for start, end in spans:
        if end > done:
            first = max(start, done)
            parts += [text[position : ends[first - 1] if first else 0], "*" * (end - first)]
            position, done = ends[end - 1], end
    return "".join((*parts, text[position:]))


def scrub_wide(text: str, rules: Rules) -> str:
    """A whole text without the secrets whose patterns may begin before their values."""
    for secret in rules.wide_secrets:
        text = secret.pattern.sub(_starred, text)
    return text


def _stands(secret: ruleset.Secret, text: str) -> bool:
    """Whether a secret stands in a text; not where it was scrubbed, whatever its pattern says to asterisks."""
    if not secret.wide:
        return secret.pattern.search(text) is not None
    return any(match.group().removeprefix(match.group("keep")).strip("*") for match in secret.pattern.finditer(text))


def _starred(match: re.Match[str]) -> str:
    kept = match.group("keep")
    return kept + "*" * (len(match.group()) - len(kept))


def scan(
    text: str, rules: Rules, *, is_real: Callable[[str], bool], credentials: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """What of a secret or a minted id still stands in a text: as it is, or in any encoding that `readings` undoes."""
    scanner, watched = _scanner(rules.secrets), _watched(credentials)
    # Asked of the whole first: most texts have no credential as it is, and most lines are nothing but what they say.
    anywhere, has_pem = watched.stand_in(text), PEM in text
    lines = text.split("\n")
    doubtful = scanner.doubtful(lines, is_real)
    if not doubtful and not anywhere and not has_pem:
        return
    for number, line in enumerate(lines, start=1):
        is_pem = has_pem and PEM in line
        if not is_pem and not anywhere and line not in doubtful:
            continue
        seen = scanner.readings(line.rstrip() + _below(lines, number) if is_pem else line)
        found = dict.fromkeys(thing for reading in seen for thing in reading.real_things(is_real))
        if anywhere or is_pem or (credentials and len(seen) > 1):
            found |= dict.fromkeys(watched.findings(seen))
        for each in found:
            yield replace(each, line=number)


def _below(lines: list[str], number: int) -> str:
    """The first line of what is behind the head of a key; another writer than ours has an empty line before it."""
    for line in lines[number : number + 2]:
        if KEY_LINE.fullmatch(line):
            return line.strip()
    return ""


class _ReadLine:
    """One reading of a line, searched once for whatever may be a secret or an id."""

    __slots__ = ("encoding", "plain", "secrets", "words")

    def __init__(self, encoding: str, plain: str, secrets: tuple[ruleset.Secret, ...]) -> None:
        self.encoding, self.plain = encoding, plain
        self.secrets = tuple(secret.name for secret in near(plain, secrets) if _stands(secret, plain))
        self.words = tuple(shapes.words(plain))

    def real_things(self, is_real: Callable[[str], bool]) -> Iterator[Finding]:
        for name in self.secrets:
            yield Finding(name, self.encoding)
        if any(map(is_real, self.words)):
            yield from (
                Finding.real_id(piece, self.encoding) for piece in shapes.pieces(self.plain) if is_real(piece.text)
            )


class _Scanner:
    """Looks through lines for some secrets. Nothing in a line depends on its session: what was seen is remembered."""

    def __init__(self, secrets: tuple[ruleset.Secret, ...]) -> None:
        self._secrets = secrets
        self._remembered = lru_cache(guesses.REMEMBERED)(self._read)
        self._words = lru_cache(guesses.REMEMBERED)(self._words_of)

    def readings(self, line: str) -> tuple[_ReadLine, ...]:
        """All readings of a line."""
        return self._remembered(line) if len(line) <= SHORT else self._read(line)

    def doubtful(self, lines: Sequence[str], is_real: Callable[[str], bool]) -> frozenset[str]:
        """The lines that may hold something: a secret by its form, what is real, or what only another reading shows."""
        words = [self._words(line) if len(line) <= SHORT else self._words_of(line) for line in lines]
        more = frozenset(line for line, found in zip(lines, words, strict=True) if found is None)
        plain = set(chain.from_iterable(filter(None, words)))
        if not any(map(is_real, plain)):
            return more
        return more | {line for line, found in zip(lines, words, strict=True) if found and any(map(is_real, found))}

    def _words_of(self, line: str) -> tuple[str, ...] | None:
        """What in a line may be an id; None where there is more in it than that."""
        raw, *others = self.readings(line)
        return None if others or raw.secrets else raw.words

    def _read(self, line: str) -> tuple[_ReadLine, ...]:
        found = [_ReadLine("raw", line, self._secrets)]
        found += [_ReadLine(encoding, plain, self._secrets) for encoding, plain in readings(line)]
        return tuple(found)


_scanner = guesses.for_secrets(_Scanner)


class _Credentials:
    """Credentials by all their spellings, looked for in readings of lines."""

    def __init__(self, credentials: frozenset[str]) -> None:
        self._plain = Watch(credentials)
        self._spelled = {spelling: (one, "base64") for one in credentials for spelling in _in_base64(one)}
        self._spelled |= {digits: (one, "hexadecimal") for one in credentials for digits in spelled(one)[1:]}
        self._encoded = Watch(self._spelled)

    def stand_in(self, text: str) -> bool:
        """Whether any of them stands in a whole text, in any of its spellings."""
        return any(True for watch in (self._plain, self._encoded) for _ in watch.found_in(text))

    def findings(self, seen: tuple[_ReadLine, ...]) -> Iterator[Finding]:
        """Each credential once, in the first reading that shows it."""
        shown: set[str] = set()
        for reading in seen:
            for credential, encoding in self._shown_in(reading):
                if credential not in shown:
                    shown.add(credential)
                    yield Finding("the client's credential", encoding)

    def _shown_in(self, reading: _ReadLine) -> Iterator[tuple[str, str]]:
        """What a reading shows, and in which encoding."""
        yield from ((one, reading.encoding) for one in self._plain.found_in(reading.plain))
        for spelling in self._encoded.found_in(reading.plain):
            credential, encoding = self._spelled[spelling]
            yield credential, encoding if reading.encoding == "raw" else f"{reading.encoding}, {encoding}"


@lru_cache(4)
def _watched(credentials: frozenset[str]) -> _Credentials:
    return _Credentials(credentials)


@lru_cache(64)
def _in_base64(credential: str) -> frozenset[str]:
    """How a credential stands in any base64, whatever is around it: without the characters that its neighbours share.

    Readings show what is printable ASCII; a password need not be.
    """
    if credential.isascii() and credential.isprintable():
        return frozenset()
    raw = credential.encode("utf-8", "surrogateescape")
    found = set()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        inner = whole[before + (before > 0) : len(whole) if (before + len(raw)) % 3 == 0 else -1]
        found |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return frozenset(found)
