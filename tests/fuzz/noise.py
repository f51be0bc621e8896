"""Chance, and how it damages what was sound: bytes flipped, cut, doubled and moved, and words put where none belong."""

import random

WORDS = (
    b"%", b"%00", b"%FF", b"%2e%2e", b"%5B", b"[", b"]", b"[]", b"[0]", b"&", b"=", b"+", b"/", b"//", b"..",
    b"?", b"#", b"\r\n", b"\n", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b'"', b"\\", b"\\ud800", b"{", b"}",
    b"{}", b"null", b"1e999", b"-0", b"9" * 30, b"NaN", b":", b": ", b"- ", b"&a ", b"*a", b"!!binary ",
    b"!!python/name:os.system ", b"<<: ", b"|\n", b"...\n", b"---\n", b"gzip", b"br", b"deflate, gzip",
    b"chunked", b"Content-Length: 9\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n",
    b"Host: evil.example\r\n", b"cus_NffrFeUfNV2Hib", b"in_1UI6qsHIBYZYyePrZqHAeqdY", b"/__replayer__/",
    b"1795350000", b"9999999999999", b"2026-02-31T25:61:61Z", b"\x1f\x8b\x08", b"boundary=\xff", b"Basic \xff",
    b"http://[::1",
)  # fmt: skip
LONGEST = 1 << 16  # bytes: what is long is tested by its growth, here it would only be slow


class Noise:
    """Chance from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def choice(self, of: tuple[bytes, ...]) -> bytes:
        return self.chance.choice(of)

    def damaged(self, data: bytes, others: tuple[bytes, ...] = ()) -> bytes:
        """The bytes with a few damages; some of them with a piece of another."""
        for _ in range(self.chance.choice((0, 1, 1, 2, 3, 8))):
            data = self._damaged(data, others or (data,))[:LONGEST]
        return data

    def _damaged(self, data: bytes, others: tuple[bytes, ...]) -> bytes:
        start, end = sorted(self.chance.choices(range(len(data) + 1), k=2))
        piece = data[start:end]
        match self.chance.randrange(9):
            case 0:
                return data[:start] + bytes([self.chance.randrange(256)]) + data[start + 1 :]
            case 1:
                return data[:start] + data[end:]
            case 2:
                return data[:start] + piece * 2 + data[end:]
            case 3:
                return data[:start]
            case 4:
                other = self.chance.choice(others)
                at = self.chance.randrange(len(other) + 1)
                return data[:start] + other[at : at + self.chance.randrange(200)] + data[end:]
            case 5:
                return data[:start] + self.chance.choice(WORDS) * self.chance.choice((1, 1, 1, 2, 50)) + data[start:]
            case _:
                return data[:start] + self.chance.choice(WORDS) + data[start:]
