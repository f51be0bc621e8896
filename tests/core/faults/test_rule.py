"""One fault: what is written is what is meant, and what cannot be is said with its remedy."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from replayer.core.faults import FaultRule
from replayer.errors import UsageError

numbers = {
    "status": st.integers(400, 599),
    "retry_after": st.integers(0, 86_400),
    "delay": st.integers(1, 3_600_000),
    "slow": st.integers(1, 3_600_000),
    "truncate": st.integers(0, 1 << 40),
    "times": st.integers(1, 1 << 40),
}
segments = st.text("abcxyz019_-.*", min_size=1, max_size=6).filter(lambda text: "**" not in text)
patterns = st.lists(segments | st.just("**"), min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
keys = st.fixed_dictionaries({}, optional={**numbers, "reset": st.just(True), "after": st.just(True)})


@st.composite
def rules(draw: st.DrawFn) -> str:
    method = draw(st.sampled_from(["GET", "POST", "delete", "*"]))
    pairs = draw(keys.flatmap(lambda chosen: st.permutations(list(chosen.items()))))
    written = " ".join(key if value is True else f"{key}={value}" for key, value in pairs)
    return f"{method} {draw(patterns)} {written}"


def parsed(text: str) -> FaultRule | str:
    """The rule, or why it is none."""
    try:
        return FaultRule.parse(text)
    except UsageError as error:
        return str(error)


@given(rules())
def test_a_rule_that_can_be_is_read_back_from_what_it_says(text: str) -> None:
    rule = parsed(text)
    if isinstance(rule, str):
        assert re.search("nothing goes wrong|goes with a status only|shows no status", rule)
        return
    assert FaultRule.parse(str(rule)) == rule
    assert rule.what
    assert rule.method == rule.method.upper()


@given(rules())
def test_a_client_that_gets_nothing_is_shown_nothing(text: str) -> None:
    rule = parsed(text)
    assume(isinstance(rule, FaultRule))
    assert isinstance(rule, FaultRule)
    if rule.is_lost:
        assert rule.status is None
        assert rule.truncate is None
    if rule.after:
        assert rule.is_done
    if not rule.is_done:
        assert rule.status is not None or rule.reset


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_is_refused_in_words(text: str) -> None:
    assert parsed(text)


@pytest.mark.parametrize(
    ("text", "done", "lost"),
    [
        ("GET /x status=500", False, False),
        ("GET /x status=500 delay=10", False, False),
        ("GET /x status=500 truncate=3", False, False),
        ("GET /x status=500 after", True, False),
        ("GET /x reset", False, True),
        ("GET /x reset after", True, True),
        ("GET /x after", True, True),
        ("GET /x delay=5", True, False),
        ("GET /x delay=5 after", True, False),
        ("GET /x delay=5 reset after", True, True),
        ("GET /x truncate=5", True, False),
        ("GET /x truncate=5 reset", True, False),
        ("GET /x slow=5", True, False),
    ],
)
def test_what_is_done_and_what_is_lost_follows_from_the_keys(text: str, *, done: bool, lost: bool) -> None:
    rule = FaultRule.parse(text)
    assert (rule.is_done, rule.is_lost) == (done, lost)


def test_a_rule_shows_what_goes_wrong_in_its_own_words() -> None:
    rule = FaultRule.parse("post  /v1/invoices/*/pay  times=2 retry_after=0   status=429 reset=false")
    assert rule.what == "status=429 retry_after=0"
    assert str(rule) == "POST /v1/invoices/*/pay status=429 retry_after=0 times=2"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is a method, a path and what goes wrong"),
        ("GET", "it is a method, a path and what goes wrong"),
        ("/v1/x status=500", "'/v1/x' is no method; * is any"),
        ("GET v1/x status=500", "the path 'v1/x' must begin with a slash"),
        ("GET /x?a=1 status=500", "the path '/x?a=1' is matched without its query: leave that out"),
        ("GET /x** status=500", "the path '/x**' has ** inside of a segment, where only * can stand"),
        ("GET /x", "nothing goes wrong by it"),
        ("GET /x times=3", "nothing goes wrong by it"),
        ("GET /x after=off", "nothing goes wrong by it"),
        ("GET /x status=200", "status is a whole number from 400 to 599"),
        ("GET /x status", "status is a whole number from 400 to 599"),
        ("GET /x delay=0", "delay is a whole number from 1 to 3600000"),
        ("GET /x delay=1.5", "delay is a whole number from 1 to 3600000"),
        ("GET /x truncate=-1", "truncate is a whole number from 0 to 1099511627776"),
        ("GET /x delay=5 retry_after=1", "retry_after goes with a status only"),
        ("GET /x status=500 reset", "a connection that is reset shows no status"),
        ("GET /x status=500 status=501", "it has status twice"),
        ("GET /x reset=perhaps", "reset has no value, or true or false"),
    ],
)
def test_what_cannot_be_says_why(text: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        FaultRule.parse(text)
    assert str(error.value) == f"The fault {text!r} cannot be: {why}. Write one like 'POST /v1/invoices status=500'."


def test_another_key_gets_the_right_one() -> None:
    with pytest.raises(UsageError, match=r"'statsu' is not a key of a fault\. Did you mean 'status'"):
        FaultRule.parse("GET /x statsu=500")
