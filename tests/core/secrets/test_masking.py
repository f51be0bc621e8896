"""Masking: what looks like a credential is cut to its ends, and nothing else is touched."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.secrets.masking import masked, shown
from tests.core.build import CUSTOMER, values

TOKEN = "q8Zk3Jf0aLw2M1xv7Tq9bRc4"
CUT = "q8...c4"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("access_token", TOKEN, CUT),
        ("refreshToken", TOKEN, CUT),
        ("x-auth-token", TOKEN, CUT),
        ("set-cookie", f"sid={TOKEN}; Path=/; HttpOnly", f"sid={CUT}; Path=/; HttpOnly"),
        ("data", [{"id": 7, "client_secret": TOKEN}], [{"id": 7, "client_secret": CUT}]),
        ("session_token", [TOKEN, None], [CUT, None]),
        ("url", f"https://a.test/x?sig={TOKEN}&page=2", f"https://a.test/x?sig={CUT}&page=2"),
        ("note", f"use ghp_{TOKEN} for it", f"use ghp_{'*' * 24} for it"),
        ("", f"Bearer {TOKEN}", f"Bearer {'*' * 24}"),
        ("password", "hunter2!", "h...!"),
        ("session_id", "9f86d081884c7d659a2feaa0c55ad015", "9f...15"),
        ("private-token", TOKEN, CUT),
        ("cookie", f"theme=dark; sid={TOKEN}", f"theme=dark; sid={CUT}"),
        ("log", f'say {{"api_key": "{TOKEN}"}} to ?sig={TOKEN}', f'say {{"api_key": "{CUT}"}} to ?sig={CUT}'),
    ],
)
def test_what_looks_like_a_credential_is_cut_to_its_ends(key: str, value: Any, told: Any) -> None:
    assert shown(value, key) == told


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Ada Lovelace"),
        ("id", CUSTOMER),
        ("next_cursor", TOKEN),
        ("token", "card"),
        ("password", "REDACTED"),
        ("set-cookie", "theme=dark; Path=/"),
        ("secret", True),
        ("api_key", 1_795_350_000),
        ("created", "2026-11-22T12:00:00Z"),
        ("url", "https://a.test/x?page=2&limit=10"),
    ],
)
def test_what_is_none_stays_as_it_is(key: str, value: Any) -> None:
    assert shown(value, key) == value


@given(st.sampled_from(["", "Cookie", "set-cookie", "password", "x-api-key"]), st.text("=;&?\"': ab9/<>", max_size=40))
def test_any_text_can_be_shown(key: str, text: str) -> None:
    assert isinstance(shown(text, key), str)


@pytest.mark.long
@given(values)
def test_ordinary_values_stay_as_they_are(value: Any) -> None:
    assert shown({"field": value})["field"] == value


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("in_1UI6qsHIBYZYyePrZqHAeqdY", "in_", "in_1U...dY"),
        ("A1B2C3D4", "", "A...4"),
        ("ABC", "", "A..."),
        ("AB", "", "..."),
        ("", "", "..."),
    ],
)
def test_a_masked_value_is_known_by_its_ends(text: str, prefix: str, expected: str) -> None:
    assert masked(text, prefix) == expected


@given(st.text("abcdefgh", max_size=60))
def test_a_masked_value_shows_at_most_a_third(text: str) -> None:
    assert len(masked(text)) - 3 <= len(text) // 3
