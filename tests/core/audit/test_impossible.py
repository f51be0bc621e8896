"""What no recording can have written: each is told with its line; what an API may answer is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from replayer.cassettes import dumps, loads
from replayer.core.audit.audit import audit, spoiling
from replayer.core.message.interaction import Cassette, Interaction
from replayer.core.secrets.findings import Finding, Kind
from tests.core.build import INVOICE, OTHER, answer, recorded, req

LIFE = (Path(__file__).parents[3] / "cassettes/life.yaml").read_text("utf-8")


def findings(cassette: Cassette, kind: Kind) -> list[Finding]:
    return [one for one in audit(cassette, dumps(cassette)) if one.kind is kind]


def test_interactions_in_reverse_order_are_told() -> None:
    cassette = loads(LIFE.encode(), "x.yaml")
    turned = replace(cassette, interactions=cassette.interactions[::-1])
    found = findings(turned, Kind.ORDER)
    lines = dumps(turned).split("\n")
    assert found
    for one in found:
        name, _, maker = one.what.partition(" is asked for before it is made, by the request in line ")
        assert name in lines[one.line - 1]
        assert int(maker) > one.line
        assert lines[int(maker) - 1] == "- request:"
    assert not findings(cassette, Kind.ORDER)


def made_and_asked(made: Interaction, *asked: Interaction) -> Cassette:
    """What was asked before it was made."""
    return Cassette((*asked, made), recorded((req("GET /"), answer({}))).facts)


def test_what_was_asked_for_in_vain_may_be_made_afterwards() -> None:
    cassette = recorded((req("POST /v1/invoices", "a=1"), answer({"id": INVOICE})))
    (made,) = cassette.interactions
    name = made.response.body.decode().partition('": "')[2].partition('"')[0]
    refused = Interaction(req(f"GET /v1/invoices/{name}"), answer({"error": {}}, status=404))
    found = Interaction(req(f"GET /v1/invoices/{name}"), answer({}))
    chosen = Interaction(req("POST /v1/invoices", f"id={name}"), made.response)
    assert findings(made_and_asked(made, refused), Kind.ORDER) == []
    assert findings(made_and_asked(chosen, found), Kind.ORDER) == []
    assert [one.line for one in findings(made_and_asked(made, found), Kind.ORDER)] == [9]


@pytest.mark.parametrize(
    ("date", "is_told"),
    [
        ("yesterday", True),
        ("Sun, 31 Feb 2026 00:00:01 GMT", True),
        ("Sun, 22 Nov 2026 00:00:01 GMT", False),
        ("Sunday, 22-Nov-26 00:00:01 GMT", False),  # RFC 850, and asctime: RFC 9110 5.6.7 has them still
        ("Sun Nov 22 00:00:01 2026", False),
    ],
)
def test_a_date_that_is_none_is_told(date: str, is_told: bool) -> None:
    line = next(line for line in LIFE.split("\n") if line.startswith("      - Sun, 22 Nov 2026"))
    text = LIFE.replace(line, f"      - {date}", 1)
    found = [one for one in audit(loads(text.encode(), "x.yaml"), text) if one.kind is Kind.NO_TIME]
    assert [str(one) for one in found] == [
        f"line {text[: text.index(date)].count(chr(10)) + 1}: the Date of the answer is no time"
    ] * is_told


@pytest.mark.parametrize(
    ("value", "is_told"),
    [
        (-1_795_305_601, True),
        ("2026-13-01T00:00:00Z", True),
        ("2026-02-31 00:00:00", True),
        ("2026-02-28T25:00:00Z", True),
        (-1, False),
        (0, False),
        (12, False),
        ("never", False),
        ("0000-00-00 00:00:00", False),
        ("9999-12-31T23:59:59Z", False),
        ("2016-12-31T23:59:60Z", False),
        ("2026-02-28T24:00:00Z", False),
        ("2026-02-28T12:00:00.123+05:30", False),
    ],
)
def test_a_time_that_is_none_is_told(value: object, is_told: bool) -> None:
    cassette = recorded((req("POST /v1/invoices"), answer({"id": INVOICE, "created": value})))
    assert [one.what for one in findings(cassette, Kind.NO_TIME)] == ["created is no time"] * is_told
    assert spoiling(cassette, dumps(cassette)) == []


@pytest.mark.parametrize("value", ['"yesterday"', "2026", "-5", "17958240070"])
@pytest.mark.parametrize("place", range(1, LIFE.count('"created": 1')))  # there is but one customer
def test_a_birth_that_is_none_where_all_of_its_type_have_one_is_told(value: str, place: int) -> None:
    lines = LIFE.split("\n")
    number = [number for number, line in enumerate(lines) if '"created": 1' in line][place]
    lines[number] = f"{lines[number].partition(': ')[0]}: {value}{',' * lines[number].endswith(',')}"
    text = "\n".join(lines)
    cassette = loads(text.encode(), "x.yaml")
    found = [one for one in audit(cassette, text) if one.kind is Kind.NO_TIME]
    assert [str(one) for one in found] == [
        f"line {number + 1}: created is no time, as it is wherever else such objects tell it"
    ]


@pytest.mark.parametrize("value", [None, 0, -1, "", "never", 1_700_000_000.5, "9999-12-31T23:59:59Z"])
def test_that_an_object_was_never_made_may_be_meant(value: object) -> None:
    told = [{"id": id_, "object": "invoice", "created": 1_700_000_000} for id_ in (INVOICE, OTHER, INVOICE + "x")]
    cassette = recorded((req("GET /v1/invoices"), answer([*told, told[0] | {"created": value}])))
    assert findings(cassette, Kind.NO_TIME) == []


def test_two_births_that_are_none_are_a_habit() -> None:
    births = (1_700_000_000, "new", "new", 1_700_000_000)
    told = [{"id": INVOICE, "object": "invoice", "created": birth} for birth in births]
    cassette = recorded((req("GET /v1/invoices"), answer(told)))
    assert findings(cassette, Kind.NO_TIME) == []
