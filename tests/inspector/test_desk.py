import ast
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from replayer.cassettes import folder, head, loads
from replayer.core.cassette import Interaction
from replayer.core.drawing import Drawing
from replayer.core.message import Request, Response
from replayer.core.rules import registry
from replayer.errors import UsageError
from replayer.inspector import PLAYED, Desk, Feed, FeedRow, RowTexts
from replayer.inspector.copying import copies
from replayer.inspector.desk import told
from replayer.inspector.exchange import remedies
from replayer.inspector.rows import places_of
from replayer.proxy.looking import of_file

LIFE = Path(__file__).parents[2] / "cassettes" / "life.yaml"
CUSTOMER = "cus_ML77aiELdGXfta"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(of_file(LIFE))


def test_the_rows_of_a_cassette_are_its_interactions_in_their_order(desk: Desk) -> None:
    found = desk.document("rows", {})
    interactions = folder.existing(LIFE).interactions
    assert [row[0] for row in found["rows"]] == list(range(1, len(interactions) + 1))
    assert [row[2] for row in found["rows"]] == [one.request.method for one in interactions]
    assert desk.document("rows", {"after": "15"})["rows"] == found["rows"][15:]


def test_an_alias_tells_its_origin_and_every_place(desk: Desk) -> None:
    found = desk.document("alias", {"text": CUSTOMER})
    assert found["origin"] == "Made by write 1, POST /v1/customers: at id in its answer."
    in_text = sum(text.count(CUSTOMER) > 0 for text in map(str, folder.existing(LIFE).interactions))
    assert len({place["number"] for place in found["places"]}) == in_text
    assert {"number": 2, "side": "request", "place": "customer"} in found["places"]


def test_a_beginning_of_an_id_stands_nowhere(desk: Desk) -> None:
    assert desk.document("alias", {"text": CUSTOMER[:-1]})["count"] == 0


def test_what_was_first_seen_in_a_read_may_be_older_than_the_session() -> None:
    request = Request("GET", "/v1/charges", (("Host", "x"),), b"")
    answer = Response(200, "OK", (("Content-Type", "application/json"),), b'{"id": "ch_1MtHbELkdIwHu7ixl4OzzPMv"}')
    from replayer.inspector.origins import alias

    found = alias((Interaction(request, answer),), "ch_1MtHbELkdIwHu7ixl4OzzPMv")
    assert found["origin"].startswith("It was first seen in a read")


def test_an_exchange_says_why_it_is_the_answer(desk: Desk) -> None:
    for number in range(1, 18):
        found = desk.document("exchange", {"number": str(number)})
        assert found["number"] == number
        assert found["why"]["rule"]
        behind = desk.drawing.causality.behind(number)
        assert [one["number"] for one in found["why"]["writes"]] == behind
        assert CUSTOMER in found["ids"]


def test_times_are_told_with_their_distance_from_the_answer(desk: Desk) -> None:
    found = desk.document("exchange", {"number": "4"})
    due = json.loads(found["response"]["body"])["due_date"]
    (told,) = [time for time in found["times"] if time["text"] == str(due)]
    assert told["offset"] == due - found["date"]
    assert told["words"].startswith("2026-12-2")


def test_the_search_finds_what_stands_in_bodies(desk: Desk) -> None:
    assert desk.document("search", {"text": "Grace Hopper"})["numbers"]
    assert desk.document("search", {"text": "stands nowhere"})["numbers"] == []


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("nothing", {}),
        ("exchange", {"number": "0"}),
        ("exchange", {"number": "18"}),
        ("exchange", {"number": "1e3"}),
        ("exchange", {"number": "9" * 5000}),
        ("exchange", {"row": "1"}),
        ("rows", {"after": "-1"}),
        ("search", {"text": "x"}),
        ("alias", {}),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, path: str, parameters: dict[str, str]) -> None:
    with pytest.raises(UsageError) as error:
        desk.document(path, parameters)
    assert len(str(error.value)) < 2000


