"""Readings: what a text says once its encodings are undone, one inside another. No text can make it hang.

    p%3DaW5fMVVJNnFz...   percent ->   p=aW5fMVVJNnFz...   base64 ->   in_1UI6qs...

Only what could hold a secret is undone: most texts have no other reading, and are known for it at a glance.

In a body stands what the lines of its file do not show: bodies that are no text, or in another encoding.
"""

import base64
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

from replayer.core.message import bodies, wire

DEEPEST = 4  # encodings one inside another; whoever packs five times hides on purpose
WIDEST = 4 << 20  # characters of all readings of one text, on top of four times its own length
PROBE = re.compile("[0-9A-Za-z+/]{1,512}")
STREAMS = 1000  # compressed streams that are looked for in one body
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))")
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
SURROGATE = re.compile("[\ud800-\udfff]")
APART = re.compile(r'[\0-\x20"<>]+')  # stands in no percent-encoded text
PERCENT = re.compile("%[0-9A-Fa-f]{2}")
# Base64 of printable ASCII shows at any offset of a longer run: the first bit of each byte is 0, one of the next two is
# 1. Whatever eight bytes in a row are printable, six of them are two whole groups of four characters.
GROUP = "[I-Za-f][C-HS-Xi-ny-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][0-9A-Za-z+/]"
PRINTABLE = re.compile(f"(?=(?:{GROUP}){{2}})")
LONG = 4096  # characters of a run that are read as a whole
ISLAND = re.compile(f"(?:{GROUP}){{3,}}")  # in longer ones eight bytes look printable by chance, eleven hardly ever
URL_SAFE = str.maketrans("-_", "+/")
SHORTEST = 11  # characters: eight bytes
# A run ends with its own alphabet, or a slash or an underline would belong to what it only stands beside.
RUNS = tuple(re.compile(f"[{alphabet}]{{{SHORTEST},}}") for alphabet in ("0-9A-Za-z+/", "0-9A-Za-z_-", "0-9A-Za-z"))
LINE_BREAK = re.compile(r"(?<=[0-9A-Za-z+/])\r?\n(?=[0-9A-Za-z+/])")
PACKED = ("H4sI", "eJ", "eNo", "eAE", "eF4")  # how gzip, and deflate of each level, begin in base64
LETTERS = re.compile(rb"[ -~]{8,}")  # nothing shorter is looked for
STREAM = re.compile(rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]")
ANY_HEADER = 47  # for zlib: of gzip or of zlib, whatever its window
BARE = -15  # for zlib: no header at all


def readings(text: str) -> Iterator[tuple[str, str]]:
    """The other readings of a text, each with the names of its encodings from the outermost to the innermost."""
    seen = {text}
    left = WIDEST + 4 * len(text)
    waiting: list[tuple[tuple[str, ...], str]] = [((), text)]
    for names, outer in waiting:  # it grows as it is read
        for name, plain in _undone(outer, names):
            if plain in seen:
                continue
            left -= len(plain)
            if left < 0:
                return
            seen.add(plain)
            found = (*names, name)
            yield ", ".join(found), plain
            if len(found) < DEEPEST:
                waiting.append((found, plain))


