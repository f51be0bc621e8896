"""Scrubbing takes secrets out for ever, before anything is written; the scan afterwards trusts nobody."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from replayer.core.message import shapes
from replayer.core.rules import Rules, ruleset
from replayer.core.secrets.decodings import readings
from replayer.core.secrets.findings import Finding
from replayer.core.secrets.guesses import near, spelled

SHORT = 200  # characters: most lines of a cassette are shorter, and the same in every entry
PEM = "PRIVATE KEY-----"  # what it announces stands below it, where the text is no JSON
KEY_LINE = re.compile(r"\s*[0-9A-Za-z+/=]{32,}\s*")
REMEMBERED = 16_384  # short lines whose readings are known


def scrub(text: str, rules: Rules, credentials: frozenset[str]) -> str:
    """The text without secrets: known forms keep their telling prefix, the rest becomes asterisks."""
    for secret in near(text, rules.secrets):
        text = secret.pattern.sub(_starred, text)
    for credential in sorted(credentials, key=len, reverse=True):  # the longest first: one may stand inside another
        for each in spelled(credential):
            if each in text:
                text = text.replace(each, "*" * len(each))
    return text


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
    scanner = _scanner(rules.secrets)
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if PEM in line:
            line = line.rstrip() + _below(lines, number)
        seen = scanner.known(line) if len(line) <= SHORT else scanner.look(line)
        found = dict.fromkeys(thing for one in seen for thing in one.real_things(is_real))
        if credentials:
            found |= dict.fromkeys(_credentials_in(seen, credentials))
        for one in found:
            yield replace(one, line=number)


def _below(lines: list[str], number: int) -> str:
    """The first line of what is behind the head of a key; another writer than ours has an empty line before it."""
    for line in lines[number : number + 2]:
        if KEY_LINE.fullmatch(line):
            return line.strip()
    return ""


class _ReadLine:
    """One reading of a line, searched once for whatever may be a secret or an id."""

    __slots__ = ("encoding", "pieces", "plain", "secrets")

    def __init__(self, encoding: str, plain: str, secrets: tuple[ruleset.Secret, ...]) -> None:
        self.encoding, self.plain = encoding, plain
        self.secrets = tuple(secret.name for secret in near(plain, secrets) if _stands(secret, plain))
        self.pieces = tuple(shapes.pieces(plain))

    def real_things(self, is_real: Callable[[str], bool]) -> Iterator[Finding]:
        for name in self.secrets:
            yield Finding(name, self.encoding)
        for piece in self.pieces:
            if is_real(piece.text):
                yield Finding.real_id(piece, self.encoding)


class _Scanner:
    """Looks through lines for some secrets. Nothing in a line depends on its session: what was seen is remembered."""

    def __init__(self, secrets: tuple[ruleset.Secret, ...]) -> None:
        self._secrets = secrets
        self.known = lru_cache(REMEMBERED)(self.look)

    def look(self, line: str) -> tuple[_ReadLine, ...]:
        """Those readings of a line in which there is anything at all."""
        found = [_ReadLine("raw", line, self._secrets)]
        found += [_ReadLine(encoding, plain, self._secrets) for encoding, plain in readings(line)]
        return tuple(found)


@lru_cache(8)
def _scanner(secrets: tuple[ruleset.Secret, ...]) -> _Scanner:
    return _Scanner(secrets)


def _credentials_in(seen: tuple[_ReadLine, ...], credentials: frozenset[str]) -> Iterator[Finding]:
    """Each credential once, in the first reading that shows it."""
    for credential in credentials:
        found = next(filter(None, (_encoding_of(credential, reading) for reading in seen)), "")
        if found:
            yield Finding("the client's credential", found)


def _encoding_of(credential: str, reading: _ReadLine) -> str:
    """In which encoding a reading shows a credential; empty where it does not."""
    if credential in reading.plain:
        return reading.encoding
    if any(each in reading.plain for each in spelled(credential)):
        return "hexadecimal" if reading.encoding == "raw" else f"{reading.encoding}, hexadecimal"
    if any(spelling in reading.plain for spelling in _in_base64(credential)):
        return "base64" if reading.encoding == "raw" else f"{reading.encoding}, base64"
    return ""


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
