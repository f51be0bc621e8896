"""Scrubbing takes secrets out for ever, before anything is written; the scan afterwards trusts nobody."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from replayer.core.message.headers import Headers
from replayer.core.message.shapes import Piece, pieces
from replayer.core.rules.registry import Rules, Secret
from replayer.core.secrets.by_name import shown_in_header
from replayer.core.secrets.decodings import readings
from replayer.core.secrets.findings import Finding, Kind

MIN_SECRET = 8  # a credential of one or two letters would be "found" in every text
SHORT = 200  # characters: most lines of a cassette are shorter, and the same in every entry
PEM = "PRIVATE KEY-----"  # what it announces stands below it, where the text is no JSON
KEY_LINE = re.compile(r"\s*[0-9A-Za-z+/=]{32,}\s*")
PROOF = re.compile(r'\bresponse="([^"]+)"')
REMEMBERED = 16_384  # short lines whose readings are known


def scrub(text: str, rules: Rules, credentials: frozenset[str]) -> str:
    """The text without secrets: known forms keep their telling prefix, the rest becomes asterisks."""
    for secret in _near(text, rules.secrets):
        text = secret.pattern.sub(_starred, text)
    for credential in sorted(credentials, key=len, reverse=True):  # the longest first: one may stand inside another
        if credential in text:
            text = text.replace(credential, "*" * len(credential))
    return text


def _starred(match: re.Match[str]) -> str:
    kept = match.group("keep")
    return kept + "*" * (len(match.group()) - len(kept))


def credentials_of(headers: Headers) -> frozenset[str]:
    """The secrets that a request brings to show who it is from."""
    found: set[str] = set()
    for name, value in headers:
        if "authorization" in name.lower():
            found |= credentials_in(value)
        else:
            found |= {shown for shown in shown_in_header(name, value) if len(shown) >= MIN_SECRET}
    return frozenset(found)


def credentials_in(authorization: str) -> frozenset[str]:
    """The secrets that an `Authorization` header carries: the token itself, with or without a scheme; of Basic also
    the password inside it, or the user where there is none worth the name, which is how API keys travel; of Digest the
    proof."""
    scheme, _, rest = authorization.strip().partition(" ")
    found = {rest.strip() or scheme}
    if scheme.lower() == "basic":
        user, _, password = _decoded(rest.strip()).partition(":")
        found.add(password if len(password) >= MIN_SECRET else user)
    if scheme.lower() == "digest":
        found |= set(PROOF.findall(rest))
    return frozenset(secret for secret in found if len(secret) >= MIN_SECRET)


def _decoded(run: str) -> str:
    """The text behind base64, either alphabet; empty where it is none."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


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
        told = dict.fromkeys(what for one in seen for what in one.real_things(is_real))
        if credentials:
            told |= dict.fromkeys(_credentials_in(seen, credentials))
        for what, encoding, kind in told:
            yield Finding(what, encoding, number, kind)


def spells_secret(number: str, rules: Rules) -> bool:
    """Whether a hexadecimal number is a secret's text in disguise."""
    try:
        text = bytes.fromhex(number).decode("ascii")
    except ValueError:
        return False
    return any(secret.pattern.search(text) for secret in _near(text, rules.secrets))


def _below(lines: list[str], number: int) -> str:
    """The first line of what is behind the head of a key; another writer than ours has an empty line before it."""
    for line in lines[number : number + 2]:
        if KEY_LINE.fullmatch(line):
            return line.strip()
    return ""


_Told = tuple[str, str, Kind]


class _Reading:
    """One reading of a line, searched once for whatever may be a secret or an id."""

    __slots__ = ("encoding", "pieces", "plain", "secrets")

    def __init__(self, encoding: str, plain: str, secrets: tuple[Secret, ...]) -> None:
        self.encoding, self.plain = encoding, plain
        self.secrets = tuple(secret.name for secret in _near(plain, secrets) if secret.pattern.search(plain))
        self.pieces = tuple(pieces(plain))

    def real_things(self, is_real: Callable[[str], bool]) -> Iterator[_Told]:
        for name in self.secrets:
            yield name, self.encoding, Kind.SECRET
        for piece in self.pieces:
            if is_real(piece.text):
                yield f"an id of the upstream ({kind_of(piece)}_...)", self.encoding, Kind.REAL_ID


class _Scanner:
    """Looks through lines for some secrets. Nothing in a line depends on its session: what was seen is remembered."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        self._secrets = secrets
        self.known = lru_cache(REMEMBERED)(self.look)

    def look(self, line: str) -> tuple[_Reading, ...]:
        """Those readings of a line in which there is anything at all."""
        found = [_Reading("raw", line, self._secrets)]
        found += [_Reading(encoding, plain, self._secrets) for encoding, plain in readings(line)]
        return tuple(found)


def _near(text: str, secrets: tuple[Secret, ...]) -> list[Secret]:
    """Those of the secrets that may stand in a text, by their signs."""
    near = [number for sign, number in _signs(secrets) if sign in text]
    return [secrets[number] for number in sorted(set(near))] if near else []


@lru_cache(8)
def _signs(secrets: tuple[Secret, ...]) -> tuple[tuple[str, int], ...]:
    """Each sign with the number of its secret. The empty text is one of whatever has none: it stands everywhere."""
    return tuple((sign, number) for number, secret in enumerate(secrets) for sign in secret.signs or ("",))


@lru_cache(8)
def _scanner(secrets: tuple[Secret, ...]) -> _Scanner:
    return _Scanner(secrets)


def kind_of(piece: Piece) -> str:
    """What an id is an id of, as far as it shows: `in`, `uuid`."""
    return piece.text.rpartition("_")[0] or piece.shape


def _credentials_in(seen: tuple[_Reading, ...], credentials: frozenset[str]) -> Iterator[_Told]:
    """Each credential once, in the first reading that shows it."""
    for credential in credentials:
        found = next(filter(None, (_encoding_of(credential, reading) for reading in seen)), "")
        if found:
            yield "the client's credential", found, Kind.SECRET


def _encoding_of(credential: str, reading: _Reading) -> str:
    """In which encoding a reading shows a credential; empty where it does not."""
    if credential in reading.plain:
        return reading.encoding
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
