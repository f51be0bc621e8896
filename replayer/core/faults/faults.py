"""The faults of one session: which rule a request meets, in the order in which they are written, as long as it has
times left.
"""

from collections.abc import Iterable

from replayer.core.faults.rule import FaultRule


class Faults:
    """Rules, and how often each was met. `done` counts the requests with which something did go wrong."""

    def __init__(self, rules: Iterable[FaultRule] = ()) -> None:
        self.done = 0
        self._rules: list[FaultRule] = []
        self._met: list[int] = []
        self.lay(rules)

    def __repr__(self) -> str:
        return f"<Faults {len(self._rules)} rules, {self.done} done>"

    def __bool__(self) -> bool:
        """Whether there are any rules."""
        return bool(self._rules)

    def lay(self, rules: Iterable[FaultRule]) -> None:
        """From now on it is these rules and no others; each has all its times."""
        self._rules = list(rules)
        self._met = [0] * len(self._rules)

    def meet(self, method: str, path: str) -> FaultRule | None:
        """The rule that this request meets, which is one of its times; None where it meets none."""
        for at, rule in enumerate(self._rules):
            if (rule.times is None or self._met[at] < rule.times) and rule.meets(method, path):
                self._met[at] += 1
                return rule
        return None

    @property
    def unmet(self) -> list[FaultRule]:
        """The rules that no request has met."""
        return [rule for rule, met in zip(self._rules, self._met, strict=True) if not met]

    @property
    def shown(self) -> list[dict[str, str | int]]:
        """The rules as they are told: each as it is written, and how often it was met."""
        return [{"rule": str(rule), "met": met} for rule, met in zip(self._rules, self._met, strict=True)]
