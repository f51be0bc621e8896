"""Credentials by the name that they stand under: headers, cookies, parameters and fields, in any message.

Their form tells nothing, so their place must: `password=...` of a form, `access_token` of JSON, `X-Api-Key`. What is a
placeholder is none; where a name is everybody's word ("token"), the value must look random as well.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from replayer.core.message import Request, Response, bodies, instants, leaves, wire
from replayer.core.rules import generic
from replayer.core.secrets.authorization import SURE as SURE
from replayer.core.secrets.authorization import credentials_in as credentials_in
from replayer.core.secrets.authorization import shown_by
from replayer.core.secrets.decodings import narrow, unpacked
from replayer.core.secrets.guesses import (
    COOKIES,
    EVERYBODYS,
    HEADERS,
    OF_A_COUNTER,
    OF_A_LOGIN,
    PASSWORDS,
    REMEMBERED,
    SEARCHED,
    SHORT,
    UNFORGED,
    is_placeholder,
    is_searched,
    names_credential,
    plain_name,
)
from replayer.core.secrets.paths import in_path as in_path

DROPPED = {ord("-"): None, ord("_"): None}
ZERO = "0"  # what stands for a number in JSON, where asterisks would be none
LEAST = 4  # characters: nobody's password is shorter
PART = re.compile(rb'name="([^"\r\n]+)"\r?\n\r?\n([^\r\n]+)')  # a field of a form in parts
FORM = re.compile(r"[\w.\[\]%-]+=[^&\s]*(?:&[\w.\[\]%-]+=[^&\s]*)*")
STEMS = (*sorted(name for name in SEARCHED if not any(other in name for other in SEARCHED - {name})), "cookie")
# What shows in a long line that a stem is a part of a name: behind it what parts a name from its value; or before it
# `"name": "`, or an element of XML that begins, whose attributes may be long.
BEHIND = re.compile(r"""[\w.\[\]%]{0,64}(?:[\\"'\s\]]|&#?\w{1,8};){0,16}[:=>]""")
BEFORE = re.compile(r"""(?:(?:name|key|field)[\\"'\s]{0,12}[:=][\\"'\s]{0,12}|<(?:\w{1,32}:)?)[\w.\[\]%]{0,64}$""")
REACH = 128  # characters before a stem that are looked at
MANY = 1000  # stems in one line; of one that has more, it is not asked any longer
STEP = re.compile(r"[.\[\]]+")
# What stands under `value` is what its object is called: `{"access_token": {"value": ...}}`, `{"name": "api_key"}`.
VALUES = frozenset({"value", "values", "raw", "plain", "plaintext", "content", "text", "data", "current", "string"})
NAMING = ("name", "key", "field")
QUOTE = r"""(?:\\{0,7}["']|&quot;|&apos;|&#3[49];|&#[xX]2[27];)"""
# `access_token: x`, `{'access_token': 'x'}` and `api_key=x` in prose, in a log line, in the HTML of a page.
LOOSE = re.compile(
    rf"(?<![\w.-])(?P<name>_?[A-Za-z][\w.-]{{1,40}}){QUOTE}?\s{{0,3}}[:=]\s{{0,3}}{QUOTE}?(?P<value>[^\s\"'\\<>,;&{{}}\[\]()]{{4,}})"
)

Names = frozenset[str]
"""Plain names of fields that a user has declared to hold secrets, whatever stands there."""
NO_NAMES: Names = frozenset()
Span = tuple[int, int]
"""Where in a text something begins and ends."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A credential, the name that it stands under, and the text that it stands in."""

    name: str
    value: str
    text: str


def exposed(message: Request | Response, more: Names = NO_NAMES) -> Iterator[Exposed]:
    """The credentials of a message, each as it stands there, decoded. `more` are the fields that a user declared."""
    asked = isinstance(message, Request)
    for name, value in message.headers:
        yield from _in_short_header(name, value, more) if len(value) <= SHORT else _in_header(name, value, more)
    fields = list(_fields(message.headers, message.body, more))
    if isinstance(message, Request):
        fields += [(called(leaf, more), leaf.value) for leaf in leaves.form_leaves(message.query)]
        yield from (Exposed(name, value, value) for name, value in in_path(message.path))
    for name, value in fields:
        if _is_credential(plain_name(name), value, asked=asked, more=more):
            yield Exposed(name, value, value)
        else:
            yield from _in_text(value, more)


def may_hold(leaf: leaves.Leaf, more: Names = NO_NAMES) -> bool:
    """Whether there is anything by one of the names in a leaf: it stands under one, or its text has one in it."""
    name = called(leaf, more)
    return (
        names_credential(name) or name.lower() in COOKIES or plain_name(name) in more or may_stand_in(leaf.value, more)
    )


def may_stand_in(text: str, more: Names = NO_NAMES) -> bool:
    """Whether there is anything in a text by one of the names: asked of the whole, hardly a leaf has to be read."""
    if any(_names_one(line) if len(line) <= SHORT else _named_in(line) for line in text.split("\n")):
        return True
    return bool(more) and any(name in text.lower().translate(DROPPED) for name in more)


def _named_in(line: str) -> bool:
    plain = line.lower().translate(DROPPED)
    found = [stem for stem in STEMS if stem in plain]
    return bool(found) and (len(line) <= SHORT or any(_stands_as_name(plain, stem) for stem in found))


def _stands_as_name(plain: str, stem: str) -> bool:
    """Whether a part of a name stands where names do. In a long line it may be anything: of the letters that chance
    makes, every few thousand are `sig`."""
    at = plain.find(stem)
    for _ in range(MANY):
        if at < 0:
            return False
        if BEHIND.match(plain, at + len(stem)) or BEFORE.search(plain, max(0, at - REACH), at):
            return True
        at = plain.find(stem, at + 1)
    return True


_names_one = lru_cache(REMEMBERED)(_named_in)  # most lines were met before


def leaf_spans(leaf: leaves.Leaf, more: Names = NO_NAMES, *, asked: bool = False) -> list[Span]:
    """Where the credentials stand in a leaf of a message, a value of its query or a header."""
    name = called(leaf, more)
    if leaf.quoted or plain_name(name) in more:
        return sorted(spans(name, leaf.value, more, asked=asked))
    return []


def called(leaf: leaves.Leaf, more: Names = NO_NAMES) -> str:
    """What a leaf is called: by its own name; by that of the object around it, where its own is everybody's."""
    plain = plain_name(leaf.key)
    if is_searched(plain) or not (more or plain in VALUES) or not leaf.place:
        return leaf.key
    steps = [step for step in STEP.split(leaf.place.replace("\\", "")) if step and not step.isdecimal()]
    if more and (declared := [step for step in steps if plain_name(step) in more]):
        return declared[-1]
    if plain not in VALUES:
        return leaf.key
    if len(steps) > 1 and is_searched(plain_name(steps[-2])):
        return steps[-2]
    beside = (leaf.node.string(name) for name in NAMING) if leaf.node else ()
    return next((name for name in beside if name and is_searched(plain_name(name))), leaf.key)


def in_credentials(name: str, text: str) -> Iterator[str]:
    """What of a text that stands under that name is there as a credential: all of it, or parameters of its links."""
    if names_credential(name):
        yield text
    if "=" in text:
        found = leaves.PARAMETER.finditer(text)
        yield from (unquote(match["value"]) for match in found if names_credential(unquote(match["name"])))
    yield from (value for inner, value, _ in leaves.named_values(text) if names_credential(inner))


def spans(name: str, text: str, more: Names = NO_NAMES, *, asked: bool = False) -> Iterator[Span]:
    """Where the credentials stand in a text that stands under that name, a header's or a field's."""
    if name.lower() in COOKIES:
        for cookie, value in _in_cookies(text.split(";") if name.lower() == "cookie" else text.split(";")[:1]):
            start = text.index(value, text.index(cookie))
            yield start, start + len(value)
    elif _is_credential(plain_name(name), text, asked=asked, more=more) or (
        plain_name(name) in HEADERS and _is_key(text)
    ):
        yield 0, len(text)
    else:
        yield from (span for _, _, span in _members(text, more))


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


def _shown_in_header(name: str, value: str) -> Iterator[str]:
    """The credentials that a request's header is there for, cookies among them; not what links in it carry, nor a
    token against forged requests: that opens nothing without the cookie beside it."""
    if plain_name(name) in UNFORGED:
        return
    if name.lower() in COOKIES or names_credential(name):
        yield from (one.value for one in _in_header(name, value))


def _in_header(name: str, value: str, more: Names = NO_NAMES) -> Iterator[Exposed]:
    plain = plain_name(name)
    if name.lower() in COOKIES:
        whole = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
        yield from (Exposed(name, secret, cookie) for cookie, secret in _in_cookies(whole))
    elif "authorization" in plain:
        if (secret := shown_by(value)) and len(secret) >= LEAST:
            yield Exposed(name, secret, value)
    elif plain in HEADERS:
        if _is_key(value):
            yield Exposed(name, value.strip(), value)
    elif _is_credential(plain, value.strip(), asked=True, more=more):
        yield Exposed(name, value.strip(), value)
    else:
        yield from _in_text(value, more)


@lru_cache(4096)  # most headers of a message are those of the one before
def _in_short_header(name: str, value: str, more: Names) -> tuple[Exposed, ...]:
    return tuple(_in_header(name, value, more))


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


def _fields(headers: wire.Headers, raw: bytes, more: Names = NO_NAMES) -> Iterator[tuple[str, str]]:
    """The named values of a body in which there is anything by one of the names at all."""
    if plain := unpacked(raw):  # packed, though no header says so
        headers, raw = (), plain
    if b"\0" in raw and bodies.read(headers, raw).json is None:  # UTF-16, though no header says so
        headers, raw = (), narrow(raw)
    if not may_stand_in(raw.decode("latin-1"), more) and b"\0" not in raw:
        return
    body = bodies.read(headers, raw)
    if body.text is None:
        for name, value in PART.findall(raw) if body.kind is bodies.BodyKind.MULTIPART else ():
            yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        return
    for leaf in leaves_of(body):
        if leaf.quoted or plain_name(leaf.key) in more:
            yield called(leaf, more), leaf.value


def leaves_of(body: bodies.Body) -> list[leaves.Leaf]:
    """The leaves of a body, also of a form that nobody called one."""
    is_form = body.kind is bodies.BodyKind.TEXT and FORM.fullmatch((body.text or "").strip())
    return leaves.form_leaves((body.text or "").strip()) if is_form else leaves.leaves(body)


def _in_text(text: str, more: Names = NO_NAMES) -> Iterator[Exposed]:
    return (Exposed(name, value, value) for name, value, _ in _members(text, more))


def _members(text: str, more: Names = NO_NAMES) -> Iterator[tuple[str, str, Span]]:
    """The credentials in the parameters of links, in JSON, in XML and in prose that a text has in it: the name of each,
    its value decoded, and where that stands. None of them overlaps another."""
    end = 0
    for name, value, (start, stop) in sorted(_candidates(text, more), key=lambda each: each[2]):
        if start >= end:
            yield name, value, (start, stop)
            end = stop


def _candidates(text: str, more: Names) -> Iterator[tuple[str, str, Span]]:
    for name, value, start in leaves.named_values(text):
        if _is_credential(plain_name(name), value, asked=False, more=more):
            yield name, value, (start, start + len(value))
    for match in leaves.PARAMETER.finditer(text) if "=" in text else ():
        name, value = unquote(match["name"]), unquote_plus(match["value"])
        if _is_credential(plain_name(name), value, asked=False, more=more):
            yield name, value, match.span("value")
    for match in LOOSE.finditer(text) if ":" in text or "=" in text else ():
        name, value = plain_name(match["name"]), match["value"].rstrip(".!?")
        plainly = name in more or (is_searched(name) and _is_plainly(value))
        if plainly and not value.startswith("//") and _is_credential(name, value, asked=False, more=more):
            yield match["name"], value, (match.start("value"), match.start("value") + len(value))


def _is_plainly(value: str) -> bool:
    """Whether what stands behind a name in prose is more than another word of it."""
    return len(value) >= SURE and re.search("[0-9]", value) is not None and not instants.read_any(value, quoted=True)


def _is_key(value: str) -> bool:
    return len(value.strip()) >= SURE and not is_placeholder(value)


def _is_credential(name: str, value: str, *, asked: bool, more: Names = NO_NAMES) -> bool:
    if name in more:
        return value != ZERO and bool(value.strip("*"))
    if not is_searched(name) or is_placeholder(value):
        return False
    if name in PASSWORDS:  # in an answer words are about it: "must be longer"
        return len(value) >= LEAST and (asked or not re.search(r"\s", value))
    if name in EVERYBODYS or name not in SEARCHED:
        return (asked and _ends_a_password(name, value)) or _is_random(value)
    return len(value) >= SURE and not re.search(r"\s", value) and (asked or re.search("[0-9]", value) is not None)


def _ends_a_password(name: str, value: str) -> bool:
    return name not in EVERYBODYS and name.endswith("password") and len(value) >= LEAST


def _is_random(value: str) -> bool:
    return generic.CREDENTIAL.match(value) is not None
