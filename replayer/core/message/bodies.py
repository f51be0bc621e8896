"""What a body is and how it is encoded. Decoding and encoding again gives the same bytes or is not done at all.

A form, or a query, `a[b][]=c`, is read as pairs that know where they stand, and as the tree that they mean. The
brackets are Rack's, as the invoice API reads them: `a[]` and `a[0]` are list items, `a[k]` is a map entry.
"""

import importlib
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache
from gzip import compress
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus

from replayer.core.message import archives
from replayer.core.message.wire import FORM_TYPE, Headers, charset, is_json_type, is_text_type, media_type
from replayer.core.streams import StreamForm, form_of

GZIP_MAGIC = b"\x1f\x8b"
GZIP_BITS = 16 + zlib.MAX_WBITS
MARKED = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}  # no UTF-8 begins so; the mark stays, as any character
LONGEST = 8 << 20  # bytes of a decoded body, where nobody says: ten kilobytes of gzip can hold gigabytes
MOST_ENCODINGS = 4  # one inside another: each costs as much as the longest body
FIRST_PIECE, LONGEST_PIECE = 128, 1 << 16  # bytes of a packed stream that are read at once
DEEPEST = 100  # levels of JSON; what walks a value recurses, and the interpreter's own limit depends on who calls
DEEPEST_KEY = 100  # levels of a key, as in Rack; what walks the tree recurses
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")  # stand in no text, but in short files of bytes that decode as one
INDEX = re.compile(r"[0-9]{1,9}")
REPEATED = "&"  # the only name in a map of what a key says that is given several times: no list, which `a[]` writes


class BodyKind(Enum):
    """How a body may be read. Of an answer that is a stream each event is: `EVENTS` and `LINES`. The last three are
    never edited as text."""

    JSON = "json"
    FORM = "form"
    TEXT = "text"
    EVENTS = "events"
    LINES = "JSON lines"
    MULTIPART = "multipart"
    BINARY = "binary"
    EMPTY = "empty"


STREAMS = {StreamForm.BLOCKS: BodyKind.EVENTS, StreamForm.LINES: BodyKind.LINES}


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

    A body that calls itself JSON and is not, is text; one that is not in its own charset is binary. What decodes as
    text is text, whatever its type says: an export of `application/octet-stream` holds lines.
    """
    return classified(headers, raw, text_of(headers, raw))


def classified(headers: Headers, raw: bytes, text: str | None, *, comes: bool = False) -> Body:
    """The same of a body whose text is known already. `comes` tells that it is an answer's, which may be a stream."""
    if not raw:
        return Body(BodyKind.EMPTY, None, raw)
    media = media_type(headers)
    if comes and text is not None and (form := form_of(media)):
        return Body(STREAMS[form], text, raw, encoding_of(headers, raw))
    if text is None:
        return Body(BodyKind.MULTIPART if media.startswith("multipart/") else BodyKind.BINARY, None, raw)
    encoding = encoding_of(headers, raw)
    if media == FORM_TYPE:
        return Body(BodyKind.FORM, text, raw, encoding)
    value = parse_json(text) if is_json_type(media) or text.lstrip()[:1] in ("{", "[") else None
    return Body(BodyKind.TEXT if value is None else BodyKind.JSON, text, raw, encoding, value)


def text_of(headers: Headers, raw: bytes) -> str | None:
    """The text of a decoded body; None where it is empty, or may not be read as text. Nobody parses it for that."""
    media = media_type(headers)
    text = None if not raw or media.startswith("multipart/") else _text(raw, encoding_of(headers, raw))
    if text is None or (media and not is_text_type(media) and CONTROL.search(text)):
        return None
    return text


def encoding_of(headers: Headers, raw: bytes) -> str:
    """The charset of a body: what its type says; where that is nothing, what its byte order mark shows."""
    told = charset(headers)
    marked = MARKED.get(raw[:2]) if told == "utf-8" else None
    return marked if marked and raw.count(b"\0") * 4 >= len(raw) else told  # other bytes may begin so by chance


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


