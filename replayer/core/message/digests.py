"""What is derived from the bytes of a body: its checksum, as headers tell it. Where it was right for one body it can be
computed anew for another one.

Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==            Digest: SHA-256=..., MD5=...
Content-Digest: sha-256=:...:                    x-goog-hash: crc32c=AAAAAA==,md5=...
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

# Headers in which a checksum of the body may stand, and those of them that tell nothing else.
MAY_TELL = re.compile(r"(?i)digest|checksum|etag|(?:^|-)(?:md5|sha-?\d*|crc-?\d+c?|hash|integrity)(?:$|-)")
TELLS = re.compile(
    r"(?i)(?:content-|repr-)?digest|content-md5|x-goog-hash|(?:.+-)?(?:checksum|md5|sha-?\d*|crc-?\d+c?)(?:-.+)?|(?:.+-)?content-hash"
)
WORD = re.compile(r"(?P<label>sha\d{3}-)?(?P<sum>[0-9A-Za-z+/_-]{6,}={0,2})")  # the label is that of an `integrity`
LONGEST = 1 << 20  # bytes; a checksum that only Python computes takes a tenth of a second for them
POLYNOMIAL = 0x82F63B78  # of CRC-32C, reflected (RFC 3720 B.4)

Spelling = Callable[[bytes], str]


def _crc32c(raw: bytes) -> bytes:
    if len(raw) > LONGEST:
        return b""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc = _CRC32C[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "big")


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


_CRC32C = tuple(map(_remainder, range(256)))

# By the number of bytes, so that only those are computed that a text can tell; the slowest last.
ALGORITHMS: Mapping[int, tuple[Callable[[bytes], bytes], ...]] = {
    4: (lambda raw: zlib.crc32(raw).to_bytes(4, "big"), lambda raw: zlib.adler32(raw).to_bytes(4, "big"), _crc32c),
    16: (lambda raw: hashlib.md5(raw, usedforsecurity=False).digest(),),
    20: (lambda raw: hashlib.sha1(raw, usedforsecurity=False).digest(),),
    32: (lambda raw: hashlib.sha256(raw).digest(),),
    48: (lambda raw: hashlib.sha384(raw).digest(),),
    64: (lambda raw: hashlib.sha512(raw).digest(),),
}


@lru_cache(4096)  # the same few names stand in all messages
def may_tell(name: str) -> bool:
    """Whether a header of that name may tell a checksum of the body."""
    return MAY_TELL.search(name) is not None


def tells(name: str) -> bool:
    """Whether it tells that and nothing else: it is wrong where the body is another one."""
    return TELLS.fullmatch(name) is not None


def anew(value: str, bodies: Sequence[bytes], new: bytes) -> str | None:
    """The text of a header with each checksum of one of the bodies as that of the new one. None where it tells none of
    these: then nobody knows what it tells."""
    words = {match["sum"] for match in WORD.finditer(value)}
    found = {word: changed for word in words if (changed := _renewed(word, bodies, new))}
    return (
        WORD.sub(lambda match: (match["label"] or "") + found.get(match["sum"], match["sum"]), value) if found else None
    )


def _renewed(word: str, bodies: Sequence[bytes], new: bytes) -> str:
    for length, write in _spellings(word):
        for algorithm in ALGORITHMS[length]:
            if any(write(algorithm(raw)) == word for raw in bodies):
                return write(algorithm(new))
    return ""


def _spellings(word: str) -> Iterator[tuple[int, Spelling]]:
    """How many bytes a checksum of that many characters can have, and how it is written then."""
    if len(word) % 2 == 0 and len(word) // 2 in ALGORITHMS:
        yield len(word) // 2, bytes.hex
        yield len(word) // 2, lambda raw: raw.hex().upper()
    length = len(word.rstrip("=")) * 3 // 4
    if length in ALGORITHMS:
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield length, _in_base64(encode, padded=word.endswith("="))


def _in_base64(encode: Callable[[bytes], bytes], *, padded: bool) -> Spelling:
    return lambda raw: encode(raw).decode().rstrip("=") + "=" * (-len(raw) % 3 if padded else 0)
