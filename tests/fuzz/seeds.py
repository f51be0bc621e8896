"""What mutation begins with: the example cassettes, their messages as bytes, and every fault that was ever found."""

import gzip
from functools import cache
from pathlib import Path

from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, bodies, wire

CASSETTES = Path(__file__).parents[2] / "cassettes"

# By target, what once was answered with a traceback, a hang or a wrong byte.
FOUND: dict[str, tuple[bytes, ...]] = {
    "form": (
        b"&".join([b"a[7]=", b"a[8]="] + [b"a[]="] * 9),
        b"a=1&a[b]=2&a[b][c]=3&a[]=4",
        b"a[[b]=1&a]b[=2&[]=3&[=4",
        b"%FF=%&%5b%5d=+&\xc3\xbc=\xff",
    ),
    "json": (
        b'{"' + b"k" * 300 + b'": [{"a": "x"}, {"a": 1e400}]}',
        b'{"a": 1' + b" " * 400 + b"}\n\n\n",
        b"[" * 101 + b"]" * 101,
        b'{"a": "\\ud800", "\\udc00": 1.0E+2, "": {"": []}}',
        b'{"cus_NffrFeUfNV2Hib": {"cus_NffrFeUfNV2Hib": null}, "a.b[0]": "x"}',
    ),
    "headers": (
        b"X-A: a" + b" " * 400 + b"b\nContent-Encoding: gzip, gzip, br, x\n\nplain",
        b"Content-Encoding: gzip\nContent-Type: application/json\n\n" + gzip.compress(b'{"id": "x"}', mtime=0) * 3,
        b"Content-Type: text/plain; charset=\xff\nContent-Type: multipart/x; boundary=\xff\n\n--\xff",
        b"Set-Cookie: =; expires=Mon, 31 Feb 9999 99:99:99 GMT\nDate: never\n\n",
    ),
    "cassette": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nversion: 1\ninteractions: []\n",
        b"version: 1\ninteractions:\n- request: &r {method: GET, uri: 'http://a/', headers: {}, body: *r}\n",
        b"version: 1\ninteractions: null\n...\n",
    ),
    "wire": (
        b"GET /v1/invoices HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nab",
        b"POST /v1/customers HTTP/1.1\r\nHost: 127.0.0.1\r\nIdempotency-Key: d8921036-\xff\r\nContent-Type: "
        b"application/x-www-form-urlencoded\r\nStripe-Version: 2026-08-26.dahlia\r\nContent-Length: 43\r\n\r\n"
        b"name=Grace+Hopper&email=grace%40example.com",
    ),
    "answers": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",),
    "control": (
        b"GET /__replayer__/sessions/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /__r%FFeplayer__ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ),
}


@cache
def examples() -> tuple[Cassette, ...]:
    return tuple(cassette for path in sorted(CASSETTES.glob("*.yaml")) if (cassette := folder.read(path)) is not None)


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    """The seeds of that target, the faults first."""
    return (*FOUND[target], *dict.fromkeys(_examples_for(target)))


def _examples_for(target: str) -> list[bytes]:
    interactions = [each for cassette in examples() for each in cassette.interactions]
    match target:
        case "cassette":
            return [path.read_bytes() for path in sorted(CASSETTES.glob("*.yaml"))]
        case "wire":
            return [request_bytes(each.request) for each in interactions]
        case "answers":
            return [response_bytes(each.response) for each in interactions]
        case "control":
            paths = ("", "/", "/sessions", "/sessions/1", "/sessions/1/faults", "/health", "/../v1/invoices")
            return [f"GET /__replayer__{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for path in paths]
        case "form":
            forms = [each.request.body for each in interactions if each.request.media_type == wire.FORM_TYPE]
            return [*forms, *(each.request.query.encode() for each in interactions if each.request.query)]
        case "json":
            return [each.response.body for each in interactions]
        case _:
            return [_head(each.response.headers) + b"\n" + each.response.body for each in interactions]


def _head(headers: wire.Headers) -> bytes:
    return "".join(f"{name}: {value}\n" for name, value in headers).encode("utf-8", "surrogateescape")


def request_bytes(request: Request) -> bytes:
    """A request as it goes over the wire."""
    headers = wire.without(request.headers, ("host", "content-length", "connection"))
    head = _head((("Host", "127.0.0.1"), *headers, ("Content-Length", str(len(request.body)))))
    return (
        f"{request.method} {request.target} HTTP/1.1\r\n".encode()
        + head.replace(b"\n", b"\r\n")
        + b"\r\n"
        + request.body
    )


def response_bytes(response: Response) -> bytes:
    """An answer as it goes over the wire."""
    headers = wire.without(response.headers, ("content-length", "transfer-encoding"))
    head = _head((*headers, ("Content-Length", str(len(response.body)))))
    line = f"HTTP/1.1 {response.status} {response.reason}\r\n".encode()
    return line + head.replace(b"\n", b"\r\n") + b"\r\n" + response.body


def packed(raw: bytes, encoding: str) -> bytes:
    return bodies.encode_content(raw, encoding) or raw