NESTING = frozenset({dict, list})


def _is_too_deep(value: Any) -> bool:
    level = [value] if type(value) in NESTING else []
    for _ in range(DEEPEST):
        if not level:
            return False
        inner = (one.values() if type(one) is dict else one for one in level)
        level = [child for children in inner for child in children if type(child) in NESTING]
    return bool(level)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def decode_content(raw: bytes, encoding: str, limit: int = LONGEST) -> bytes | None:
    """The bytes with that `Content-Encoding` undone; None where they are not in it, it is not known, or they are more
    than the limit.

    Several encodings, `gzip, br`, are undone last one first. `identity` and nothing are no encoding.
    """
    try:
        return _undone(raw, encoding, limit)
    except _BeyondLimitError:
        return None


def is_beyond(raw: bytes, encoding: str, limit: int) -> bool:
    """Whether the bytes, or what any of their encodings holds, are more than the limit."""
    try:
        _undone(raw, encoding, limit)
    except _BeyondLimitError:
        return True
    return len(raw) > limit


class _BeyondLimitError(Exception):
    """More was unpacked than may be."""


def _undone(raw: bytes, encoding: str, limit: int) -> bytes | None:
    names = [part.strip().lower() for part in encoding.split(",", MOST_ENCODINGS) if part.strip()]
    if len(names) > MOST_ENCODINGS:
        return None
    for name in reversed(names):
        decoded = _decode_one(raw, name, limit)
        if decoded is None:
            return None
        raw = decoded
    return raw


def _decode_one(raw: bytes, name: str, limit: int) -> bytes | None:
    match name:
        case "identity":
            return raw
        case "gzip" | "x-gzip":
            return _gunzip(raw, limit) if raw[:2] == GZIP_MAGIC else None
        case "deflate":
            return _inflate(raw, limit)
        case "br":
            return _unbrotli(raw, limit)
    return None


def _gunzip(raw: bytes, limit: int) -> bytes | None:
    """All members of a gzip file."""
    found, at = bytearray(), 0
    while at < len(raw):
        stream = Stream(raw, at, GZIP_BITS)
        found += _whole(stream, limit - len(found))
        if not stream.is_whole:
            return None
        at = stream.end
    return bytes(found)


def _inflate(raw: bytes, limit: int) -> bytes | None:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):  # many servers send raw deflate under this name
        stream = Stream(raw, 0, bits)
        decoded = _whole(stream, limit)
        if stream.is_whole:
            return decoded
    return None


def _whole(stream: "Stream", limit: int) -> bytes:
    decoded = stream.read(limit + 1)
    if len(decoded) > limit:
        raise _BeyondLimitError
    return decoded


class Stream:
    """One stream of zlib or gzip that begins at an offset. It is fed in pieces that grow with it: what zlib gives back
    of the last one is never more than a part of what it read."""

    __slots__ = ("_decoder", "_left", "_raw", "end")

    def __init__(self, raw: bytes | memoryview, at: int, bits: int) -> None:
        self._raw, self._decoder = memoryview(raw), zlib.decompressobj(bits)
        self.end = at
        """Where the stream ends; until then up to where it was read."""
        self._left: bytes | memoryview = b""  # fed, and not read yet

    @property
    def is_whole(self) -> bool:
        return self._decoder.eof

    def read(self, most: int) -> bytes:
        """What is in it, up to so many bytes, and as far as it is sound."""
        parts: list[bytes] = []
        piece = FIRST_PIECE
        while most > 0 and not self._decoder.eof:
            if not self._left:
                self._left = self._raw[self.end : self.end + piece]
                self.end += len(self._left)
                piece = min(2 * piece, LONGEST_PIECE)
                if not self._left:
                    break
            try:
                part = self._decoder.decompress(self._left, most)
            except zlib.error:
                break
            self._left = self._decoder.unconsumed_tail
            parts.append(part)
            most -= len(part)
        self.end -= len(self._decoder.unused_data)
        return b"".join(parts)


