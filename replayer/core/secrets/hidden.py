"""What stands in a message's body and not in the lines of its file: bodies that are no text, or in another encoding."""

from replayer.core.message.body import decode_content, read
from replayer.core.message.interaction import Headers, header
from replayer.core.secrets.decodings import WIDEST, in_bytes


def hidden_texts(headers: Headers, body: bytes) -> list[tuple[str, str]]:
    """The texts of a body that its file shows as base64 in lines, each with the name of its encoding."""
    encoding = header(headers, "content-encoding")
    return [] if not body or (encoding is None and _is_plain(body)) else texts_in(headers, body)


def texts_in(headers: Headers, body: bytes) -> list[tuple[str, str]]:
    """The texts of a body, whatever it is: its letters, what is compressed in it, what its charset makes of it."""
    encoding = header(headers, "content-encoding")
    found = list(in_bytes(body))
    text = read(headers, body).text
    if text is not None:
        found.append(("raw", text[:WIDEST]))
    decoded = decode_content(body, encoding) if encoding else None
    if decoded is not None and decoded != body:
        found += [(encoding or "", text) for _, text in in_bytes(decoded[:WIDEST])]
    return found


def _is_plain(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()  # UTF-16 of English is UTF-8, too
    except UnicodeDecodeError:
        return False
