"""The door to a store: what the extra `store` brings is imported behind it, and said where it is missing."""

from typing import TYPE_CHECKING

from replayer.cassettes.store.address import Address
from replayer.errors import UsageError

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import Remote


def open_store(url: str, *, makes: bool = False) -> "Remote":
    """The store of that name, which nobody has asked yet; UsageError where it is none, or cannot be asked from here.
    `makes` tells that a folder may be made."""
    if not url:
        raise UsageError("There is no store. Name it: --store s3://bucket/prefix, or store in [tool.replayer].")
    address = Address.of(url)
    try:
        import zstandard  # noqa: F401 - what packs needs it

        from replayer.cassettes.store.remote import Remote
    except ImportError as error:
        raise UsageError(
            f"A store needs the package {error.name}, which is not installed: pip install 'replayer-proxy[store]'."
        ) from None
    return Remote.open(address, makes=makes)