def _undone(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The text with one more of its encodings undone."""
    if "\\" in text:
        yield "JSON", _unescaped(text)
    if "%" in text or "+" in text:
        yield from _unquoted(text)
    if "&" in text and ";" in text:
        yield "HTML", unescape(text)
    if names[-1:] != ("form",):  # a plus of base64 is no space: the percent reading has it right
        yield from _base64(text)


def _unescaped(text: str) -> str:
    plain = ESCAPE.sub(_character, text)
    if SURROGATE.search(plain):  # two halves of one character
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else CONTROLS.get(escape[3], escape[3])


def _unquoted(text: str) -> Iterator[tuple[str, str]]:
    words = APART.split(text)
    if "%" in text:
        yield "percent", _apart(unquote(word, errors="replace") for word in words if PERCENT.search(word))
    if "+" in text:
        yield "form", _apart(unquote(word.replace("+", " "), errors="replace") for word in words if "+" in word)


def _apart(texts: Iterable[str]) -> str:
    """Texts as one, with something between them that belongs to none."""
    return "\0".join(dict.fromkeys(texts))


def _base64(text: str) -> Iterator[tuple[str, str]]:
    if "\n" in text and (joined := LINE_BREAK.sub("", text)) != text:  # in lines, as mail has it
        yield from _base64(joined)
    plain = text.translate(URL_SAFE) if "-" in text or "_" in text else text
    starts = [match.start() for match in PRINTABLE.finditer(plain)]
    if starts:
        spans = dict.fromkeys(match.span() for run in RUNS for match in run.finditer(text))
        found = (each for start, end in spans for each in _aligned(plain, start, end, starts))
        yield "base64", _apart(each.decode("utf-8", "replace") for each in found)
    packed = [each for head in PACKED if head in plain for each in _packed(plain, head)]
    if packed:
        yield "base64, gzip", _apart(each.decode("utf-8", "replace") for each in packed)


def _aligned(plain: str, start: int, end: int, starts: list[int]) -> Iterator[bytes]:
    """A run read from each offset at which something printable begins in it: from its own beginning, and from there on,
    because what stands before may be no base64 at all. Of long runs, which are mostly pictures, only what is printable.
    """
    decoded: set[int] = set()
    read = [start] * 4
    for at in starts[bisect_left(starts, start) : bisect_left(starts, end)]:
        offset = (at - start) % 4
        if end - start > LONG:
            if at >= read[offset] and (island := ISLAND.match(plain, at, end)):
                read[offset] = island.end()
                yield _decoded(plain[max(at - 4, start + offset) : min(read[offset] + 4, end)])
        elif offset not in decoded:
            decoded.add(offset)
            yield _decoded(plain[start + offset : end])
            yield _decoded(plain[at:end])


def _packed(plain: str, head: str) -> Iterator[bytes]:
    at = plain.find(head)
    for _ in range(STREAMS):
        if at < 0:
            return
        end = at + len(head)
        probe = PROBE.match(plain, at)
        # What only looks like a stream fails within the first bytes: nothing long is decoded for it.
        if probe and inflated(_decoded(probe[0])) and (run := RUNS[0].match(plain, at)):
            yield inflated(_decoded(run[0]))
            end = run.end()
        at = plain.find(head, end)


def _decoded(run: str) -> bytes:
    """The bytes of base64 that may be cut off in the middle of a group."""
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def inflated(raw: bytes) -> bytes:
    """What a stream of gzip or zlib begins with, up to a bound and as far as it is sound; empty where it is none."""
    return _inflated_from(raw, 0, WIDEST)[0]


def _inflated_from(raw: bytes, at: int, most: int) -> tuple[bytes, int, bool]:
    """The same from an offset; up to where that was read, and whether all of it was sound."""
    unpacked = bytearray()
    while at < len(raw) and len(unpacked) < most:  # gzip may have several members
        stream = bodies.Stream(raw, at, ANY_HEADER)
        unpacked += stream.read(most - len(unpacked))
        at = stream.end
        if not stream.is_whole:
            return bytes(unpacked), at, False
    return bytes(unpacked), at, True


def unpacked(raw: bytes) -> bytes:
    """A body that is compressed as a whole, though no header says so, as far as it is sound; empty where it is not."""
    if STREAM.match(raw):
        return inflated(raw)
    return b"" if _is_plain(raw) else _deflated(raw) or bodies.from_brotli(raw, WIDEST)


def _deflated(raw: bytes) -> bytes:
    """What is behind a bare stream of deflate, which has no mark; empty where there is none, or no end of it."""
    stream = bodies.Stream(raw, 0, BARE)
    plain = stream.read(WIDEST)
    return plain if stream.is_whole and stream.end == len(raw) else b""


def narrow(raw: bytes) -> bytes:
    """A body in UTF-16 that nobody called so, in UTF-8; of one that is none its bytes that are no zeros."""
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return raw.decode("utf-16" if marked else "utf-16-be" if raw[:1] == b"\0" else "utf-16-le").encode()
    except UnicodeError:
        return raw.translate(None, b"\0")


def in_bytes(raw: bytes) -> Iterator[tuple[str, str]]:
    """The texts in a body that is none: its letters wherever eight stand together, and what is compressed in it."""
    yield "raw", b"\n".join(LETTERS.findall(raw)).decode()
    if b"\0" in raw:
        yield "UTF-16", b"\n".join(LETTERS.findall(narrow(raw))).decode()
    if not STREAM.match(raw) and (whole := unpacked(raw)):
        yield "compressed", whole.decode("utf-8", "replace")
    for member in bodies.unzipped(raw, WIDEST):
        yield "zip", b"\n".join(LETTERS.findall(member)).decode()
    left, patience, sound = WIDEST, WIDEST + 4 * len(raw), 0
    for match, _ in zip(STREAM.finditer(raw), range(STREAMS), strict=False):
        if match.start() < sound:
            continue  # inside of what has been read
        inner, end, is_sound = _inflated_from(raw, match.start(), left)
        sound = end if is_sound else sound
        left -= len(inner)
        patience -= end - match.start()
        if inner:
            yield "gzip", inner.decode("utf-8", "replace")
        if left <= 0 or patience <= 0:
            return


def hidden_texts(headers: wire.Headers, body: bytes, limit: int = bodies.LONGEST) -> list[tuple[str, str]]:
    """The texts of a body that its file shows as base64 in lines, each with the name of its encoding; nothing is
    unpacked to more bytes than the limit."""
    encoding = wire.header(headers, "content-encoding")
    return [] if not body or (encoding is None and _is_plain(body)) else texts_in(headers, body, limit)


def texts_in(headers: wire.Headers, body: bytes, limit: int = bodies.LONGEST) -> list[tuple[str, str]]:
    """The texts of a body, whatever it is: its letters, what is compressed in it, what its charset makes of it."""
    encoding = wire.header(headers, "content-encoding")
    found = list(in_bytes(body))
    text = bodies.read(headers, body).text
    if text is not None:
        found.append(("raw", text[:WIDEST]))
    decoded = bodies.decode_content(body, encoding, limit) if encoding else None
    if decoded is not None and decoded != body:
        found += [(encoding or "", text) for _, text in in_bytes(decoded[:WIDEST])]
    return found


def _is_plain(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()  # UTF-16 of English is UTF-8, too
    except UnicodeDecodeError:
        return False
