"""Holes: what a client mints anew in every run, wherever it stands and however it is spelled."""

import json
from typing import Any

import pytest

from replayer.core.client.holes import Finder, Hole, Holes, declared
from replayer.core.message import Request, shapes
from replayer.core.naming import aliases
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, req

UUID, OTHER = "63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-c995-660f-26d169fa763b"
ULID = "01JDKQ4A7Z8X9Y2M3N4P5Q6R7S"
HEX = "9f86d081884c7d659a2feaa0c55ad015"
TIME = "1795350000"


def finder(*told: str, volatile: tuple[str, ...] = ()) -> Finder:
    def known(piece: shapes.Piece) -> bool:
        return piece.text in told or aliases.is_alias(piece.shape, piece.text)

    return Finder(registry.INVOICE_RULES, known, frozenset(map(declared, volatile)))


def found(request: Request, *keys: str, **more: Any) -> list[tuple[str, str, str]]:
    return [(hole.kind, hole.place, hole.value) for hole in finder(**more).holes(request, keys).all]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (req(f"GET /v1/orders/{UUID}/x"), [("uuid", "path 3#0", UUID)]),
        (req(f"GET /v1/x?ref={HEX}&a=1"), [("hex", "ref#0", HEX)]),
        (req("POST /v1/x", f"metadata[ref]=see+{ULID}%2C+{UUID}"), [
            ("ulid", "metadata[ref]#0", ULID),
            ("uuid", "metadata[ref]#1", UUID),
        ]),
        (req("POST /v1/x", {"lines": [{"ref": UUID}]}), [("uuid", "lines[][ref]#0", UUID)]),
        (req(f"GET /v1/x?created%5Bgte%5D={TIME}"), [("time", "created[gte]", TIME)]),
        (req("POST /v1/x", {"due_date": int(TIME), "amount": int(TIME)}), [("time", "due_date", TIME)]),
        (req("GET /v1/x?since=2026-11-01&until=2026-11-02T10:00:00Z"), [
            ("time", "since", "2026-11-01"),
            ("time", "until", "2026-11-02T10:00:00Z"),
        ]),
        (req(f"GET /v1/customers/{CUSTOMER}?limit=3"), []),
    ],
)  # fmt: skip
def test_a_hole_is_found_wherever_it_stands(request_: Request, expected: list[tuple[str, str, str]]) -> None:
    assert finder().likely(request_) is bool(expected)
    assert found(request_) == expected


def test_what_an_answer_has_told_is_no_hole() -> None:
    assert finder(UUID).holes(req(f"GET /v1/x/{UUID}?a={OTHER}")).all == (Hole("uuid", "a#0", OTHER),)


def test_an_idempotency_key_is_a_hole_wherever_it_stands_as_a_whole() -> None:
    request = req("POST /v1/x", "metadata[key]=try-again-7&note=my+try-again-7")
    assert found(request, "try-again-7") == [("key", "metadata[key]", "try-again-7")]
    assert finder().likely(request, ["try-again-7"])
    assert not finder().likely(request, ["another"])


@pytest.mark.parametrize("name", ["metadata[order_id]", "metadata.order_id"])
@pytest.mark.parametrize(
    "request_",
    [req("POST /v1/x", "metadata[order_id]=17&b=2"), req("POST /v1/x", {"metadata": {"order_id": "17"}, "b": 2})],
)
def test_a_declared_field_is_a_hole_in_a_form_and_in_json(name: str, request_: Request) -> None:
    assert found(request_, volatile=(name,)) == [("volatile", "metadata[order_id]", "17")]


@pytest.mark.parametrize(("name", "place"), [("lines[0][sku]", "lines[][sku]"), ("lines[][sku]", "lines[][sku]")])
def test_a_declared_field_of_a_list_is_one_of_each_item(name: str, place: str) -> None:
    request = req("POST /v1/x", {"lines": [{"sku": 1}, {"sku": 2}]})
    assert found(request, volatile=(name,)) == [("volatile", place, "1"), ("volatile", place, "2")]


def test_requests_that_differ_only_in_their_holes_are_alike() -> None:
    def skeleton(request: Request) -> str:
        return finder().skeleton(request, finder().holes(request))

    first = skeleton(req("POST /v1/x", f"a={UUID}&b={OTHER}&due_date={TIME}"))
    assert first == skeleton(req("POST /v1/x", f"due_date=1795350001&b={UUID}&a={OTHER}"))
    assert first != skeleton(req("POST /v1/x", f"a={UUID}&b={UUID}&due_date={TIME}"))  # one value in two places
    assert first != skeleton(req("POST /v1/x", f"a={UUID}&b={HEX}&due_date={TIME}"))
    assert first != skeleton(req("POST /v1/x", f"a={UUID}&b={OTHER}&due_date={TIME}&c=0"))
    assert first != skeleton(req("POST /v1/x", "a=0&b=1&due_date=2"))


@pytest.mark.parametrize(
    ("request_", "filled"),
    [
        (req("POST /v1/x", f"a={UUID}&b=x%20{UUID}"), f"a={OTHER}&b=x%20{OTHER}"),
        (req("POST /v1/x", {"a": [UUID, 1]}), json.dumps({"a": [OTHER, 1]})),
        (req("POST /v1/x", f'{{"a":  "{UUID}", "n": 10.00}}'.encode(), ("Content-Type", "application/json")),
         f'{{"a":  "{OTHER}", "n": 10.00}}'),
    ],
)  # fmt: skip
def test_filling_a_hole_changes_nothing_else(request_: Request, filled: str) -> None:
    assert finder().filled(request_, {("uuid", UUID): OTHER}).body == filled.encode()


def test_a_number_in_json_stays_a_number() -> None:
    request = req("POST /v1/x", {"due_date": int(TIME)})
    assert finder().filled(request, {("time", TIME): "1795350001"}).body == b'{"due_date": 1795350001}'
    assert finder().filled(request, {("time", TIME): "tomorrow"}).body == request.body


def test_equal_values_are_one_hole_in_several_places() -> None:
    holes = Holes((Hole("uuid", "a", UUID), Hole("uuid", "b", UUID), Hole("hex", "c", HEX)))
    assert [hole.place for hole in holes.distinct] == ["a", "c"]
    assert holes.numbered == {("uuid", UUID): "0", ("hex", HEX): "1"}


def test_the_key_in_a_path_is_no_hole() -> None:
    assert found(req(f"POST /webhookb2/1@2/IncomingWebhook/{HEX}/{UUID}")) == [("uuid", "path 5#0", UUID)]
    assert found(req(f"POST /webhookb2/1@2/Other/{HEX}")) == [("hex", "path 4#0", HEX)]
