"""Any window of a list that was recorded in pages is what the API would have answered, or a miss: over the sandbox."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.session import verdicts
from tests.specs.shop import Replayed, Shop

INVOICES = 53
PAGE = 7
# Where there is time for it every limit is tried that cuts this list somewhere, and those about the API's own end: in
# between nothing changes. Else those at which something changes.
LIMITS: Sequence[int] = (
    (*range(1, 56), *range(99, 102))
    if os.environ.get("HYPOTHESIS_PROFILE") in ("ci", "thorough")
    else (1, 2, 6, 7, 8, 10, 52, 53, 54)
)

Params = dict[str, Any]


@dataclass(frozen=True)
class Walked:
    """A cassette with one walk through a list, and the shop that it was recorded from."""

    shop: Shop
    cassette: Cassette
    invoices: tuple[str, ...]  # newest first

    def told(self, params: Params) -> tuple[list[str], bool]:
        """What the API itself answers to that: the ids, in the cassette's names, and whether there are more."""
        real = {
            name: self.shop.session.upstream.names.real_of(value) if value in self.invoices else value
            for name, value in params.items()
        }
        found = json.loads(self.shop.answered("GET", "/v1/invoices", real).body)
        return [str(self.shop.session.upstream.names.alias_of(each["id"])) for each in found["data"]], found["has_more"]


@cache
def walked(limit: int = PAGE, number: int = INVOICES) -> Walked:
    shop = Shop()
    customer = shop.made("/v1/customers", {"name": "Ada"})
    made = [shop.made("/v1/invoices", {"customer": customer}) for _ in range(number)]
    params: Params = {"limit": limit}
    while (page := json.loads(shop.ask("GET", "/v1/invoices", params).body))["has_more"]:
        params = {"limit": limit, "starting_after": page["data"][-1]["id"]}
    return Walked(shop, shop.cassette, tuple(reversed(made)))


def replayed(cassette: Cassette, invoices: int) -> Replayed:
    """A session that has played all the writes."""
    playing = Replayed(cassette)
    verdict = playing.ask("POST", "/v1/customers", {"name": "Ada"})
    assert isinstance(verdict, verdicts.Replay)
    customer = json.loads(verdict.response.body)["id"]
    for _ in range(invoices):
        assert isinstance(playing.ask("POST", "/v1/invoices", {"customer": customer}), verdicts.Replay)
    return playing


def windows(invoices: tuple[str, ...], limits: Sequence[int]) -> Iterator[Params]:
    for limit in limits:
        yield {"limit": limit}
        for name in invoices:
            yield {"limit": limit, "starting_after": name}
            yield {"limit": limit, "ending_before": name}


@pytest.mark.long
def test_every_window_of_a_list_that_was_walked_once_is_what_the_api_would_have_answered() -> None:
    """53 invoices, recorded by one walk forward by 7: any limit, every cursor, both directions."""
    walk = walked()
    playing = replayed(walk.cassette, INVOICES)
    texts: dict[str, str] = {}
    for params in windows(walk.invoices, LIMITS):
        verdict = playing.ask("GET", "/v1/invoices", params)
        assert isinstance(verdict, verdicts.Replay), (params, verdict)
        page = json.loads(verdict.response.body)
        assert ([each["id"] for each in page["data"]], page["has_more"]) == walk.told(params), params
        for each in page["data"]:  # byte for byte: see below; here each object is the same one every time
            assert texts.setdefault(each["id"], json.dumps(each)) == json.dumps(each)
    assert playing.session.receipt().missed == 0


@pytest.mark.parametrize("limit", [1, 3, 7, 10, 53, 100, 0, -1, 101, 10**9])
def test_an_answer_that_follows_is_the_recorded_one_to_the_byte(limit: int) -> None:
    walk = walked()
    playing = replayed(walk.cassette, INVOICES)
    for cursor in ({}, {"starting_after": walk.invoices[20]}, {"ending_before": walk.invoices[30]}):
        params = {"limit": limit, **cursor}
        verdict = playing.ask("GET", "/v1/invoices", params)
        assert isinstance(verdict, verdicts.Replay)
        assert verdict.response.body == walk.shop.ask("GET", "/v1/invoices", params).body


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"limit": "x"}, "the API refuses the limit 'x', and no such refusal was recorded"),
        ({"limit": ""}, "the API refuses the limit '', and no such refusal was recorded"),
        ({"limit": "1.5"}, "the API refuses the limit '1.5', and no such refusal was recorded"),
        ({"starting_after": "in_nobody"}, "in_nobody is in none of the recorded pages"),
        ({"ending_before": "cus_Another0Kind00"}, "cus_Another0Kind00 is in none of the recorded pages"),
        ({"starting_after": "a", "ending_before": "b"}, "the API refuses starting_after and ending_before at once"),
        ({"starting_after": ""}, "the API refuses the starting_after ''"),
        ({"starting_after[]": "a"}, "the API refuses the starting_after ['a']"),
    ],
)
def test_what_the_api_would_refuse_is_a_miss_that_explains_itself(params: Params, why: str) -> None:
    walk = walked()
    verdict = replayed(walk.cassette, INVOICES).ask("GET", "/v1/invoices", params)
    assert isinstance(verdict, verdicts.Refuse)
    assert f"From other answers it does not follow: {why}" in verdict.message


def test_a_refusal_that_was_recorded_is_told() -> None:
    shop = Shop()
    shop.ask("GET", "/v1/invoices", {"limit": "x"})
    shop.ask("GET", "/v1/invoices", {"limit": 3})
    verdict = Replayed(shop.cassette).ask("GET", "/v1/invoices", {"limit": "x"})
    assert isinstance(verdict, verdicts.Replay)
    assert (verdict.response.status, verdict.synthesized) == (400, "")


