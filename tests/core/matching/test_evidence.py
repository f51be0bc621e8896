"""What recorded answers say against the causes that are known."""

from dataclasses import dataclass

import pytest

from replayer.core.cassette import Interaction
from replayer.core.matching.evidence import moved, suspects, turns
from replayer.core.message import Response
from tests.core.build import INVOICE, OTHER, answer, req


@dataclass(frozen=True)
class Read:
    interaction: Interaction
    order: int


@dataclass(frozen=True)
class Write(Read):
    touched: frozenset[str]


def reads(*answers: Response) -> list[Read]:
    """Equal reads, at every tenth place."""
    return [Read(Interaction(req("GET /v1/x"), one), 10 * place) for place, one in enumerate(answers)]


def test_a_turn_is_where_another_answer_was_given() -> None:
    assert list(turns(reads(answer(1), answer(1), answer(2), answer(3), answer(3)))) == [(10, 20), (20, 30)]
    assert list(turns(reads(answer(1)))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer({"id": INVOICE}), answer({"id": OTHER})),  # the same but for names
        (answer("a", status=404), answer("b", status=404)),
    ],
)
def test_answers_that_say_the_same_are_no_turn(one: Response, other: Response) -> None:
    assert list(turns(reads(one, other))) == []


def test_another_status_is_a_turn() -> None:
    assert list(turns(reads(answer("a", status=404), answer("a")))) == [(0, 10)]


def test_refused_writes_are_suspected_between_the_two_answers_and_of_what_they_touch() -> None:
    def write(order: int, *touched: str) -> Write:
        return Write(Interaction(req("POST /v1/x"), answer(1)), order, frozenset(touched))

    refused = [write(5, "x"), write(14, "y"), write(15, "x", "y"), write(25, "x")]
    assert list(suspects(reads(answer(1), answer(1), answer(2), answer(2)), ["x"], refused)) == [15]


@pytest.mark.parametrize(("writes", "meanwhile"), [([], False), ([5], False), ([15], True), ([5, 25], False)])
def test_what_changes_while_nobody_writes_was_not_moved(writes: list[int], meanwhile: bool) -> None:
    assert moved(reads(answer(1), answer(1), answer(2), answer(2)), writes) is meanwhile
