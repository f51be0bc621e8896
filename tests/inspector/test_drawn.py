"""What is drawn, as JSON: it is what the core says, in parts, and what is not there is said to be missing."""

from pathlib import Path
from typing import Any

import pytest

from replayer.cassettes import folder
from replayer.core.drawing import AskedPage, Drawing, Lane, SessionState
from replayer.core.rules import registry
from replayer.errors import UsageError
from replayer.inspector import Desk
from replayer.proxy.looking import of_file

CASSETTES = Path(__file__).parents[2] / "cassettes"
LIFE, PAGING = CASSETTES / "life.yaml", CASSETTES / "paging.yaml"


@pytest.fixture(scope="module")
def life() -> Desk:
    return Desk(of_file(LIFE))


def drawn(desk: Desk, name: str, **parameters: object) -> dict[str, Any]:
    return desk.document(f"drawn/{name}", {key: str(value) for key, value in parameters.items()})


def numbers(spans: list[list[int]]) -> list[int]:
    return [number for first, last in spans for number in range(first, last + 1)]


def test_causes_come_in_parts_with_what_stands_behind_each(life: Desk) -> None:
    drawing = Drawing(folder.existing(LIFE), registry.INVOICE_RULES)
    whole = drawn(life, "causes")
    assert (whole["count"], whole["writes"], whole["first"]) == (17, 15, 1)
    for row in whole["rows"]:
        assert numbers(row["behind"]) == drawing.causality.behind(row["number"])
    part = drawn(life, "causes", first=6, count=2)
    assert [row["request"] for row in part["rows"]] == [
        "POST /v1/invoices/in_urhS/finalize",
        "GET /v1/invoices/in_urhS",
    ]
    around = drawn(life, "around", number=4)
    assert (numbers(around["ahead"]), around["behind"]) == (drawing.causality.ahead(4), [[1, 3]])


def test_a_state_says_what_would_be_answered(life: Desk) -> None:
    told = drawn(life, "state", after=6)
    state: SessionState = Drawing(folder.existing(LIFE), registry.INVOICE_RULES).state_after(6)
    assert {read["number"]: read["how"] for read in told["reads"]} == {n: one.how for n, one in state.reads.items()}
    assert (told["answered"], told["of"], told["last"]) == (1, 2, 6)
    assert told["ready"] == list(state.ready)


def test_objects_are_found_by_a_part_of_their_ids_and_have_a_life(life: Desk) -> None:
    assert [one["id"][:7] for one in drawn(life, "objects", text="IN_urhs")["objects"]] == ["in_urhS"]
    name = drawn(life, "objects", text="in_urhS")["objects"][0]["id"]
    lane: Lane = Drawing(folder.existing(LIFE), registry.INVOICE_RULES).lanes.lane(name)
    assert [step["number"] for step in drawn(life, "lane", id=name)["steps"]] == [step.number for step in lane.steps]


def test_a_list_is_told_with_its_pages_and_another_page_of_it_is_found_by_what_it_says_of_the_page_alone() -> None:
    desk = Desk(of_file(PAGING))
    (one,) = drawn(desk, "lists")["lists"]
    assert one["total"] == sum(part["count"] for part in one["stretches"])
    for page in one["pages"]:
        asked = drawn(desk, "asked", list=0, query=page["query"])
        assert asked["how"] == "other"
        assert (asked["stretch"], asked["start"], asked["count"]) == (page["stretch"], page["start"], page["count"])
    found: AskedPage = Drawing(folder.existing(PAGING), registry.INVOICE_RULES).asked_of(0, "limit=1")
    assert drawn(desk, "asked", list=0, query="?limit=1")["how"] == found.how == "page"


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("around", {"number": 18}, "number is a number from 1 to 17, and not '18'"),
        ("around", {"number": "0x1"}, "number is a number from 1 to 17, and not '0x1'"),
        ("state", {"after": -1}, "after is a number from 0 to 15, and not '-1'"),
        ("state", {"after": 16}, "after is a number from 0 to 15, and not '16'"),
        ("causes", {"first": 1, "count": 10**8}, "count is a number from 1 to 500"),
        ("asked", {"list": 9, "query": ""}, "list is a number from 0 to"),
        ("sea", {}, "There is no 'drawn/sea' to see"),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(life: Desk, name: str, parameters: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        drawn(life, name, **parameters)
