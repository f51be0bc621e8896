"""The faults of a session: the first rule with times left is met, and what was met is counted."""

from replayer.core.faults import FaultRule, Faults


def faults(*texts: str) -> Faults:
    return Faults(map(FaultRule.parse, texts))


def met(of: Faults, method: str, path: str) -> str:
    rule = of.meet(method, path)
    return rule.what if rule else ""


def test_rules_are_met_in_their_order_as_long_as_they_have_times() -> None:
    both = faults("POST /v1/x status=429 times=2", "* /v1/* status=500 times=1")
    assert [met(both, "POST", "/v1/x") for _ in range(4)] == ["status=429", "status=429", "status=500", ""]


def test_a_rule_without_times_is_always_met() -> None:
    always = faults("GET * delay=1")
    assert {met(always, "GET", "/any") for _ in range(100)} == {"delay=1"}
    assert met(always, "POST", "/any") == ""


def test_what_nobody_met_is_known() -> None:
    both = faults("GET /a reset", "GET /b reset times=3")
    both.meet("GET", "/b")
    assert [str(rule) for rule in both.unmet] == ["GET /a reset"]
    assert both.shown == [{"rule": "GET /a reset", "met": 0}, {"rule": "GET /b reset times=3", "met": 1}]


def test_laying_others_takes_these_away() -> None:
    some = faults("GET /a reset times=1")
    some.meet("GET", "/a")
    some.lay([FaultRule.parse("GET /a status=500 times=1")])
    assert met(some, "GET", "/a") == "status=500"
    some.lay([])
    assert not some
    assert some.meet("GET", "/a") is None
