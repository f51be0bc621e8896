"""Scrubbing takes secrets out for ever, before anything is written; the scan afterwards trusts nobody."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from replayer.core.interaction import Headers
from replayer.core.recognisers import pieces
from replayer.core.rules import Rules

MIN_SECRET = 8  # a credential of one or two letters would be "found" in every text
BASE64_RUNS = (re.compile(r"[0-9A-Za-z+/]{16,}={0,2}"), re.compile(r"[0-9A-Za-z_-]{16,}={0,2}"))


def scrub(text: str, rules: Rules, credentials: frozenset[str]) -> str:
    """The text without secrets: known forms keep their telling prefix, the rest becomes asterisks."""
    for secret in rules.secrets:
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
    values = [value for name, value in headers if name.lower() in ("authorization", "proxy-authorization")]
    return frozenset(secret for value in values for secret in credentials_in(value))


def credentials_in(authorization: str) -> frozenset[str]:
    """The secrets that an `Authorization` header carries: the token itself, with or without a scheme; of Basic also
    the password inside it, or the user where there is none worth the name, which is how API keys travel."""
    scheme, _, rest = authorization.strip().partition(" ")
    found = {rest.strip() or scheme}
    if scheme.lower() == "basic":
        user, _, password = _decoded(rest.strip()).partition(":")
        found.add(password if len(password) >= MIN_SECRET else user)
    return frozenset(secret for secret in found if len(secret) >= MIN_SECRET)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something real in a text, by its kind, its encoding and its place; never by its value."""

    what: str
    encoding: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" + ("" if self.encoding == "raw" else f" ({self.encoding}-encoded)")


def scan(
    text: str, rules: Rules, *, is_real: Callable[[str], bool], credentials: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """What of a secret or a minted id still stands in a text: as it is, percent-encoded, or in base64."""
    for number, line in enumerate(text.split("\n"), start=1):
        for encoding, plain in _readings(line):
            for what in _real_things(plain, rules, is_real, credentials):
                yield Finding(what, encoding, number)


def _readings(line: str) -> Iterator[tuple[str, str]]:
    yield "raw", line
    if "%" in line:
        yield "percent", unquote(line, errors="replace")
    for run in {run for alphabet in BASE64_RUNS for run in alphabet.findall(line)}:
        decoded = _decoded(run)
        if decoded:
            yield "base64", decoded


def _decoded(run: str) -> str:
    """The text behind base64, either alphabet; empty where it is none."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _real_things(
    plain: str, rules: Rules, is_real: Callable[[str], bool], credentials: frozenset[str]
) -> Iterator[str]:
    for secret in rules.secrets:
        if secret.pattern.search(plain):
            yield secret.name
    if any(credential in plain for credential in credentials):
        yield "the client's credential"
    for piece in pieces(plain):
        if is_real(piece.text):
            yield f"an id of the upstream ({piece.text.rpartition('_')[0] or piece.shape}_...)"
