"""Bodies and headers as bytes on the wire. Two spaces of indent, UTF-8, and a last newline on errors only."""

import json
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

from replayer.core.message import Response, wire
from replayer.sandbox.wire.preserved_json import PreservedNumber, PreservedObject
from replayer.sandbox.wire.values import Wire

ALWAYS: Final[wire.Headers] = (
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, "
        "X-Stripe-Privileged-Session-Required",
    ),
    ("Access-Control-Max-Age", "300"),
    ("Cache-Control", "no-cache, no-store"),
)
LATE: Final[wire.Headers] = (("Vary", "Origin"), ("X-Stripe-Routing-Context-Priority-Tier", "api-testmode"))
# Where a browser would report to; its token is that of a deployment, and here of a sandbox.
POLICY: Final = (
    "base-uri 'none'; default-src 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self'; "
    "script-src 'self' 'report-sample'; style-src 'self'; worker-src 'none'; upgrade-insecure-requests; "
    "report-uri https://q.stripe.com/csp-violation?q={}"
)
CHALLENGE: Final = ("WWW-Authenticate", 'Bearer realm="Stripe"')


_quoted: Final = json.encoder.encode_basestring
_SCALARS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _quoted,
    int: repr,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    float: repr,
    PreservedNumber: repr,
}


def body(shown: Wire) -> bytes:
    return text(shown).encode("utf-8", "replace")


def text(value: Any, margin: str = "\n") -> str:
    """What json.dumps writes with two spaces of indent and no escapes; more than twice as fast."""
    scalar = _SCALARS.get(type(value))
    if scalar:
        return scalar(value)
    if isinstance(value, PreservedObject):
        return value.at(margin)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    inner = margin + "  "
    find = _SCALARS.get
    if isinstance(value, dict):
        members = [
            f"{_quoted(name)}: {scalar(member) if (scalar := find(type(member))) else text(member, inner)}"
            for name, member in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(members)}{margin}}}"
    return f"[{inner}{f',{inner}'.join([text(element, inner) for element in value])}{margin}]"


def error_body(shown: Wire) -> bytes:
    return body(shown) + b"\n"


def response(status: int, content: bytes, at: int, own: Sequence[tuple[str, str]]) -> Response:
    """`own` are the headers of this one answer."""
    headers = (
        ("Server", "nginx"),
        ("Date", formatdate(at, usegmt=True)),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(content))),
        *ALWAYS,
        *own,
        *LATE,
    )
    return Response(status, HTTPStatus(status).phrase, headers, content)
