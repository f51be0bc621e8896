"""Replayer: a record-and-replay HTTP fixture proxy.

    async with Replayer(cassette="cassettes/invoices.yaml", upstream="sandbox") as replayer:
        ...  # point any HTTP client at replayer.url

Names are imported when they are first used: `import replayer` loads neither aiohttp nor vcrpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replayer.errors import CassetteError, MissError, ReplayerError, UnsafeError, UsageError
    from replayer.proxy.replayer import Replayer

__version__ = "0.2.0"
__all__ = ["CassetteError", "MissError", "Replayer", "ReplayerError", "UnsafeError", "UsageError", "__version__"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'replayer' has no attribute {name!r}")
    home = "replayer.proxy.replayer" if name == "Replayer" else "replayer.errors"
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
