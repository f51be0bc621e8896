"""Law 2 over APIs that are odd, but true: what was recorded of them is never taken for edited by hand, and can be
recorded again. An order and its invoice share one id, imports are older than themselves, names come back to life."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replayer.cassettes import dumps
from replayer.core.audit import audit, spoiling
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.rules import registry
from tests.core.build import session
from tests.specs.traffic import PROXY, START, recording
from tests.specs.world import ORIGIN

HOUR, DAY = 3_600, 86_400
DOCUMENT = "/docs/85fad431-201d-4984-89e1-8634deadbeef"  # by its client's choice

Ask = tuple[str, str]
ASKS: list[Ask] = [
    ("POST", "/orders"),
    ("GET", "/orders"),
    ("GET", "/invoice"),
    ("POST", "/imports"),
    ("GET", "/imports"),
    ("PUT", DOCUMENT),
    ("DELETE", DOCUMENT),
    ("GET", DOCUMENT),
    ("PUT", "/page"),
    ("GET", "/page"),
    ("GET", "/event"),
]
programs = st.lists(st.sampled_from(ASKS), min_size=2, max_size=16)
ages = st.sampled_from((0, 5, HOUR, 3 * HOUR, 3 * DAY, 9 * DAY))  # some within the day of the recording


@dataclass
class Odd:
    """`ages` tell how long before its import a thing was made, and changed; `apart` by how much two clocks differ."""

    seed: int
    ages: tuple[int, int]
    apart: int
    now: float = START
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)

    def answer(self, request: Request) -> Response:
        self.now += 1.3
        value = self._value(request.method, request.path)
        return Response(200 if value else 404, "", (self._date, ("Content-Type", "application/json")), _json(value))

    @property
    def _date(self) -> tuple[str, str]:
        return "Date", f"{datetime.fromtimestamp(self.now, UTC):%a, %d %b %Y %H:%M:%S} GMT"

    def _value(self, method: str, path: str) -> Any:
        kept = self.kept.setdefault(path, [])
        match method, path:
            case "POST", _:
                made, changed = self.ages if path == "/imports" else (0, 0)
                kept.append({"object": path[1:-1], "id": self._id()} | self._times(made, changed))
                return kept[-1]
            case "PUT", _:
                identity = path.rpartition("/")[2] if path == DOCUMENT else (kept or [{"id": self._id()}])[0]["id"]
                kept.append({"id": identity, "version": len(kept) + 1} | self._times(0, 0))
                return kept[-1]
            case "DELETE", _:
                kept.clear()
                return {"deleted": True}
            case "GET", "/invoice":
                return [self._seen(order["id"], object="invoice") for order in self._of("/orders")]
            case "GET", "/event":
                return [self._seen(order["id"], type="made") for order in self._of("/orders")]
            case _:
                return kept

    def _of(self, path: str) -> list[dict[str, Any]]:
        return self.kept.get(path, [])

    def _seen(self, identity: str, **kind: str) -> dict[str, Any]:
        """What comes to be of an order when somebody first looks for it."""
        seen = self.kept.setdefault(f"{identity} {kind}", [])
        seen += [] if seen else [kind | {"id": identity} | self._times(0, 0)]
        return seen[0]

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def _times(self, made: int, changed: int) -> dict[str, str]:
        """The clock of the database is another one than that of the answers."""
        return {"created_at": self._iso(self.apart - made), "updated_at": self._iso(-changed)}

    def _iso(self, distance: int) -> str:
        return f"{datetime.fromtimestamp(int(self.now + distance), UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def recorded(program: list[Ask], odd: Odd, over: Cassette | None = None) -> Cassette:
    links = wire.Links(PROXY, ORIGIN, ORIGIN)
    to = session(over, Mode.ALL, rules=registry.GENERIC_RULES, links=links, upstream=ORIGIN)
    answer = recording(to, odd)
    for method, path in program:
        answer(Request(method, path))
    cassette = to.cassette()
    assert cassette is not None
    return cassette


@pytest.mark.long
@example([("PUT", "/page"), ("PUT", "/page")], 0, (0, 0), -4)  # a clock behind that of the answers, and an upsert
@given(programs, st.integers(0, 2**32), st.tuples(ages, ages), st.integers(-4, 4))
def test_law_2_what_an_odd_api_answered_is_never_taken_for_edited_by_hand(
    program: list[Ask], seed: int, ages: tuple[int, int], apart: int
) -> None:
    """Nor what it answered when it was recorded again."""
    cassette = None
    for time in range(2):
        cassette = recorded(program, Odd(seed + time, ages, apart, START + time * DAY), cassette)
        assert audit(cassette, dumps(cassette)) == spoiling(cassette, dumps(cassette)) == []
