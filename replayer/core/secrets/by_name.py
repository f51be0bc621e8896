"""Credentials by the name that they stand under: headers, cookies, parameters and fields, in any message.

Their form tells nothing, so their place must: `password=...` of a form, `access_token` of JSON, `X-Api-Key`. What is a
placeholder is none; where a name is everybody's word ("token"), the value must look random as well.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from replayer.core.message import Request, Response, bodies, instants, leaves, wire
from replayer.core.rules import generic
from replayer.core.secrets.decodings import STREAM, inflated
from replayer.core.secrets.guesses import (
    COOKIES,
    EVERYBODYS,
    HEADERS,
    OF_A_COUNTER,
    OF_A_LOGIN,
    PASSWORDS,
    SEARCHED,
    UNFORGED,
    is_placeholder,
    names_credential,
    plain_name,
)

LEAST = 4  # characters: nobody's password is shorter
SURE = 8  # characters of a key or a token: one of two letters would be "found" in every text
PROOF = re.compile(r'\bresponse="([^"]+)"')
PART = re.compile(rb'name="([^"\r\n]+)"\r?\n\r?\n([^\r\n]+)')  # a field of a form in parts
FORM = re.compile(r"[\w.\[\]%-]+=[^&\s]*(?:&[\w.\[\]%-]+=[^&\s]*)*")
STEMS = tuple(sorted(name.encode() for name in SEARCHED if not any(other in name for other in SEARCHED - {name})))


Span = tuple[int, int]
"""Where in a text something begins and ends."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A credential, the name that it stands under, and the text that it stands in."""

    name: str
    value: str
    text: str


def exposed(message: Request | Response) -> Iterator[Exposed]:
    """The credentials of a message, each as it stands there, decoded."""
    asked = isinstance(message, Request)
    for name, value in message.headers:
        yield from _in_header(name, value)
    fields = list(_fields(message.headers, message.body))
    if isinstance(message, Request):
        fields += [(pair.key.rpartition("[")[2].rstrip("]"), pair.value) for pair in bodies.pairs(message.query)]
    for name, value in fields:
        if _is_credential(plain_name(name), value, asked=asked):
            yield Exposed(name, value, value)
        yield from _in_text(value)


def in_credentials(name: str, text: str) -> Iterator[str]:
    """What of a text that stands under that name is there as a credential: all of it, or parameters of its links."""
    if names_credential(name):
        yield text
    if "=" in text:
        found = leaves.PARAMETER.finditer(text)
        yield from (unquote(match["value"]) for match in found if names_credential(unquote(match["name"])))
    yield from (value for inner, value, _ in leaves.named_values(text) if names_credential(inner))


def spans(name: str, text: str) -> Iterator[Span]:
    """Where the credentials stand in a text of an answer that stands under that name, a header's or a field's."""
    if name.lower() in COOKIES:
        for cookie, value in _in_cookies(text.split(";") if name.lower() == "cookie" else text.split(";")[:1]):
            start = text.index(value, text.index(cookie))
            yield start, start + len(value)
    elif _is_credential(plain_name(name), text, asked=False) or (plain_name(name) in HEADERS and _is_key(text)):
        yield 0, len(text)
    else:
        yield from (span for _, _, span in _members(text))


@lru_cache(256)  # most requests of a client have the same headers
def credentials_of(headers: wire.Headers) -> frozenset[str]:
    """The secrets that a request brings to show who it is from."""
    found: set[str] = set()
    for name, value in headers:
        if "authorization" in name.lower():
            found |= credentials_in(value)
        else:
            found |= {shown for shown in _shown_in_header(name, value) if len(shown) >= SURE}
    return frozenset(found)


def credentials_in(authorization: str) -> frozenset[str]:
    """The secrets that an `Authorization` header carries: the token itself, with or without a scheme; of Basic also
    the password inside it, or the user where there is none worth the name, which is how API keys travel; of Digest the
    proof."""
    scheme, _, rest = authorization.strip().partition(" ")
    found = {rest.strip() or scheme}
    if scheme.lower() == "basic":
        user, _, password = _decoded(rest.strip()).partition(":")
        found.add(password if len(password) >= SURE else user)
    if scheme.lower() == "digest":
        found |= set(PROOF.findall(rest))
    return frozenset(secret for secret in found if len(secret) >= SURE)


