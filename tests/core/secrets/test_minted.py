"""What looks made up, and what never does."""

import pytest

from replayer.core.rules import registry
from replayer.core.secrets.guesses import looks_minted

PAGES = registry.GENERIC_RULES.cursors


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("metadata[order_id]", "ORD-17", "ORD-18"),
        ("email", "ada@example.com", "eve@example.com"),
        ("to", "ada.17@example.com", "ada.18@example.com"),
        ("reference", "7fd19c3a-3e7e-4f3c-9d9c-8c0e5a6f2b11", "0e9f1c52-8a4f-4c31-b1a3-4e3f7f0f9a20"),
        ("nonce", "x8Kq2mZt", "p0Lw7vNc"),
        ("order", "104832771", "104832990"),
        ("sent", "2026-11-28T04:18:33Z", "2026-11-27T09:12:01Z"),
    ],
)
def test_words_of_letters_and_digits_long_numbers_and_addresses_look_minted(name: str, one: str, other: str) -> None:
    assert looks_minted(name, (one, other), PAGES)


@pytest.mark.parametrize(
    "name",
    [
        "per_page", "page", "limit", "after_id", "afterId", "created[gte]", "created__lt", "page[size]", "minDate",
        "since", "starting_after", "size", "count", "first", "marker",
    ],
)  # fmt: skip
def test_what_says_which_part_of_a_list_or_which_times_never_looks_minted(name: str) -> None:
    assert not looks_minted(name, ("in_8fK2mZtPq", "in_7rL0wVnCx"), PAGES, in_query=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4", "5"),
        ("1500", "1700"),
        ("open", "paid"),
        ("2026-11-28", "2026-11-27"),
        ("12.5", "13.5"),
        ("ORD-17", ""),
        ("ORD-17", None),
    ],
)
def test_short_numbers_dates_and_plain_words_do_not_look_minted(one: str, other: str | None) -> None:
    assert not looks_minted("n", (one, other), PAGES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("created>1764288000", "created>1764288001"),
        ("total gt 10000000", "total gt 20000000"),
        ("2026-11-28T04:18:33Z", "2026-11-27T09:12:01Z"),
    ],
)
def test_a_query_that_compares_or_names_a_time_does_not_look_minted(one: str, other: str) -> None:
    assert not looks_minted("q", (one, other), PAGES, in_query=True)


@pytest.mark.parametrize("name", ["shape", "sweden", "message", "tomato", "homepage_title_id"])
def test_a_word_that_only_holds_another_is_another(name: str) -> None:
    assert looks_minted(name, ("x8Kq2mZt", "p0Lw7vNc"), PAGES)
