"""Masking: what looks like a credential is cut to its ends, and nothing else is touched."""

from typing import Any

import pytest
from hypothesis import given

from replayer.core.drift.masking import shown
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
        ("secret", True),
        ("api_key", 1_795_350_000),
        ("created", "2026-11-22T12:00:00Z"),
        ("url", "https://a.test/x?page=2&limit=10"),
    ],
)
def test_what_is_none_stays_as_it_is(key: str, value: Any) -> None:
    assert shown(value, key) == value


@given(values)
def test_ordinary_values_stay_as_they_are(value: Any) -> None:
    assert shown({"field": value})["field"] == value