def _shown_in_header(name: str, value: str) -> Iterator[str]:
    """The credentials that a request's header is there for, cookies among them; not what links in it carry, nor a
    token against forged requests: that opens nothing without the cookie beside it."""
    if plain_name(name) in UNFORGED:
        return
    if name.lower() in COOKIES or names_credential(name):
        yield from (one.value for one in _in_header(name, value))


def _in_header(name: str, value: str) -> Iterator[Exposed]:
    plain = plain_name(name)
    if name.lower() in COOKIES:
        whole = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
        yield from (Exposed(name, secret, cookie) for cookie, secret in _in_cookies(whole))
    elif "authorization" in plain:
        if (secret := _shown(value)) and len(secret) >= LEAST:
            yield Exposed(name, secret, value)
    elif plain in HEADERS:
        if _is_key(value):
            yield Exposed(name, value.strip(), value)
    elif _is_credential(plain, value.strip(), asked=True):
        yield Exposed(name, value.strip(), value)
    else:
        yield from _in_text(value)


def _shown(authorization: str) -> str:
    """What an `Authorization` of any scheme shows; empty where it is a placeholder."""
    scheme, _, rest = authorization.strip().partition(" ")
    secret = rest.strip() or scheme
    inside = _decoded(secret) if scheme.lower() == "basic" else ""
    return "" if all(map(is_placeholder, inside.split(":", 1) if inside else [secret])) else secret


def _decoded(run: str) -> str:
    """The text behind base64, either alphabet; empty where it is none."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:  # no base64, or of no text
        return ""


def _in_cookies(cookies: Iterable[str]) -> Iterator[tuple[str, str]]:
    for cookie in cookies:
        name, _, value = cookie.strip().partition("=")
        value = value.strip('"')
        if (
            is_placeholder(value)
            or OF_A_COUNTER.match(name)
            or value.isdecimal()
            or instants.read_any(value, quoted=True)
        ):
            continue
        if generic.CREDENTIAL.match(value) or (len(value) >= SURE and OF_A_LOGIN.search(name)):
            yield cookie, value


def _fields(headers: wire.Headers, raw: bytes) -> Iterator[tuple[str, str]]:
    """The named values of a body in which there is anything by one of the names at all."""
    if STREAM.match(raw):  # packed, though no header says so
        raw = inflated(raw) or raw
    plain = raw.lower().translate(None, b"-_")
    if not any(stem in plain for stem in STEMS) and b"\0" not in raw:  # UTF-16 has a zero for every other letter
        return
    body = bodies.read(headers, raw)
    if body.text is None:
        for name, value in PART.findall(raw) if body.kind is bodies.BodyKind.MULTIPART else ():
            yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        return
    is_form = body.kind is bodies.BodyKind.TEXT and FORM.fullmatch(body.text.strip())  # which nobody called one
    for leaf in leaves.form_leaves(body.text.strip()) if is_form else leaves.leaves(body):
        if leaf.quoted:
            yield leaf.key, leaf.value


def _in_text(text: str) -> Iterator[Exposed]:
    return (Exposed(name, value, value) for name, value, _ in _members(text))


def _members(text: str) -> Iterator[tuple[str, str, Span]]:
    """The credentials in the parameters of links, in JSON and in XML that a text has in it: the name of each, its value
    decoded, and where that stands."""
    for name, value, start in leaves.named_values(text):
        if _is_credential(plain_name(name), value, asked=False):
            yield name, value, (start, start + len(value))
    for match in leaves.PARAMETER.finditer(text) if "=" in text else ():
        name, value = unquote(match["name"]), unquote_plus(match["value"])
        if _is_credential(plain_name(name), value, asked=False):
            yield name, value, match.span("value")


def _is_key(value: str) -> bool:
    return len(value.strip()) >= SURE and not is_placeholder(value)


def _is_credential(name: str, value: str, *, asked: bool) -> bool:
    if name not in SEARCHED or is_placeholder(value):
        return False
    if name in PASSWORDS:  # in an answer words are about it: "must be longer"
        return len(value) >= LEAST and (asked or not re.search(r"\s", value))
    if name in EVERYBODYS:
        return generic.CREDENTIAL.match(value) is not None
    return len(value) >= SURE and not re.search(r"\s", value) and (asked or re.search("[0-9]", value) is not None)
