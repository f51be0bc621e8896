"""What is recorded: one request with its response."""

import dataclasses

import pytest

from replayer.core.cassette import Cassette
from replayer.core.message.message import Request
from replayer.core.message.wire import header, without

HEADERS = (("X-A", "1"), ("x-a", "2"), ("Date", "now"))


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/v1/invoices", "/v1/invoices", ""),
        ("/v1/invoices?", "/v1/invoices", ""),
        ("/v1/invoices?a=b?c", "/v1/invoices", "a=b?c"),
        ("/a%3Fb?created%5Bgte%5D=1", "/a%3Fb", "created%5Bgte%5D=1"),
    ],
)
def test_a_target_is_a_path_and_a_query_both_undecoded(target: str, path: str, query: str) -> None:
    request = Request("GET", target, origin="https://api.test")
    assert (request.path, request.query) == (path, query)
    assert request.uri == f"https://api.test{target}"


def test_headers_are_found_without_case_the_first_one_first() -> None:
    assert header(HEADERS, "x-A") == "1"
    assert header(HEADERS, "nobody") is None


def test_headers_are_left_out_without_case_all_of_them() -> None:
    assert without(HEADERS, ["x-a"]) == (("Date", "now"),)
    assert without(HEADERS, []) == HEADERS


def test_what_is_recorded_cannot_be_changed() -> None:
    request = Request("GET", "/")
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.method = "POST"  # type: ignore[misc]


def test_an_empty_cassette_says_nothing_of_itself() -> None:
    assert Cassette().interactions == ()
    assert Cassette().facts is None