def _unbrotli(raw: bytes, limit: int) -> bytes | None:
    plain, is_whole = _read_brotli(raw, limit + 1)
    if len(plain) > limit:
        raise _BeyondLimitError
    return plain if is_whole else None


def from_brotli(raw: bytes, limit: int) -> bytes:
    """What is behind a whole stream of brotli, which has no mark, up to a limit; empty where there is none."""
    plain, is_whole = _read_brotli(raw, limit)
    return plain if is_whole else b""


def _read_brotli(raw: bytes, most: int) -> tuple[bytes, bool]:
    """What is in a stream of brotli, up to so many bytes, and whether that is all of it, and sound."""
    brotli = _brotli()
    if brotli is None:
        return b"", False
    decoder, parts, left, packed = brotli.Decompressor(), list[bytes](), most, raw
    try:
        while left > 0 and not decoder.is_finished() and (packed or not decoder.can_accept_more_data()):
            parts.append(decoder.process(packed, output_buffer_limit=left))
            left, packed = left - len(parts[-1]), b""
    except brotli.error:
        return b"", False
    return b"".join(parts), decoder.is_finished()


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


@cache  # a library that is missing would be looked for on the whole path each time
def _brotli() -> Any | None:
    """The library, where one is installed that can stop: before 1.2 a kilobyte gave a gigabyte in one piece."""
    for name in ("brotli", "brotlicffi"):
        with suppress(ImportError):
            library = importlib.import_module(name)
            if hasattr(library.Decompressor, "can_accept_more_data"):
                return library
    return None


def unzipped(raw: bytes, most: int = LONGEST) -> Iterator[bytes]:
    """What is in the members of a zip archive, up to that many bytes in all; nothing where the bytes are none."""
    archive = archives.read(raw)
    return archive.contents(most) if archive else iter(())


class Pair(NamedTuple):
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
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text


def form_encoded(value: str, like: str) -> str:
    """A value in the way `like`, the undecoded value that it replaces, was written: space as `+` or `%20`,
    brackets and slashes bare or escaped."""
    safe = "".join(mark for mark in "[]/:,@!*'()$;" if mark in like)
    text = quote(value, safe=safe, errors="surrogateescape")
    return text if "%20" in like and "+" not in like else text.replace("%20", "+")


def segments(key: str) -> list[str]:
    """`a[b][]` as `["a", "b", ""]`; a key whose brackets do not balance, or nest too deep, is one segment."""
    if "[" not in key:
        return [key]
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
    root = Branch()
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
    maps: dict[str, Any] = {}  # each segment with those below it
    for path in paths.values():
        _below(maps, path)
    for pair in given:
        path = paths[pair.key]
        if "" in path:
            yield path, pair.value
        elif several := values.pop(pair.key, None):
            is_one = len(several) == 1 and not _below(maps, path)
            yield (path, pair.value) if is_one else ([*path, REPEATED], several)


def _below(maps: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for segment in path:
        maps = maps.setdefault(segment, {})
    return maps


class Branch(dict[str, Any]):
    """A map of a form while it is read, and from where on a number for the next item of a list may be free."""

    __slots__ = ("free",)

    def __init__(self) -> None:
        self.free = 0

    def next_index(self) -> str:
        """Behind all that stands there: `a[1]=x&a[]=y` are two items."""
        self.free = max(self.free, len(self))
        while str(self.free) in self:
            self.free += 1
        return str(self.free)


def _put(node: Branch, path: list[str], value: Any) -> None:
    for segment in path[:-1]:
        name = node.next_index() if segment == "" else segment
        child = node.get(name)
        if not isinstance(child, Branch):
            child = node[name] = Branch()
        node = child
    node[node.next_index() if path[-1] == "" else path[-1]] = value


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    settled = {key: _settled(child) for key, child in value.items()}
    if settled and all(INDEX.fullmatch(key) for key in settled):
        return [settled[key] for key in sorted(settled, key=int)]
    return settled
