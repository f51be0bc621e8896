"""Looking for a secret in files, by a program of its own: it knows what was planted, and undoes any encoding that it
knows until nothing new comes of it. It shares no line with what records or audits."""

import base64
import binascii
import html
import re
import zlib
from collections.abc import Collection, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import unquote_plus, unquote_to_bytes

brotli: Any = import_module("brotli")  # it has no types
DEEP = 3
BASE64 = re.compile(rb"[0-9A-Za-z+/_-]{11,}={0,2}")
HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){6,}")
ESCAPE = re.compile(rb"\\(?:u00|x)([0-9A-Fa-f]{2})")
JOINED = re.compile(rb"(?<=[0-9A-Za-z+/])\n +(?=[0-9A-Za-z+/=])")


def all_leaked(secrets: Collection[str], file: bytes) -> dict[str, str]:
    """Which of them can be read out of a file that is long, and how. It is taken apart line by line: an encoding that
    goes over several lines is put together before."""
    found: dict[str, str] = {}
    wanted = {secret: secret.encode() for secret in secrets}
    for line in {*file.splitlines(), *JOINED.sub(b"", file).splitlines()}:
        for how, text in readable(line):
            found |= {secret: how or "as it is" for secret, raw in wanted.items() if raw in text}
    return found


def leaked(secret: str, *files: bytes) -> str:
    """How a secret can be read out of one of the files: the encodings that have to be undone; empty where it cannot."""
    wanted = secret.encode()
    for file in files:
        for how, text in readable(file):
            if wanted in text:
                return how or "as it is"
    return ""


def readable(file: bytes) -> Iterator[tuple[str, bytes]]:
    """All that a file can be read as, with how that is done."""
    seen, waiting = {file}, [("", file)]
    for how, text in waiting:
        yield how, text
        if how.count(">") >= DEEP:
            continue
        for name, plain in undone(text):
            if plain and plain not in seen:
                seen.add(plain)
                waiting.append((f"{how} > {name}", plain))


def undone(text: bytes) -> Iterator[tuple[str, bytes]]:
    yield "lines", JOINED.sub(b"", text)
    yield "utf-16", text.replace(b"\0", b"")
    yield "escapes", ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), text).replace(b"\\", b"")
    yield "percent", unquote_to_bytes(text)
    yield "form", unquote_plus(text.decode("latin-1"), "latin-1").encode("latin-1", "replace")
    yield "html", html.unescape(text.decode("latin-1")).encode("latin-1", "replace")
    for run in BASE64.findall(text):
        plain = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for first in range(4):
            cut = plain[first : first + (len(plain) - first) // 4 * 4]
            yield "base64", base64.b64decode(cut)
            rest = plain[first:]
            if len(rest) % 4 in (2, 3):
                yield "base64", base64.b64decode(rest + b"=" * (4 - len(rest) % 4))
    for run in HEX.findall(text):
        yield "hex", binascii.unhexlify(run)
    if len(text) < 4096:
        yield from unpacked(text)


def unpacked(text: bytes) -> Iterator[tuple[str, bytes]]:
    for bits in (15, -15, 31):
        try:
            yield "deflate", zlib.decompressobj(bits).decompress(text)
        except zlib.error:
            continue
    try:
        yield "brotli", brotli.decompress(text)
    except brotli.error:
        return
