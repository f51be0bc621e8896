"""Answers that somebody wrote down or had recorded as stubs: which of them say exactly what they answer, and in which
order of states they come.

    requires {scenario: "Started"}, sets {scenario: "added"}    ->    before what requires {scenario: "added"}

A stub that matches many requests is no exchange: what it would have been asked, nobody wrote down.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from replayer.cassettes.formats.given import Found, Loss, described, given
from replayer.cassettes.shape import ShapeError, YamlPath
from replayer.core.message import Request, Response

LITERAL = re.compile(r"\^?((?:[A-Za-z0-9/_~,:;=&%@! #'\"<>-]|\\[^A-Za-z0-9])*)\$?")  # a pattern that matches one text
ESCAPED = re.compile(r"\\(.)")
TEMPLATED = re.compile(r"\{\{")
MOST_WAYS = 64  # stubs of one state that are looked at for the one that leads on
RIVAL = "another with the same request answers instead"
UNREACHED = "its state comes after another answer than the one that was carried over"


@dataclass(frozen=True, slots=True)
class Stub:
    """One stub that says exactly what is asked. It answers while the states are as it `requires`, and then `sets` and
    `removes` some. Of equal ones the lowest `rank` answers. `parts` are what of it is not carried over, in words."""

    request: Request
    response: Response
    place: YamlPath
    requires: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    removes: frozenset[str] = frozenset()
    rank: tuple[int, int] = (0, 0)
    parts: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        return bool(self.removes) or any(self.requires.get(key) != value for key, value in self.sets.items())

    @property
    def states(self) -> set[str]:
        return {*self.requires, *self.sets, *self.removes}


def literal(pattern: str) -> str | None:
    """The one text that a regular expression matches; None where it matches others, too."""
    found = LITERAL.fullmatch(pattern)
    return ESCAPED.sub(r"\1", found[1]) if found else None


def is_templated(text: str) -> bool:
    return TEMPLATED.search(text) is not None


def exchanges(stubs: Sequence[Stub], started: Mapping[str, str]) -> Found:
    """The exchanges of all stubs, each where the file has it, those of one scenario in the order of its states. These
    are `started` first."""
    answering, rivals = _answering(stubs)
    ordered, unreached = _in_turn(answering, started)
    for stub in ordered:
        try:
            found = given(stub.request, stub.response, stub.place)
        except ShapeError as error:
            yield Loss(stub.place, "", error.fault)
            continue
        yield found
        yield from (Loss(stub.place, str(found), part, part=True) for part in stub.parts)
    for stub, why in (*((one, RIVAL) for one in rivals), *((one, UNREACHED) for one in unreached)):
        yield Loss(stub.place, described(stub.request.method, stub.request.uri), why)


def _answering(stubs: Sequence[Stub]) -> tuple[list[Stub], list[Stub]]:
    """Of stubs for one request in one state the one that answers; and the others."""
    best: dict[object, Stub] = {}
    for stub in stubs:
        key = (stub.request, frozenset(stub.requires.items()))
        if key not in best or stub.rank < best[key].rank:
            best[key] = stub
    chosen = {id(stub) for stub in best.values()}
    return [one for one in stubs if id(one) in chosen], [one for one in stubs if id(one) not in chosen]


def _in_turn(stubs: Sequence[Stub], started: Mapping[str, str]) -> tuple[list[Stub], list[Stub]]:
    """The stubs with those of each scenario in the order in which they can be asked, at the places that these have in
    the file; and those that are never reached."""
    ordered: list[Stub | None] = list(stubs)
    unreached = []
    for places in _scenarios(stubs):
        walked = list(_walk([stubs[place] for place in places], started))
        met = {id(one) for one in walked}
        unreached += [stubs[place] for place in places if id(stubs[place]) not in met]
        for place, stub in zip(places, [*walked, *[None] * len(places)], strict=False):
            ordered[place] = stub
    return [stub for stub in ordered if stub is not None], unreached


def _scenarios(stubs: Sequence[Stub]) -> list[list[int]]:
    """The places of the stubs that have to do with the same states."""
    leader: dict[str, str] = {}

    def first(state: str) -> str:
        while leader.setdefault(state, state) != state:
            leader[state] = leader[leader[state]]
            state = leader[state]
        return state

    for stub in stubs:
        names = sorted(map(first, stub.states))
        for name in names[1:]:
            leader[first(name)] = first(names[0])
    found: dict[str, list[int]] = defaultdict(list)
    for place, stub in enumerate(stubs):
        if states := stub.states:
            found[first(min(states))].append(place)
    return list(found.values())


def _walk(stubs: Sequence[Stub], started: Mapping[str, str]) -> Iterator[Stub]:
    """What answers in each state, then what leads on from it, until nothing does."""
    names = {name for stub in stubs for name in stub.states}
    state = {name: value for name, value in started.items() if name in names}
    waiting: dict[tuple[str, str] | None, deque[int]] = defaultdict(deque)  # by one state that they require
    for place, stub in enumerate(stubs):
        waiting[min(stub.requires.items(), default=None)].append(place)
    while found := _next(stubs, waiting, state):
        for key, place in found:
            waiting[key].remove(place)
            yield stubs[place]
            state.update(stubs[place].sets)
            for name in stubs[place].removes:
                state.pop(name, None)


def _next(
    stubs: Sequence[Stub], waiting: Mapping[tuple[str, str] | None, deque[int]], state: Mapping[str, str]
) -> list[tuple[tuple[str, str] | None, int]]:
    """What answers in that state and stays in it; where nothing does, the first that leads on."""
    keys = [key for key in (None, *state.items()) if key in waiting]
    fitting = sorted(
        ((key, place) for key in keys for place in islice(waiting[key], MOST_WAYS) if _fits(stubs[place], state)),
        key=lambda one: one[1],
    )
    return [one for one in fitting if not stubs[one[1]].moves] or fitting[:1]


def _fits(stub: Stub, state: Mapping[str, str]) -> bool:
    return all(state.get(name) == value for name, value in stub.requires.items())
