"""The sandbox on a port and in time: the clock that it is given, the file that keeps its state, the order to reset.

Only `Sandbox` loads aiohttp, so all names here are fetched when they are asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from replayer.sandbox.serving import tables
    from replayer.sandbox.serving.server import Sandbox
    from replayer.sandbox.serving.state_file import StateError

__all__ = ["Sandbox", "StateError", "tables"]

_HOMES: Final = {"Sandbox": "server", "StateError": "state_file"}


def __getattr__(name: str) -> Any:
    if name == "tables":
        return import_module(f"{__name__}.tables")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
