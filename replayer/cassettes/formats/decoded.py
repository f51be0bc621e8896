"""Bodies as their headers say they are: decoded where that can be done, and without the headers that became untrue.

Most tools keep what their client had decoded already, and the header that says it is packed.
"""

from dataclasses import replace

from replayer.core.message import Response, bodies, wire

BODILESS = frozenset({204, 304})


def servable(response: Response, method: str) -> Response:
    """The response with its body decoded where that can be done, and without the headers that became untrue."""
    headers = wire.without(response.headers, ("transfer-encoding",))
    if method == "HEAD" or response.status in BODILESS:
        return replace(response, headers=headers)  # they speak of a body that is not here, and rightly so
    body = _decoded(response.body, ", ".join(v for k, v in headers if k.lower() == "content-encoding"))
    if body is not None:
        headers = wire.without(headers, ("content-encoding",))
    else:
        body = response.body
    if wire.header(headers, "content-length") != str(len(body)):
        headers = wire.without(headers, ("content-length",))
    return replace(response, headers=headers, body=body)


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """The plain body; None where it is still in an encoding that cannot be undone here."""
    if not body or not encoding:
        return body
    decoded = bodies.decode_content(body, encoding)
    if decoded is not None:
        return decoded
    return body if _is_plain(body, encoding) else None


def _is_plain(body: bytes, encoding: str) -> bool:
    if _is_text(body):  # no encoding gives text
        return True
    decodable = bodies.encode_content(b"", encoding) is not None
    return decodable and not body.startswith(bodies.GZIP_MAGIC)  # a damaged gzip is not plain


def _is_text(body: bytes) -> bool:
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False
