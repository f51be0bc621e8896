"""Credentials by the name that they stand under: headers, cookies, parameters and fields, in any message.

Their form tells nothing, so their place must: `password=...` of a form, `access_token` of JSON, `X-Api-Key`. What is a
placeholder is none; where a name is everybody's word ("token"), the value must look random as well.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from replayer.core.message.body import Kind, read
from replayer.core.message.embedded import named_values
from replayer.core.message.form import pairs
from replayer.core.message.headers import Headers
from replayer.core.message.instants import read_any
from replayer.core.message.interaction import Request, Response
from replayer.core.message.leaves import form_leaves, leaves
from replayer.core.rules.generic import CREDENTIAL, CREDENTIALS
from replayer.core.secrets.decodings import STREAM, inflated
from replayer.core.secrets.placeholders import is_placeholder

LEAST = 4  # characters: nobody's password is shorter
SURE = 8  # characters of a key or a token, in a field that is called so


@lru_cache(1024)  # the same names stand in every message
def _plain(name: str) -> str:
    """A name however it is written: `X-Api-Key`, `api_key` and `apiKey` are one."""
    return name.lower().removeprefix("x-").translate({ord("-"): None, ord("_"): None})


PASSWORDS = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "newpassword", "oldpassword", "currentpassword",
        "passwordconfirmation",
    }
)  # fmt: skip
# Headers that are called as no field is.
HEADERS = frozenset(
    {
        "authorization", "proxyauthorization", "privatetoken", "vaulttoken", "shopifyaccesstoken", "googapikey",
        "ocpapimsubscriptionkey", "ddapikey", "ddapplicationkey", "figmatoken", "circletoken", "xsrftoken",
        "rapidapikey", "authkey", "gitlabtoken",
    }
)  # fmt: skip
KEYS = frozenset(
    {"accesskey", "secretaccesskey", "accesskeysecret", "clientassertion", "privatekey", "apisecret", "apppassword"}
)
NAMED = frozenset(map(_plain, CREDENTIALS)) | KEYS
WORDS = frozenset({"secret", "token", "signature", "sig", "sessionid"})  # everybody's, of those
SEARCHED = NAMED | PASSWORDS
STEMS = tuple(sorted(name.encode() for name in SEARCHED if not any(other in name for other in SEARCHED - {name})))
COOKIES = ("cookie", "set-cookie")
UNFORGED = frozenset({"csrftoken", "xsrftoken"})
OF_A_LOGIN = re.compile(r"sess|sid\b|auth|token|csrf|xsrf|jwt|secret|remember|login", re.IGNORECASE)
COUNTED = re.compile(r"_ga|_gi|_gcl|__utm|_fb|_hj|amplitude|mp_|ajs_", re.IGNORECASE)  # cookies that count visitors
PARAMETER = re.compile(r"""(?:[?#]|&amp;|&)(?P<name>[^=&?#\s<>"']+)=(?P<value>[^&#\s<>"'\\]+)""")
PART = re.compile(rb'name="([^"\r\n]+)"\r?\n\r?\n([^\r\n]+)')  # a field of a form in parts
FORM = re.compile(r"[\w.\[\]%-]+=[^&\s]*(?:&[\w.\[\]%-]+=[^&\s]*)*")


def names_credential(name: str) -> bool:
    """Whether what stands under that name may be a credential, as a header, a field or a parameter."""
    plain = _plain(name)
    return plain in SEARCHED or plain in HEADERS


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
        fields += [(pair.key.rpartition("[")[2].rstrip("]"), pair.value) for pair in pairs(message.query)]
    for name, value in fields:
        if _is_credential(_plain(name), value, asked=asked):
            yield Exposed(name, value, value)
        yield from _in_text(value)


def in_credentials(name: str, text: str) -> Iterator[str]:
    """What of a text that stands under that name is there as a credential: all of it, or parameters of its links."""
    if names_credential(name):
        yield text
    if "=" in text:
        found = PARAMETER.finditer(text)
        yield from (unquote(match["value"]) for match in found if names_credential(unquote(match["name"])))
    yield from (value for inner, value, _ in named_values(text) if names_credential(inner))


def shown_in_header(name: str, value: str) -> Iterator[str]:
    """The credentials that a request's header is there for, cookies among them; not what links in it carry, nor a
    token against forged requests: that opens nothing without the cookie beside it."""
    if _plain(name) in UNFORGED:
        return
    if name.lower() in COOKIES or names_credential(name):
        yield from (one.value for one in _in_header(name, value))


def _in_header(name: str, value: str) -> Iterator[Exposed]:
    plain = _plain(name)
    if name.lower() in COOKIES:
        whole = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
        yield from (Exposed(name, secret, cookie) for cookie, secret in _in_cookies(whole))
    elif "authorization" in plain:
        if (secret := _shown(value)) and len(secret) >= LEAST:
            yield Exposed(name, secret, value)
    elif plain in HEADERS:
        if len(value.strip()) >= SURE and not is_placeholder(value):
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
    try:
        return base64.b64decode(run, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _in_cookies(cookies: Iterable[str]) -> Iterator[tuple[str, str]]:
    for cookie in cookies:
        name, _, value = cookie.strip().partition("=")
        value = value.strip('"')
        if is_placeholder(value) or COUNTED.match(name) or value.isdecimal() or read_any(value, quoted=True):
            continue
        if CREDENTIAL.match(value) or (len(value) >= SURE and OF_A_LOGIN.search(name)):
            yield cookie, value


def _fields(headers: Headers, raw: bytes) -> Iterator[tuple[str, str]]:
    """The named values of a body in which there is anything by one of the names at all."""
    if STREAM.match(raw):  # packed, though no header says so
        raw = inflated(raw) or raw
    plain = raw.lower().translate(None, b"-_")
    if not any(stem in plain for stem in STEMS) and b"\0" not in raw:  # UTF-16 has a zero for every other letter
        return
    body = read(headers, raw)
    if body.text is None:
        for name, value in PART.findall(raw) if body.kind is Kind.MULTIPART else ():
            yield name.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        return
    is_form = body.kind is Kind.TEXT and FORM.fullmatch(body.text.strip())  # which nobody called one
    for leaf in form_leaves(body.text.strip()) if is_form else leaves(body):
        if leaf.quoted:
            yield leaf.key, leaf.value


def _in_text(text: str) -> Iterator[Exposed]:
    """The credentials in the parameters of links, in JSON and in XML that a text has in it."""
    for inner, value, _ in named_values(text):
        if _is_credential(_plain(inner), value, asked=False):
            yield Exposed(inner, value, value)
    if "=" not in text:
        return
    for match in PARAMETER.finditer(text):
        name, value = unquote(match["name"]), unquote_plus(match["value"])
        if _is_credential(_plain(name), value, asked=False):
            yield Exposed(name, value, value)


def _is_credential(name: str, value: str, *, asked: bool) -> bool:
    if name not in SEARCHED or is_placeholder(value):
        return False
    if name in PASSWORDS:  # in an answer words are about it: "must be longer"
        return len(value) >= LEAST and (asked or not re.search(r"\s", value))
    if name in WORDS:
        return CREDENTIAL.match(value) is not None
    return len(value) >= SURE and not re.search(r"\s", value) and (asked or re.search("[0-9]", value) is not None)
