"""What a body is and how it is encoded. Decoding and encoding again gives the same bytes or is not done at all.

A form, or a query, `a[b][]=c`, is read as pairs that know where they stand, and as the tree that they mean. The
brackets are Rack's, as the invoice API reads them: `a[]` and `a[0]` are list items, `a[k]` is a map entry.
"""

import importlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from gzip import compress
from typing import Any
from urllib.parse import quote, unquote_plus

from replayer.core.message.wire import FORM_TYPE, Headers, charset, is_json_type, is_text_type, media_type

GZIP_MAGIC = b"\x1f\x8b"
GZIP_BITS = 16 + zlib.MAX_WBITS
LONGEST = 64 << 20  # bytes of a decoded body: ten kilobytes of gzip can hold gigabytes
DEEPEST = 100  # levels of JSON; what walks a value recurses, and the interpreter's own limit depends on who calls
DEEPEST_KEY = 100  # levels of a key, as in Rack; what walks the tree recurses
INDEX = re.compile(r"[0-9]{1,9}")
REPEATED = "&"  # the only name in a map of what a key says that is given several times: no list, which `a[]` writes


class BodyKind(Enum):
    """How a body may be read. Only the first three are ever edited."""

    JSON = "json"
    FORM = "form"
    TEXT = "text"
    MULTIPART = "multipart"
    BINARY = "binary"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its content encoding undone. `text` is None where it may not be read as text; `json` is the value of
    a JSON text, in a tuple of one."""

    kind: BodyKind
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
        return Body(BodyKind.EMPTY, None, raw)
    media = media_type(headers)
    if media.startswith("multipart/"):
        return Body(BodyKind.MULTIPART, None, raw)
    if media and not is_text_type(media):
        return Body(BodyKind.BINARY, None, raw)
    encoding = charset(headers)
    text = _text(raw, encoding)
    if text is None:
        return Body(BodyKind.BINARY, None, raw)
    if media == FORM_TYPE:
        return Body(BodyKind.FORM, text, raw, encoding)
    value = parse_json(text) if is_json_type(media) or text.lstrip()[:1] in ("{", "[") else None
    return Body(BodyKind.TEXT if value is None else BodyKind.JSON, text, raw, encoding, value)


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


def from_brotli(raw: bytes, limit: int) -> bytes:
    """What is behind a whole stream of brotli, which has no mark, up to a limit; empty where there is none."""
    brotli = _brotli()
    if brotli is None:
        return b""
    try:
        stream = brotli.Decompressor()
        plain = bytes(stream.process(raw, output_buffer_limit=limit))
        return plain if stream.is_finished() else b""
    except Exception as error:
        if isinstance(error, (TypeError, AttributeError)) or type(error).__module__.endswith("brotli"):
            return b""  # none, or a brotli that cannot be held to a limit
        raise


def _brotli() -> Any | None:
    for name in ("brotli", "brotlicffi"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Pair:
    """One `key=value` of a form, decoded, with the spans of both, undecoded, in the text."""

    key: str
    value: str
    start: int
    end: int
    key_start: int
    key_end: int


def pairs(text: str) -> Iterator[Pair]:
    """The pairs of a form in their order. A part without `=` is a key with an empty value."""
    start = 0
    for part in text.split("&"):
        if part:
            key, _, value = part.partition("=")
            end = start + len(part)
            yield Pair(form_decoded(key), form_decoded(value), end - len(value), end, start, start + len(key))
        start += len(part) + 1


def form_decoded(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape")


def form_encoded(value: str, like: str) -> str:
    """A value in the way `like`, the undecoded value that it replaces, was written: space as `+` or `%20`,
    brackets and slashes bare or escaped."""
    safe = "".join(mark for mark in "[]/:,@!*'()$;" if mark in like)
    text = quote(value, safe=safe, errors="surrogateescape")
    return text if "%20" in like and "+" not in like else text.replace("%20", "+")


def segments(key: str) -> list[str]:
    """`a[b][]` as `["a", "b", ""]`; a key whose brackets do not balance, or nest too deep, is one segment."""
    head, bracket, rest = key.partition("[")
    if not bracket or not head or not rest.endswith("]"):
        return [key]
    if head == "metadata":
        return [head, rest[:-1]]  # its keys are the user's own and may hold brackets themselves
    inner = rest[:-1].split("][")
    return [head, *inner] if len(inner) < DEEPEST_KEY else [key]


def tree(text: str, *, last_counts: bool = False) -> dict[str, Any]:
    """What a form means: maps and lists of strings. Of a key that is given several times, or as a value and as a map,
    all values count in their order, `{"a": {"&": ["1", "2"]}}`; or only the last.

    Lists written `a[]` and `a[0]`, dense or not, are the same list, in the order of their numbers.
    """
    root: dict[str, Any] = {}
    for path, value in _apart(list(pairs(text)), last_counts):
        _put(root, path, value)
    return {key: _settled(value) for key, value in root.items()}


def _apart(given: list[Pair], last_counts: bool) -> Iterator[tuple[list[str], Any]]:
    """The pairs by their paths, so that none takes another's place."""
    if last_counts or len(given) == len({pair.key.partition("[")[0] for pair in given}):
        yield from ((segments(pair.key), pair.value) for pair in given)
        return
    values: dict[str, list[str]] = {}
    for pair in given:
        values.setdefault(pair.key, []).append(pair.value)
    paths = {key: segments(key) for key in values}
    maps = {tuple(path[:length]) for path in paths.values() for length in range(1, len(path))}
    for pair in given:
        path = paths[pair.key]
        if "" in path:
            yield path, pair.value
        elif several := values.pop(pair.key, None):
            is_one = len(several) == 1 and tuple(path) not in maps
            yield (path, pair.value) if is_one else ([*path, REPEATED], several)


def _put(node: dict[str, Any], path: list[str], value: Any) -> None:
    for segment in path[:-1]:
        name = _next_index(node) if segment == "" else segment
        child = node.get(name)
        if not isinstance(child, dict):
            child = node[name] = {}
        node = child
    node[_next_index(node) if path[-1] == "" else path[-1]] = value


def _next_index(node: dict[str, Any]) -> str:
    """Behind all that stands there: `a[1]=x&a[]=y` are two items."""
    index = len(node)
    while str(index) in node:
        index += 1
    return str(index)


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    settled = {key: _settled(child) for key, child in value.items()}
    if settled and all(INDEX.fullmatch(key) for key in settled):
        return [settled[key] for key in sorted(settled, key=int)]
    return settled
