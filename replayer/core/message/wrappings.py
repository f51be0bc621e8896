"""A tar, and a file of gzip that may hold one: its bytes changed, and with them the checksums that follow from them.

gzip   head of ten bytes [, name, comment], deflate, CRC-32 and length of what is in it       (RFC 1952)
tar    blocks of 512 bytes: a header with name, time and checksum in octal, and what is in it (POSIX.1, ustar)

When it was packed stands in both: in one that is changed no time is told, and so it is the same in every recording. One
in which nothing is another one then stays as it is, byte for byte.
"""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress

MAGIC = b"\x1f\x8b\x08"
GZIP_BITS = 16 + zlib.MAX_WBITS
PLAIN_HEAD, HAS_NAME, TIME = 10, 8, slice(4, 8)  # bytes of a head; a flag of it; where it tells the time
KNOWN_FLAGS = (0, HAS_NAME)
LEVEL = 6  # zlib's own default, said so that it stays: the same bytes give the same file
BLOCK, USTAR = 512, slice(257, 262)
NAME, SIZE, PACKED_AT, CHECKSUM = slice(0, 100), slice(124, 136), slice(136, 148), slice(148, 156)
NO_TIME = b"00000000000\0"

Change = Callable[[bytes], bytes]


def mapped(raw: bytes, change: Change, most: int) -> bytes | None:
    """The same with what is in it, up to that many bytes, changed; None where it is neither of them."""
    if raw.startswith(MAGIC):
        return _gzip(raw, change, most)
    return _tar(raw, change) if is_tar(raw) else None


def is_tar(raw: bytes) -> bool:
    """Whether the bytes are blocks of tar, the first of which is a header."""
    return len(raw) % BLOCK == 0 and len(raw) > BLOCK and raw[USTAR] == b"ustar" and _is_sound(raw[:BLOCK])


def _gzip(raw: bytes, change: Change, most: int) -> bytes:
    head = _head(raw)
    plain = _unpacked(raw, most) if head else None
    if plain is None:
        return raw
    new = _tar(plain, change) if is_tar(plain) else change(plain)
    if new == plain:
        return raw
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(new) + packer.flush()
    return head + packed + struct.pack("<2L", zlib.crc32(new), len(new) & 0xFFFFFFFF)


def _head(raw: bytes) -> bytes:
    """The head without its time; empty where it has parts that nobody here reads."""
    flags = raw[3] if len(raw) > PLAIN_HEAD else -1
    if flags not in KNOWN_FLAGS:
        return b""
    end = raw.find(b"\0", PLAIN_HEAD) + 1 if flags == HAS_NAME else PLAIN_HEAD
    head = bytearray(raw[:end])
    head[TIME] = bytes(4)
    return bytes(head)


def _unpacked(raw: bytes, most: int) -> bytes | None:
    """What is in it; None where that is not sound, longer, or not all that there is."""
    reader = zlib.decompressobj(GZIP_BITS)
    with suppress(zlib.error):
        plain = reader.decompress(raw, most + 1)
        return plain if reader.eof and not reader.unused_data and len(plain) <= most else None
    return None


def _tar(raw: bytes, change: Change) -> bytes:
    blocks = bytearray(raw)
    changed, at = False, 0
    while at + BLOCK <= len(raw) and any(raw[at : at + BLOCK]):
        header = raw[at : at + BLOCK]
        if not _is_sound(header):
            return raw  # what it counts is not ours to tell
        size = _octal(header[SIZE])
        start, end = at + BLOCK, at + BLOCK + size
        for part in (slice(at, at + NAME.stop), slice(start, end)):
            new = change(raw[part])
            if len(new) == len(raw[part]):
                changed |= new != raw[part]
                blocks[part] = new
        blocks[at + PACKED_AT.start : at + PACKED_AT.stop] = NO_TIME
        blocks[at + CHECKSUM.start : at + CHECKSUM.stop] = b"%06o\0 " % _sum(bytes(blocks[at : at + BLOCK]))
        at = start + -(-size // BLOCK) * BLOCK
    return bytes(blocks) if changed else raw


def _octal(field: bytes) -> int:
    """The number in a field; -1 where it is written in another way."""
    digits = field.strip(b" \0")
    return int(digits, 8) if digits.isdigit() and not set(digits) & set(b"89") else -1


def _sum(header: bytes) -> int:
    return sum(header[: CHECKSUM.start]) + sum(header[CHECKSUM.stop :]) + (CHECKSUM.stop - CHECKSUM.start) * ord(" ")


def _is_sound(header: bytes) -> bool:
    return _octal(header[SIZE]) >= 0 and _octal(header[CHECKSUM]) == _sum(header)