def test_what_is_written_in_between_makes_another_list_of_it() -> None:
    """The pages before a write are none of the list behind it."""
    shop = Shop()
    customer = shop.made("/v1/customers", {"name": "Ada"})
    for _ in range(3):
        shop.made("/v1/invoices", {"customer": customer})
    first = json.loads(shop.ask("GET", "/v1/invoices", {"limit": 2}).body)["data"]
    shop.made("/v1/invoices", {"customer": customer})
    shop.ask("GET", "/v1/invoices", {"limit": 2, "starting_after": first[-1]["id"]})
    playing = replayed(shop.cassette, 3)
    known = playing.ask("GET", "/v1/invoices", {"limit": 1})
    assert isinstance(known, verdicts.Replay)
    assert known.synthesized == "page"
    unknown = playing.ask("GET", "/v1/invoices", {"limit": 3})
    assert isinstance(unknown, verdicts.Refuse)
    assert f"what comes after {first[-1]['id']} was not recorded" in unknown.message


def test_a_page_behind_an_object_that_was_deleted_meanwhile_is_a_miss() -> None:
    """The API may refuse such a cursor, also where the object was in none of the list's pages."""
    shop = Shop()
    ada, bob = (shop.made("/v1/customers", {"name": name}) for name in ("Ada", "Bob"))
    of_ada, of_bob = (shop.made("/v1/invoices", {"customer": each}) for each in (ada, bob))
    shop.ask("GET", "/v1/invoices", {"customer": ada, "starting_after": of_bob})
    shop.ask("GET", "/v1/invoices", {"customer": ada})
    shop.ask("DELETE", f"/v1/invoices/{of_bob}")
    playing = Replayed(shop.cassette)
    for name in ("Ada", "Bob"):
        playing.ask("POST", "/v1/customers", {"name": name})
    for each in (ada, bob):
        playing.ask("POST", "/v1/invoices", {"customer": each})
    behind: Params = {"customer": ada, "starting_after": of_bob}
    for params in (behind, {**behind, "limit": 1}):
        assert isinstance(playing.ask("GET", "/v1/invoices", params), verdicts.Replay)
    assert isinstance(playing.ask("DELETE", f"/v1/invoices/{of_bob}"), verdicts.Replay)
    for params in (behind, {**behind, "limit": 1}):
        assert isinstance(playing.ask("GET", "/v1/invoices", params), verdicts.Refuse)
    known = playing.ask("GET", "/v1/invoices", {"customer": ada, "limit": 1})
    assert isinstance(known, verdicts.Replay)
    assert of_ada.encode() in known.response.body


def test_a_write_that_makes_an_item_on_the_way_touches_the_list_of_items() -> None:
    shop = Shop()
    invoice = shop.made("/v1/invoices", {"customer": shop.made("/v1/customers", {"name": "Ada"})})
    shop.ask("GET", "/v1/invoiceitems", {"limit": 5})
    line = {"lines[0][amount]": 5, "lines[0][description]": "x"}
    assert shop.ask("POST", f"/v1/invoices/{invoice}/add_lines", line).status == 200
    playing = replayed(shop.cassette, 1)
    assert isinstance(playing.ask("GET", "/v1/invoiceitems", {"limit": 5}), verdicts.Replay)
    assert isinstance(playing.ask("POST", f"/v1/invoices/{invoice}/add_lines", line), verdicts.Replay)
    for params in ({"limit": 5}, {"limit": 3}, {"invoice": invoice}):
        assert isinstance(playing.ask("GET", "/v1/invoiceitems", params), verdicts.Refuse)


cursors = st.tuples(st.sampled_from(["", "starting_after", "ending_before"]), st.integers(0, 8))
asked_windows = st.tuples(st.integers(1, 9), cursors)


def _params(window: tuple[int, tuple[str, int]], invoices: Sequence[str]) -> Params:
    limit, (side, place) = window
    return {"limit": limit} | ({side: invoices[place]} if side else {})


@pytest.mark.laws
@settings(max_examples=max(20, settings().max_examples // 4))  # each is a recording and a replay of the sandbox
@given(st.lists(asked_windows, min_size=1, max_size=6), st.lists(asked_windows, min_size=1, max_size=12))
def test_of_any_recorded_pages_no_object_and_no_end_is_ever_wrong(
    recorded: list[tuple[int, tuple[str, int]]], asked: list[tuple[int, tuple[str, int]]]
) -> None:
    """What follows, and what does not, is checked against all lists there could be in tests/core/test_stretches.py.
    Here somebody reads a list that was there before, by the API's own names."""
    there = _nine()
    reading = Shop.of(there.shop.api, there.shop.now)
    real = [there.shop.session.upstream.names.real_of(name) or name for name in there.invoices]
    for window in recorded:
        reading.ask("GET", "/v1/invoices", _params(window, real))
    playing = Replayed(reading.cassette)
    for window in asked:
        params = _params(window, real)
        verdict = playing.ask("GET", "/v1/invoices", _params(window, [_named(reading, name) for name in real]))
        if isinstance(verdict, verdicts.Replay):
            page = json.loads(verdict.response.body)
            truth = json.loads(there.shop.answered("GET", "/v1/invoices", params).body)
            assert [each["id"] for each in page["data"]] == [_named(reading, each["id"]) for each in truth["data"]]
            assert page["has_more"] == truth["has_more"]


def _named(reading: Shop, real: str) -> str:
    return reading.session.upstream.names.alias_of(real) or real


@cache
def _nine() -> Walked:
    return walked(100, 9)
