"""A content encoding undone while a stream comes: what was flushed is read at once, and never more than so much of it.

Replayer asks for no encoding; some servers pack all the same.
"""

import zlib
from collections.abc import AsyncIterator

from replayer.core.message import wire
from replayer.proxy.upstream import UpstreamError

PIECE = 1 << 16  # bytes that are unpacked at once: a kilobyte may hold a megabyte
WINDOWS = {
    "gzip": 16 + zlib.MAX_WBITS,
    "x-gzip": 16 + zlib.MAX_WBITS,
    "deflate": zlib.MAX_WBITS,
}


def encoding_of(headers: wire.Headers) -> str:
    """How a body is packed; empty where it is not."""
    named = (wire.header(headers, "content-encoding") or "").strip().lower()
    return "" if named == "identity" else named


def is_known(encoding: str) -> bool:
    """Whether that can be undone while it comes."""
    return not encoding or encoding in WINDOWS


async def unpacked(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The bytes as they were before they were packed. UpstreamError where they were not packed so."""
    if not encoding:
        async for chunk in chunks:
            yield chunk
        return
    decoder = zlib.decompressobj(WINDOWS[encoding])
    async for chunk in chunks:
        left = chunk
        while left:
            if decoder.eof:  # another member
                decoder = zlib.decompressobj(WINDOWS[encoding])
            try:
                plain = decoder.decompress(left, PIECE)
            except zlib.error:
                raise UpstreamError(f"what it sent is no {encoding}") from None
            left = decoder.unconsumed_tail or decoder.unused_data
            if plain:
                yield plain
