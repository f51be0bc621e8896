"""A cassette as an object of a store: packed by zstd, called by the SHA-256 of what is packed. What comes out of one is
those very bytes, or nothing. Pure. The package zstandard is imported where it is needed: only who has the extra `store`
has it.
"""

from hashlib import sha256

LEVEL = 9  # YAML shrinks to a tenth; higher levels take ten times as long for a few percent
LARGEST = 1 << 31  # bytes of a cassette: what claims more is damaged, or wants this machine's memory
FOLDER = "sha256"
SUFFIX = ".zst"


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def key_of(digest: str) -> str:
    """Where the object with that content is, below the store's own place."""
    return f"{FOLDER}/{digest[:2]}/{digest}{SUFFIX}"


def digest_in(key: str) -> str | None:
    """The other way round; None for what is no such place."""
    digest = key.rpartition("/")[2].removesuffix(SUFFIX)
    return digest if key == key_of(digest) and len(digest) == 64 else None


def packed(content: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=False).compress(content)


def unpacked(found: bytes, digest: str, size: int) -> bytes | None:
    """What is in an object; None where that is not the content of that digest and size, whoever is to blame."""
    import zstandard

    if size > LARGEST:
        return None
    try:
        if zstandard.frame_content_size(found) != size:
            return None
        content = zstandard.ZstdDecompressor().decompress(found, max_output_size=size, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError):
        return None
    return content if digest_of(content) == digest else None
