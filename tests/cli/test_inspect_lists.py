"""Which part of which list a cassette knows, as `inspect` shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from replayer.cassettes import dumps
from replayer.cli import cli
from replayer.core.cassette import Cassette, Facts
from tests.core.build import EPOCH, ORIGIN, answer, recorded, req
from tests.specs.standing import CUSTOMERS, INVOICES, standing

THINGS = "/v1/things"


def pages(*requests: tuple[str, str, bool]) -> Cassette:
    """A list in these pages: what was asked, the objects by their letters, whether there are more."""
    exchanges = []
    for query, letters, more in requests:
        rows = [{"id": f"th_{letter * 4}", "object": "thing"} for letter in letters]
        body = {"object": "list", "data": rows, "has_more": more, "url": THINGS}
        exchanges.append((req(f"GET {THINGS}?{query}"), answer(body)))
    return recorded(*exchanges)


def shown(cassette: Cassette, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What stands below the interactions, without the names that objects are given."""
    path = folder / "x.yaml"
    path.write_text(dumps(cassette), "utf-8")
    cli.main(["inspect", str(path)], standalone_mode=False)
    return [" ".join(line.split()) for line in capsys.readouterr().out.partition("of bodies\n")[2].splitlines()]


HEAD = ["", "list from # pages objects known"]


@pytest.mark.parametrize(
    ("requests", "rows"),
    [
        ([("limit=2", "ab", False)], ["/v1/things 1 1 2 all of it"]),
        ([("limit=2", "", False)], ["/v1/things 1 1 0 it is empty"]),
        ([("limit=2", "ab", True)], ["/v1/things 1 1 2 start - B ..."]),
        ([("starting_after=Z", "ab", True)], ["/v1/things 1 1 2 ... A - B ..."]),
        ([("starting_after=Z", "a", True)], ["/v1/things 1 1 1 ... A ..."]),
        ([("starting_after=Z", "", True)], ["/v1/things 1 1 0 ..."]),
        ([("starting_after=Z", "b", False)], ["/v1/things 1 1 1 ... B - end"]),
        (
            [("starting_after=Z", "ef", False), ("starting_after=Y", "cd", True), ("limit=1", "a", True)],
            ["/v1/things 1 3 1 start - A ...", "2 ... C - D ...", "2 ... E - end"],
        ),
        (
            [("limit=2", "ab", True), ("limit=3", "cab", True)],
            ["/v1/things 1 2 3 only as recorded: the pages contradict each other"],
        ),
    ],
)
def test_each_stretch_is_shown_with_its_ends(
    requests: list[tuple[str, str, bool]], rows: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = []
    for query, letters, more in requests:
        for letter in "YZ":
            query = query.replace(letter, f"th_{letter * 4}")
        queries.append((query, letters, more))
    found = shown(pages(*queries), tmp_path, capsys)
    for letter in "abcdef":
        found = [line.replace(f"th_{letter * 4}", letter.upper()) for line in found]
    assert found == [*HEAD, *rows]


def test_a_list_is_shown_once_for_each_state_and_those_within_objects_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = standing((2, 0, 12))
    there.read(CUSTOMERS)
    there.read(INVOICES, {"limit": 2})
    there.reading.made(CUSTOMERS, {"name": "Ada"})
    there.read(CUSTOMERS, {"limit": 1})
    found = shown(there.reading.cassette, tmp_path, capsys)
    assert [line.split(" - ")[0] for line in found] == [
        *HEAD,
        "/v1/customers 1 1 3 all of it",
        "/v1/invoices 2 1 2 start",
        "/v1/customers 4 1 1 start",
        "and 2 lists within objects",
    ]


def test_of_a_cassette_without_a_list_nothing_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = standing((2,))
    name = there.shop.session.upstream.names.real_of(there.shop.made(CUSTOMERS, {"name": "Ada"}))
    there.read(f"{CUSTOMERS}/{name}")
    assert shown(there.reading.cassette, tmp_path, capsys) == []


def test_a_parameter_in_brackets_is_no_markup_and_moves_no_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shown(pages(("created[gte]=1&note=[red]%1b[2J", "a", False)), tmp_path, capsys)
    assert found == [*HEAD, "/v1/things?created[gte]=1&note=[red]?[2J 1 1 1 all of it"]


def counted(*requests: tuple[int | None, str, int | None]) -> Cassette:
    """A list of another API in numbered pages of three: the number, if one was asked for, the objects by their letters,
    how many there are in all, if that is said."""
    exchanges = []
    for number, letters, total in requests:
        body = {"things": [{"id": letter} for letter in letters], "page": number or 1}
        query = "per_page=3" + (f"&page={number}" if number else "")
        exchanges.append((req(f"GET {THINGS}?{query}"), answer(body | ({"total": total} if total is not None else {}))))
    return replace(recorded(*exchanges), facts=Facts(ORIGIN, "generic", EPOCH))


@pytest.mark.parametrize(
    ("requests", "rows"),
    [
        ([(1, "abc", 3)], ["/v1/things 1 1 3 all of it"]),
        ([(1, "abc", 12), (2, "def", 12), (4, "jkl", 12)], ["/v1/things 1 3 6 1 - 6 of 12", "3 10 - 12 of 12"]),
        ([(None, "abc", None), (1, "abc", None), (2, "def", None)], ["/v1/things 1 3 6 1 - 6 of ..."]),
        (
            [(1, "abc", None), (2, "def", None)],
            [
                "/v1/things 1 2 only as recorded: nothing recorded tells whether the pages of this list are counted "
                'from 0 or from 1; the rule `paging = [{style = "page-number", where = "page", size = "per_page", '
                "first = 1}]` tells it"
            ],
        ),
        (
            [(1, "abc", 12), (2, "cde", 12)],
            [
                "/v1/things 1 2 only as recorded: the recorded pages of this list contradict each other: "
                "c stands at 3 and at 2"
            ],
        ),
    ],
)
def test_lists_whose_objects_are_counted_are_shown_by_their_places(
    requests: list[tuple[int | None, str, int | None]],
    rows: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shown(counted(*requests), tmp_path, capsys) == [*HEAD, *rows]


@pytest.mark.parametrize(
    ("query", "body", "row"),
    [
        ("offset=0&limit=3", {"things": [], "total": 0}, "0 it is empty"),
        ("offset=3&limit=3", {"things": [{"id": "d"}], "total": 4}, "1 4 - 4 of 4"),
    ],
)
def test_so_are_those_by_offsets(
    query: str, body: object, row: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cassette = recorded((req(f"GET {THINGS}?{query}"), answer(body)))
    of_another_api = replace(cassette, facts=Facts(ORIGIN, "generic", EPOCH))
    assert shown(of_another_api, tmp_path, capsys) == [*HEAD, f"/v1/things 1 1 {row}"]
