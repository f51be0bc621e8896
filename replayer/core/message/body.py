"""What a body is and how it is encoded. Decoding and encoding again gives the same bytes or is not done at all."""

import importlib
import json
import zlib
from dataclasses import dataclass
from enum import Enum
from gzip import compress
from typing import Any

from replayer.core.message.headers import Headers, header

GZIP_MAGIC = b"\x1f\x8b"
GZIP_BITS = 16 + zlib.MAX_WBITS
LONGEST = 64 << 20  # bytes of a decoded body: ten kilobytes of gzip can hold gigabytes
DEEPEST = 100  # levels of JSON; what walks a value recurses, and the interpreter's own limit depends on who calls


class Kind(Enum):
    """How a body may be read. Only the first three are ever edited."""

    JSON = "json"
    FORM = "form"
    TEXT = "text"
    MULTIPART = "multipart"
    BINARY = "binary"
    EMPTY = "empty"


TEXT_TYPES = ("application/xml", "application/javascript", "application/graphql", "application/x-ndjson")
STREAM_TYPES = ("text/event-stream",)  # these have no end to wait for


def media_type(headers: Headers) -> str:
    """The media type without its parameters, lower case; empty where none is named."""
    return (header(headers, "content-type") or "").partition(";")[0].strip().lower()


def is_text_type(media: str) -> bool:
    """Whether bodies of that media type are text that can be read whole."""
    if media in STREAM_TYPES:
        return False
    return media.startswith("text/") or is_json_type(media) or media in TEXT_TYPES or media == FORM_TYPE


def is_json_type(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


FORM_TYPE = "application/x-www-form-urlencoded"


def charset(headers: Headers) -> str:
    """The charset that the content type names, `utf-8` where it names none."""
    for part in (header(headers, "content-type") or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'").lower()
    return "utf-8"


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its content encoding undone. `text` is None where it may not be read as text; `json` is the value of
    a JSON text, in a tuple of one."""

    kind: Kind
    text: str | None
    raw: bytes
    charset: str = "utf-8"
    json: tuple[Any] | None = None

    def encode(self, text: str) -> bytes:
        """That text in this body's charset; characters that it lacks raise UnicodeEncodeError."""
        return text.encode(self.charset)


def read(headers: Headers, raw: bytes) -> Body:
    """A decoded body, classified by its media type and by what it really holds.

    A body that calls itself JSON and is not, is text; one that is not in its own charset is binary.
    """
    if not raw:
        return Body(Kind.EMPTY, None, raw)
    media = media_type(headers)
    if media.startswith("multipart/"):
        return Body(Kind.MULTIPART, None, raw)
    if media and not is_text_type(media):
        return Body(Kind.BINARY, None, raw)
    encoding = charset(headers)
    text = _text(raw, encoding)
    if text is None:
        return Body(Kind.BINARY, None, raw)
    if media == FORM_TYPE:
        return Body(Kind.FORM, text, raw, encoding)
    value = parse_json(text) if is_json_type(media) or text.lstrip()[:1] in ("{", "[") else None
    return Body(Kind.TEXT if value is None else Kind.JSON, text, raw, encoding, value)


def _text(raw: bytes, encoding: str) -> str | None:
    try:
        text = raw.decode(encoding)
        return text if text.encode(encoding) == raw else None  # a codec that cannot give the same bytes back
    except (LookupError, UnicodeError):
        return None


def parse_json(text: str) -> tuple[Any] | None:
    """The value in a tuple of one; None where the text is no JSON, or nests or counts too far to be read."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return None if text.count("[") + text.count("{") > DEEPEST and _is_too_deep(value) else (value,)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [child for children in inner for child in children]
    return any(isinstance(one, dict | list) for one in level)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def decode_content(raw: bytes, encoding: str) -> bytes | None:
    """The bytes with that `Content-Encoding` undone; None where they are not in it or it is not known.

    Several encodings, `gzip, br`, are undone last one first. `identity` and nothing are no encoding.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        decoded = _decode_one(raw, name)
        if decoded is None:
            return None
        raw = decoded
    return raw


def _decode_one(raw: bytes, name: str) -> bytes | None:
    try:
        match name:
            case "identity":
                return raw
            case "gzip" | "x-gzip":
                return _gunzip(raw) if raw[:2] == GZIP_MAGIC else None
            case "deflate":
                return _inflate(raw)
            case "br":
                brotli = _brotli()
                decoded = bytes(brotli.decompress(raw)) if brotli else None
                return decoded if decoded is None or len(decoded) <= LONGEST else None
    except (zlib.error, ValueError):
        return None
    except Exception as error:
        if type(error).__module__.endswith("brotli"):  # its error class exists only where brotli is installed
            return None
        raise
    return None


def _gunzip(raw: bytes) -> bytes | None:
    """All members of a gzip file."""
    found = b""
    while raw:
        decoded, raw = _bounded(raw, GZIP_BITS, LONGEST - len(found))
        if decoded is None:
            return None
        found += decoded
    return found


def _inflate(raw: bytes) -> bytes | None:
    try:
        return _bounded(raw, zlib.MAX_WBITS, LONGEST)[0]
    except zlib.error:
        return _bounded(raw, -zlib.MAX_WBITS, LONGEST)[0]  # many servers send raw deflate under this name


def _bounded(raw: bytes, bits: int, limit: int) -> tuple[bytes | None, bytes]:
    """One stream decoded, or None where it is cut off or would be longer than the limit; and what comes behind it."""
    decoder = zlib.decompressobj(bits)
    decoded = decoder.decompress(raw, limit + 1)
    return (decoded if decoder.eof and len(decoded) <= limit else None), decoder.unused_data


def encode_content(raw: bytes, encoding: str) -> bytes | None:
    """The bytes in that `Content-Encoding`; None where it is not known. The same bytes give the same result."""
    for name in [part.strip().lower() for part in encoding.split(",") if part.strip()]:
        match name:
            case "identity":
                continue
            case "gzip" | "x-gzip":
                raw = compress(raw, mtime=0)
            case "deflate":
                raw = zlib.compress(raw)
            case "br" if (brotli := _brotli()) is not None:
                raw = bytes(brotli.compress(raw))
            case _:
                return None
    return raw


def _brotli() -> Any | None:
    for name in ("brotli", "brotlicffi"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
