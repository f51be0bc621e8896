"""Headers that are left out of the question: a new version of an SDK asks as the old one did."""

import pytest

from replayer.cassettes import dumps
from replayer.core.modes import Mode
from replayer.core.session.verdicts import Reason
from tests.core.build import answer, played, recorded, refused, req, session, tell


@pytest.mark.parametrize(("name", "old", "new"), [
    ("Stripe-Version", "2026-08-26.dahlia", "2026-10-28.endive"),
    ("Stripe-Context", "one", "two"),
    ("Stripe-Account", "acct_1", ""),
])  # fmt: skip
def test_what_differs_in_a_header_alone_says_so_and_can_leave_it_out(name: str, old: str, new: str) -> None:
    asked = [req(f"GET /v1/{each}", b"", *([(name, value)] if value else [])) for value in (old, new) for each in "ab"]
    cassette = recorded((asked[0], answer("a")), (asked[1], answer("b")))
    of = session(cassette, Mode.NONE)
    for each in asked[2:]:
        refusal = refused(of, each)
        assert refusal.reason is Reason.NO_MATCH
        assert f"All that differs is header {name.lower()}" in refusal.message
        assert f'ignore_headers = ["{name.lower()}"]' in refusal.message
    of = session(cassette, Mode.NONE, ignored=(name.lower(),))
    assert [played(of, each).text for each in asked] == ["a", "b", "a", "b"]
    assert of.receipt().ignored == 2
    assert "2 with ignored headers" in str(of.receipt())


def test_what_differs_in_more_is_not_put_down_to_a_header() -> None:
    of = session(recorded((req("GET /v1/a", b"", ("Stripe-Version", "1")), answer("a"))), Mode.NONE)
    assert "ignore_headers" not in refused(of, req("GET /v1/a?b=1", b"", ("Stripe-Version", "2"))).message


def test_an_ignored_header_is_recorded_all_the_same() -> None:
    to = session(ignored=("stripe-version",))
    asked = req("GET /v1/a", b"", ("Stripe-Version", "2026-08-26.dahlia"))
    tell(to, asked, answer("a"))
    cassette = to.cassette()
    assert cassette is not None
    assert "2026-08-26.dahlia" in dumps(cassette)
    assert played(session(cassette, Mode.NONE), asked).text == "a"