def test_copies_can_be_taken_as_they_are() -> None:
    hostile = "/v1/x?a='$(id)'&b=`id`"
    request = Request("POST", hostile, (("Host", "x"), ("X-A", 'it\'s "$HOME"')), b"a='&b=$(id)")
    made = copies(Interaction(request, Response(200, "OK", (), b"")), "http://127.0.0.1:1", 'a"b.yaml')
    words = shlex.split(made["curl"])
    assert words[:6] == ["curl", "--globoff", "--path-as-is", "-X", "POST", f"http://127.0.0.1:1{hostile}"]
    assert words[6:] == ["-H", 'X-A: it\'s "$HOME"', "-H", "Content-Type:", "--data-raw", "a='&b=$(id)"]
    call: Any = ast.parse(made["python"]).body[2]
    assert ast.literal_eval(call.value.args[1]) == hostile
    assert made["pytest"] == '@pytest.mark.replayer(cassette="a\\"b.yaml")'


def test_a_copied_entry_is_one_of_a_cassette(desk: Desk) -> None:
    text = desk.document("copy", {"number": "5"})["vcrpy"]
    whole = folder.existing(LIFE)
    assert whole.facts is not None
    (read,) = loads(f"{head(whole.facts)}{text}...\n".encode(), "copied.yaml").interactions
    assert read == whole.interactions[4]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("record it: replayer record --cassette a.yaml", ["replayer record --cassette a.yaml"]),
        (
            "record it: replayer record --cassette a.yaml; or leave strict out",
            ["replayer record --cassette a.yaml", ""],
        ),
        ("record it with Replayer('a.yaml', record_mode='all')", ["Replayer('a.yaml', record_mode='all')"]),
        ("record it with --replayer-mode=all; or serve less", ["--replayer-mode=all", ""]),
        ('x\nOr, say so under [tool.replayer]: volatile = ["a"]', ["", 'volatile = ["a"]']),
    ],
)
def test_the_remedies_of_a_miss_are_told_one_by_one_with_what_can_be_copied(line: str, found: list[str]) -> None:
    told = remedies(f"Nothing.\nTo fix: {line}")
    assert [one["code"] for one in told] == found
    assert all(one["code"] in one["words"] for one in told)


def spelled(body: bytes, kind: str, target: str = "/v1/x") -> Interaction:
    request = Request("POST", target, (("Content-Type", kind),), body)
    return Interaction(request, Response(200, "OK", (), b""))


@pytest.mark.parametrize(
    "interaction",
    [
        spelled(b"name=Grace+Hopper%21", "application/x-www-form-urlencoded"),
        spelled(b'{"name": "Gr\\u0061ce Hopper!"}', "application/json"),
        spelled(b"", "text/plain", "/v1/x?name=Grace+Hopper%21"),
        spelled(b"GRACE HOPPER!", "text/plain"),
    ],
)
def test_what_is_looked_for_is_found_however_it_is_spelled(interaction: Interaction) -> None:
    assert next(places_of(interaction, "Grace Hopper!"), None) is not None
    assert next(places_of(interaction, "Grace Hopper?"), None) is None


def test_rows_that_come_again_are_told_as_all_others() -> None:
    feed, texts = Feed(iter(range(1000)).__next__), RowTexts()
    entry = Drawing(folder.existing(LIFE), registry.INVOICE_RULES).index.entries[4]
    feed.add("missed", "GET", '/"\u202e\ud800', 421, 1.26, None, "why\nso")
    for row in (
        FeedRow(0, PLAYED, "GET", "", 200, 0.0, 0.0, entry),
        FeedRow(0, PLAYED, "GET", "/a", 200, 0.0, 0.0),
    ) * 2:
        feed.again(row)
    listed = [json.loads(texts.text(*one)) for one in feed.since(0, 99)]
    assert listed == [told(row) for row in feed.rows(0, 99)]
    assert [row[0] for row in listed] == [row[-1] + 1 for row in listed] == [1, 2, 3, 4, 5]


def test_what_depends_on_an_interaction_is_told_for_its_arcs(desk: Desk) -> None:
    causality = desk.drawing.causality
    for number in range(1, 18):
        told = desk.document("arcs", {"number": str(number)})
        assert (told["behind"], told["ahead"]) == (causality.behind(number), causality.ahead(number))
