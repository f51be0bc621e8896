"""What may be wrong with a suite, each kind by the name of its gate. It decides nothing: who asks says which count."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from replayer.core.suite.suite import CassetteSum, Suite

DAY = 86_400  # seconds
FEW = 3  # tests of a cassette that are named, of those that may have missed


@dataclass(frozen=True, slots=True)
class SuiteFinding:
    """Something that is wrong with a cassette; `gate` is of which kind, `lines` tell what."""

    gate: str
    cassette: str
    lines: tuple[str, ...]


def _missed(each: CassetteSum) -> Iterator[str]:
    for miss, times in sorted(each.misses.items()):
        yield f"{miss.reason}: {miss.message}" + (f" ({times} times)" if times > 1 else "")
    if untold := each.missed - sum(each.misses.values()):
        yield f"{untold} more"
    if each.missed and each.tests:
        yield "by " + _first(sorted(each.tests))


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _unused(each: CassetteSum) -> Iterator[str]:
    yield from (f"#{number} {request}".rstrip() for number, request in each.unused)


def _drift(each: CassetteSum) -> Iterator[str]:
    for one in sorted(each.drift):
        yield f"{one.kind} {one.where} {one.field}".rstrip() + f" ({one.count} answers)" * (one.count > 1)


def _age(each: CassetteSum) -> Iterator[str]:
    if each.is_too_old:
        yield f"{(each.age or 0) / DAY:.1f} days old, and may be {(each.max_age or 0) / DAY:.1f}"


def _unsaved(each: CassetteSum) -> Iterator[str]:
    yield from sorted(each.unsaved)


OF_CASSETTES: dict[str, Callable[[CassetteSum], Iterator[str]]] = {
    "missed": _missed,
    "unused": _unused,
    "drift": _drift,
    "age": _age,
    "unsaved": _unsaved,
}
ORPHANS = "orphans"
GATES: dict[str, str] = {
    "missed": "a request had no answer",
    "unused": "nobody in the suite asked for an interaction",
    ORPHANS: "no session of the suite used a cassette",
    "drift": "the API answers otherwise now, as `check --receipt` found",
    "age": "a cassette is older than its `max_age`, or than `--max-age`",
    "unsaved": "a recording did not become its cassette",
}


def findings(suite: Suite, max_age: int | None = None) -> list[SuiteFinding]:
    """All that is wrong, in the order of the gates and of the names. `max_age` is how old any cassette may be, in
    seconds, besides what each session said."""
    strict = [each.within(max_age) for each in suite]
    found = {
        gate: [SuiteFinding(gate, each.cassette, lines) for each in strict if (lines := tuple(told(each)))]
        for gate, told in OF_CASSETTES.items()
    }
    found[ORPHANS] = [SuiteFinding(ORPHANS, name, ("no session used it",)) for name in suite.orphans]
    return [finding for gate in GATES for finding in found[gate]]
