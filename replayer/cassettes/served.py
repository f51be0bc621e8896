"""A recorded response made servable: after it, no header says anything of the body that is not so.

Recorders that sit inside a client see bodies before or after decoding, and headers always before it.
"""

from dataclasses import replace

from replayer.core.message.body import GZIP_MAGIC, decode_content, encode_content
from replayer.core.message.interaction import Response, header, without

_BODILESS = frozenset({204, 304})


def servable(response: Response, method: str) -> Response:
    """The response with its body decoded where that can be done, and without the headers that became untrue."""
    headers = without(response.headers, ("transfer-encoding",))
    if method == "HEAD" or response.status in _BODILESS:
        return replace(response, headers=headers)  # they speak of a body that is not here, and rightly so
    body = _decoded(response.body, ", ".join(v for k, v in headers if k.lower() == "content-encoding"))
    if body is not None:
        headers = without(headers, ("content-encoding",))
    else:
        body = response.body
    if header(headers, "content-length") != str(len(body)):
        headers = without(headers, ("content-length",))
    return replace(response, headers=headers, body=body)


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """The plain body; None where it is still in an encoding that cannot be undone here."""
    if not body or not encoding:
        return body
    decoded = decode_content(body, encoding)
    if decoded is not None:
        return decoded
    return body if _is_plain(body, encoding) else None


def _is_plain(body: bytes, encoding: str) -> bool:
    if _is_text(body):  # no encoding gives text
        return True
    known = encode_content(b"", encoding) is not None
    return known and not body.startswith(GZIP_MAGIC)  # a damaged gzip is not plain


def _is_text(body: bytes) -> bool:
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False
