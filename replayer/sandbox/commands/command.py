"""One checked command: what every operation gets besides the ledger."""

from dataclasses import dataclass
from typing import Any

from replayer.sandbox.wire import Wire, kinds


@dataclass(frozen=True, slots=True)
class Command:
    """One checked command. `at` is the whole second it arrived in; `subject` is the object that its path names."""

    at: int
    params: kinds.Params
    subject: Wire
    path: str = ""
    second: str = ""
    """The second id of the path (a line of an invoice), where it has one."""
    expand: tuple[str, ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)
