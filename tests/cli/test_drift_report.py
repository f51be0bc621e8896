"""What a check finds and is no change of the API: what it left there itself, and rules that came later."""

import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replayer.cli import run

from .changed import Emitted, changed, each, objects
from .checking import checked, findings, recorded, shopping

# -- left over -------------------------------------------------------------------------------------------------------

LEFT = "an upstream that forgets nothing shows here also what earlier checks and recordings made there"


def hints(document: Any) -> list[tuple[str, str, str | None]]:
    (report,) = document["cassettes"]
    return [(one["kind"], one["field"], one["hint"]) for one in report["findings"]]


def test_a_list_that_only_has_more_objects_may_show_what_an_earlier_check_left(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    with changed() as (url, _):
        assert checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")[0] == 0
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
        assert (code, hints(document)) == (1, [("member-new", "data[]", LEFT)])
        assert run(["check", "shop.yaml", "--upstream", url, "--allow-writes"]) == 1
    assert capfd.readouterr().out.splitlines()[1:5] == [
        "  GET /v1/customers data[]: new members in 1 answer, first in #4 GET /v1/customers?limit=3",
        "    - (nothing)",
        '    + ["cus_91rcoixTlTEZZt", "cus_q2prqsh73K8qfR"]',
        f"    perhaps no change of the API: {LEFT}",
    ]


def test_what_counts_the_objects_of_such_a_list_has_the_same_hint(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    with changed() as (url, _):
        for _ in range(3):
            checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert (code, hints(document)) == (1, [("member-new", "data[]", LEFT), ("value", "has_more", LEFT)])


def test_a_number_that_grows_beside_a_list_that_does_not_is_a_change(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    more = objects("list", lambda one: one | {"has_more": True})
    with changed(more) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert code == 1
    assert {one[1:] for one in hints(document)} == {("has_more", None)}


def test_a_list_that_has_lost_objects_as_well_is_a_change(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, shopping)

    def other(answer: Emitted) -> Emitted:
        if answer.path != "/v1/customers" or answer.method != "GET":
            return answer
        others = [{"id": "cus_VIiHj0TY6gyFLY", "created": 1_700_000_000}, {"id": "cus_VIiHj0TY6gyFLZ", "created": 1}]
        return replace(answer, value=answer.value | {"data": others})

    with changed(other) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert (code, hints(document)) == (1, [("member-gone", "data[]", None), ("member-new", "data[]", None)])


def test_a_list_of_words_that_has_more_of_them_is_a_change(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, shopping)
    with changed(objects("customer", lambda one: one | {"preferred_locales": ["en"]})) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert (code, hints(document)) == (1, [("member-new", "preferred_locales[]", None)])


def test_the_embedded_sandbox_is_fresh_and_has_nothing_left_over(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with changed(
        lambda answer: replace(answer, value=answer.value | {"data": []} if "data" in answer.value else answer.value)
    ) as (
        url,
        _,
    ):
        recorded(here, shopping, upstream=url)
    code, document = checked(capfd, "shop.yaml", "--upstream", "sandbox", "--allow-writes")
    assert (code, hints(document)) == (1, [("member-new", "data[]", None)])


# -- rules that came later --------------------------------------------------------------------------------------------


def restless(answer: Emitted) -> Emitted:
    """Each answer is timed and has a number of its own, and each customer a time and a token. The time is called like
    an id: it would be known for one under any other name."""
    alter = objects(
        "customer",
        lambda one: one | {"sync_id": int(time.time()), "trace": f"t-{uuid.uuid4().hex[:11]}", "renewed": {"on": SOON}},
    )
    return replace(alter(answer), headers=answer.headers | {"X-Took": f"{time.perf_counter_ns()}"})


SOON = int(time.time()) + 90 * 86_400
LEARNED = """
[tool.replayer.rules]
noise_headers = ["x-took"]
times = ["sync_id"]
tokens = [{ field = "trace" }]
"""


def test_rules_that_were_learned_since_are_no_drift_on_either_side(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with changed(restless) as (url, _):
        shop = recorded(here, shopping, upstream=url)
    before = shop.read_bytes()
    time.sleep(1.1)  # another second than the recorded one
    with changed(restless) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert code == 1
    assert {(where, field) for _, where, field in findings(document)} == {
        ("customer", "sync_id"),
        ("customer", "trace"),
        ("headers", "x-took"),
    }
    (here / "pyproject.toml").write_text(LEARNED, "utf-8")
    with changed(restless) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
        (report,) = document["cassettes"]
        assert (code, document["same"], report["findings"], report["compared"]) == (0, True, [], 5)
        assert [(one["where"], one["field"], one["count"]) for one in report["unnamed"]] == [("customer", "sync_id", 4)]
        assert shop.read_bytes() == before
        recorded(here, shopping, upstream=url)
    with changed(restless) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    (report,) = document["cassettes"]
    assert [one["kind"] for one in report["findings"]] == ["member-gone"]  # that upstream had a customer already
    assert report["unnamed"] == []


def test_people_are_told_which_times_were_recorded_before_their_rule(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with changed(restless) as (url, _):
        recorded(here, shopping, upstream=url)
    time.sleep(1.1)  # another second than the recorded one
    (here / "pyproject.toml").write_text(LEARNED, "utf-8")
    with changed(restless) as (url, _):
        assert run(["check", "shop.yaml", "--upstream", url, "--allow-writes"]) == 0
    assert capfd.readouterr().out.splitlines() == [
        "shop.yaml: 5 compared, 0 not, 0 differences",
        "  not compared: customer sync_id: recorded in 4 answers before there was its rule (record again)",
        "0 differences in 1 cassette",
    ]


def test_a_later_rule_hides_no_change(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with changed(restless) as (url, _):
        recorded(here, shopping, upstream=url)
    (here / "pyproject.toml").write_text(LEARNED.replace('"sync_id"', '"sync_id", "on"'), "utf-8")
    later = each(
        restless,
        objects("customer", lambda one: one | {"renewed": {"on": SOON + 86_400}, "trace": None}),
    )
    with changed(later) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    (report,) = document["cassettes"]
    assert code == 1
    assert {(one["kind"], one["field"], one["hint"]) for one in report["findings"]} == {
        ("time", "renewed.on", "if it was recorded before there was a rule for it, record it again"),
        ("null", "trace", None),
    }
