"""The faults of one session: which rule a request meets, in the order in which they are written, as long as it has
times left.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.core.faults.rule import FaultRule


@dataclass(slots=True)
class _Laid:
    """A rule, and how often it was met."""

    rule: FaultRule
    met: int = 0


class Faults:
    """Rules, and how often each was met. `done` counts the requests with which something did go wrong."""

    def __init__(self, rules: Iterable[FaultRule] = ()) -> None:
        self.done = 0
        self._laid = list(map(_Laid, rules))

    def __repr__(self) -> str:
        return f"<Faults {len(self._laid)} rules, {self.done} done>"

    def __bool__(self) -> bool:
        """Whether there are any rules."""
        return bool(self._laid)

    def lay(self, rules: Iterable[FaultRule]) -> None:
        """From now on it is these rules and no others; each has all its times."""
        self._laid = list(map(_Laid, rules))  # at once: another thread may be who asks for that

    def meet(self, method: str, path: str) -> FaultRule | None:
        """The rule that this request meets, which is one of its times; None where it meets none."""
        for laid in self._laid:
            if (laid.rule.times is None or laid.met < laid.rule.times) and laid.rule.meets(method, path):
                laid.met += 1
                return laid.rule
        return None

    @property
    def unmet(self) -> list[FaultRule]:
        """The rules that no request has met."""
        return [laid.rule for laid in self._laid if not laid.met]

    @property
    def shown(self) -> list[dict[str, str | int]]:
        """The rules as they are told: each as it is written, and how often it was met."""
        return [{"rule": str(laid.rule), "met": laid.met} for laid in self._laid]
