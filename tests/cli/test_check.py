"""`replayer check` as a user meets it: against the sandbox, and against an upstream that has changed."""

import shutil
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr  # type: ignore[import-untyped]  # vcrpy has no types

from replayer import Replayer
from replayer.cli import run
from tests.examples import CASSETTES, PROGRAMS, client
from tests.forked import replayer

from .changed import Emitted, changed, each, objects, renamed, status
from .checking import KEY, Difference, checked, findings, recorded, shopping, writing

EXAMPLES = [str(CASSETTES / f"{name}.yaml") for name in PROGRAMS]
THREE = each(
    objects("invoice", renamed("billing_reason", "reason_for_billing")),
    objects("invoice", lambda invoice: {"priority": "usual"} | invoice),
    status("POST", "/v1/customers", 201),
)


# -- the same ---------------------------------------------------------------------------------------------------------


def test_an_unchanged_api_has_not_drifted(capfd: pytest.CaptureFixture[str]) -> None:
    before = [Path(name).read_bytes() for name in EXAMPLES]
    code, document = checked(capfd, *EXAMPLES, "--upstream", "sandbox", "--allow-writes")
    assert code == 0
    assert document["same"] is True
    assert [(each["compared"], each["skipped"], each["findings"]) for each in document["cassettes"]] == [
        (11, [], []),
        (17, [], []),
        (13, [], []),
    ]
    assert [Path(name).read_bytes() for name in EXAMPLES] == before


def test_values_that_a_client_mints_and_times_that_it_counts_are_no_drift(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def program(shop: httpx.Client) -> None:
        order, trace, now = str(uuid.uuid4()), uuid.uuid4().hex, int(time.time())
        form = {"name": "Ada", "metadata[order]": order, "metadata[note]": f"{trace}; {order}"}
        made = shop.post("/v1/customers", data=form, headers={"Idempotency-Key": order}).json()["id"]
        due = {"customer": made, "collection_method": "send_invoice", "due_date": str(now + 7 * 86_400)}
        shop.post("/v1/invoices", data=due)
        since = {"created[gte]": str(now - 30 * 86_400), "customer": made}
        assert len(shop.get("/v1/invoices", params=since).json()["data"]) == 1

    recorded(here, program)
    code, document = checked(capfd, "shop.yaml", "--upstream", "sandbox", "--allow-writes")
    assert (findings(document), document["cassettes"][0]["skipped"]) == (set(), [])
    assert (code, document["cassettes"][0]["compared"]) == (0, 3)


def test_people_are_told_so_too_and_without_colour_in_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["check", EXAMPLES[0], "--upstream", "sandbox", "--allow-writes"]) == 0
    stdout, stderr = capfd.readouterr()
    assert stdout == f"{EXAMPLES[0]}: 11 compared, 0 not, 0 differences\n0 differences in 1 cassette\n"
    assert stderr == ""


def test_nothing_is_written(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = recorded(here, shopping)
    before = (shop.read_bytes(), shop.stat().st_mtime_ns)
    assert checked(capfd, "shop.yaml", "--upstream", "sandbox", "--allow-writes")[0] == 0
    assert [path.name for path in here.iterdir()] == ["shop.yaml"]
    assert (shop.read_bytes(), shop.stat().st_mtime_ns) == before


# -- drifted ----------------------------------------------------------------------------------------------------------


def test_a_renamed_field_a_new_one_and_another_status_are_exactly_three_findings(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with changed(THREE) as (url, _):
        code, document = checked(capfd, EXAMPLES[0], EXAMPLES[1], "--upstream", url, "--allow-writes")
    assert code == 1
    assert document["same"] is False
    for each_one, answers in zip(document["cassettes"], (10, 12), strict=True):
        assert {
            (one["kind"], one["where"], one["field"], str(one["recorded"]), str(one["live"]), one["count"])
            for one in each_one["findings"]
        } == {
            ("status", "POST /v1/customers", "", "200", "201", 1),
            ("field-renamed", "invoice", "billing_reason", "billing_reason", "reason_for_billing", answers),
            ("field-new", "invoice", "priority", "None", "usual", answers),
        }
        assert len(each_one["findings"]) == 3


def test_the_three_are_told_to_people_with_what_was_and_what_is(capfd: pytest.CaptureFixture[str]) -> None:
    with changed(THREE) as (url, _):
        assert run(["check", EXAMPLES[0], "--upstream", url, "--allow-writes"]) == 1
    stdout, _ = capfd.readouterr()
    assert stdout.splitlines() == [
        f"{EXAMPLES[0]}: 11 compared, 0 not, 3 differences",
        "  POST /v1/customers: another status in 1 answer, first in #1 POST /v1/customers",
        "    - 200",
        "    + 201",
        "  invoice billing_reason: field renamed in 10 answers, first in #2 POST /v1/invoices",
        '    - "billing_reason"',
        '    + "reason_for_billing"',
        "  invoice priority: new field in 10 answers, first in #2 POST /v1/invoices",
        "    - (nothing)",
        '    + "usual"',
        "3 differences in 1 cassette",
    ]


def test_recording_again_from_that_upstream_differs_in_exactly_these(tmp_path: Path) -> None:
    copy = Path(shutil.copy(EXAMPLES[0], tmp_path))
    before = copy.read_text("utf-8").splitlines()
    with (
        changed(THREE) as (url, _),
        Replayer(copy.name, root=tmp_path, upstream=url, origin="https://api.stripe.com", record_mode="all") as again,
    ):
        list(PROGRAMS["paging"](client(again.url)))
    after = copy.read_text("utf-8").splitlines()
    gone = {line.strip() for line in before} - {line.strip() for line in after}
    new = {line.strip() for line in after} - {line.strip() for line in before}
    assert gone == {"upstream: sandbox", '"billing_reason": "manual",'}
    assert new == {
        "upstream: https://api.stripe.com",
        "code: 201",
        "message: Created",
        '"reason_for_billing": "manual",',
        '"priority": "usual",',
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            objects("customer", lambda one: {key: child for key, child in one.items() if key != "phone"}),
            ("field-gone", "customer", "phone"),
        ),
        (objects("customer", lambda one: one | {"tier": None}), ("field-new", "customer", "tier")),
        (objects("customer", lambda one: one | {"balance": "0"}), ("type", "customer", "balance")),
        (objects("customer", lambda one: one | {"shipping": {"name": "x"}}), ("null", "customer", "shipping")),
        (objects("customer", lambda one: one | {"tax_exempt": "exempt"}), ("value", "customer", "tax_exempt")),
        (objects("customer", lambda one: one | {"name": "A d a"}), ("text", "customer", "name")),
        (
            lambda answer: Emitted(
                answer.method, answer.path, answer.status, answer.headers | {"Deprecation": "true"}, answer.value
            ),
            ("header-new", "headers", "deprecation"),
        ),
        (
            lambda answer: Emitted(
                answer.method, answer.path, answer.status, answer.headers | {"Server": "other"}, answer.value
            ),
            ("header", "headers", "server"),
        ),
    ],
)
def test_each_kind_of_change_is_one_finding(
    here: Path, capfd: pytest.CaptureFixture[str], change: Any, expected: Difference
) -> None:
    recorded(here, shopping)
    with changed(change) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert (code, findings(document)) == (1, {expected})


def test_what_stands_behind_a_write_that_is_now_refused_is_not_compared(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    with changed(status("POST", "/v1/customers", 402)) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert code == 1
    assert findings(document) == {("status", "POST /v1/customers", "")}
    (report,) = document["cassettes"]
    assert [one["request"].partition("/cus_")[0] for one in report["skipped"]] == [
        "GET /v1/customers",
        "GET /v1/customers?limit=3",
    ]
    assert report["compared"] == 3


# -- reads only -------------------------------------------------------------------------------------------------------


def test_without_leave_only_reads_are_played_and_the_rest_is_listed(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    with changed() as (url, arrived):
        code, document = checked(capfd, "shop.yaml", "--upstream", url)
    (report,) = document["cassettes"]
    assert code == 0
    assert report["compared"] == 1
    assert arrived.lines == ["GET /v1/invoices?limit=3"]
    assert [(one["number"], one["reason"], one["remedy"]) for one in report["skipped"]] == [
        (1, "it writes, and only reads are played", "--allow-writes plays it"),
        (2, "it writes, and only reads are played", "--allow-writes plays it"),
        (3, "it shows what was not played, or went another way", "see --allow-writes"),
        (4, "it shows what was not played, or went another way", "see --allow-writes"),
    ]


def test_a_read_of_an_object_that_the_upstream_does_not_know_is_not_compared(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = recorded(here, shopping)
    text = shop.read_text("utf-8")
    only_reads = text[: text.index("- request:")] + "- request:" + "- request:".join(text.split("- request:")[3:])
    shop.write_text(only_reads, "utf-8")
    code, document = checked(capfd, "shop.yaml", "--upstream", "sandbox")
    (report,) = document["cassettes"]
    assert report["skipped"][0]["reason"] == "it names an object of the recording, which this upstream does not know"
    assert findings(document) == {("member-gone", "GET /v1/customers", "data[]")}
    assert code == 1


def test_where_nothing_was_compared_the_answer_is_not_the_same_but_unknown(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, writing)
    code, document = checked(capfd, "shop.yaml", "--upstream", "sandbox")
    assert (code, document["same"]) == (2, False)
    assert run(["check", "shop.yaml", "--upstream", "sandbox"]) == 2
    assert capfd.readouterr().out.splitlines()[-1] == "0 differences in 1 cassette; 1 cassette could not be compared"


# -- cassettes of others ----------------------------------------------------------------------------------------------


def theirs(path: Path, *, only: bool) -> None:
    """A cassette that vcrpy wrote. It sees all clients of a program: our upstream too, asking its sandbox."""
    with (
        changed() as (url, _),
        vcr.use_cassette(
            str(path),
            filter_headers=["authorization"],
            before_record_request=lambda request: request if request.uri.startswith(url) or not only else None,
        ),
        httpx.Client(base_url=url, headers=KEY) as shop,
    ):
        shopping(shop)


def test_a_cassette_that_vcrpy_wrote_is_compared_by_its_meaning(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    theirs(here / "theirs.yaml", only=True)
    code, document = checked(capfd, "theirs.yaml", "--upstream", "sandbox", "--allow-writes")
    assert (code, findings(document), document["cassettes"][0]["compared"]) == (0, set(), 5)
    with changed(objects("customer", renamed("phone", "phone_number"))) as (url, _):
        code, document = checked(capfd, "theirs.yaml", "--upstream", url, "--allow-writes")
    assert (code, findings(document)) == (1, {("field-renamed", "customer", "phone")})


def test_what_was_asked_of_another_host_is_not_asked_of_this_one(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    theirs(here / "theirs.yaml", only=False)
    code, document = checked(capfd, "theirs.yaml", "--upstream", "sandbox", "--allow-writes")
    (report,) = document["cassettes"]
    assert (code, report["findings"]) == (0, [])
    assert report["compared"] > 0
    assert {one["reason"] for one in report["skipped"]} == {"it was made to another host"}


# -- what is not told -------------------------------------------------------------------------------------------------


def test_a_new_token_is_told_by_its_place_and_never_by_its_value(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    token = "q8Zk3Jf0aLw2M1xv7Tq9bRc4"
    grown = each(
        objects("customer", lambda one: one | {"access_token": token, "login": {"session_token": token}}),
        objects("customer", lambda one: one | {"name": f"ghp_{token}"}),
        lambda answer: Emitted(
            answer.method, answer.path, answer.status, answer.headers | {"X-Auth-Token": token}, answer.value
        ),
    )
    recorded(here, shopping)
    with changed(grown) as (url, _):
        for more in ([], ["--json"]):
            assert run(["check", "shop.yaml", "--upstream", url, "--allow-writes", *more]) == 1
            stdout, stderr = capfd.readouterr()
            assert token[2:-2] not in stdout + stderr
            assert all(name in stdout for name in ("access_token", "session_token", "x-auth-token"))
            assert "ghp_" + "*" * 24 in stdout


def test_a_folder_is_all_the_cassettes_in_it(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "shop").mkdir()
    for name in ("b.yaml", "a.yaml"):
        recorded(here / "shop", shopping, name)
    (here / "empty").mkdir()
    code, document = checked(capfd, "empty", "shop", "--upstream", "sandbox")
    assert [(each["cassette"], "error" in each) for each in document["cassettes"]] == [
        ("empty", True),
        ("shop/a.yaml", False),
        ("shop/b.yaml", False),
    ]
    assert code == 2


def test_what_differs_is_shown_on_a_page_until_ctrl_c(here: Path) -> None:
    recorded(here, writing)
    text = (here / "shop.yaml").read_text("utf-8")
    (here / "shop.yaml").write_text(text.replace('"tax_exempt"', '"exempt"'), "utf-8")
    command = ["check", "shop.yaml", "--upstream", "sandbox", "--allow-writes", "--web"]
    with subprocess.Popen(
        [*replayer(), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stderr is not None
            line = next(line for line in program.stderr if "inspector at" in line)
            url, _, token = line.split()[-1].partition("#")
            with httpx.Client(base_url=url, headers={"Replayer-Token": token}, trust_env=False) as client:
                assert client.get("api/session").json()["kind"] == "drift"
                (report,) = client.get("api/drawn/drift").json()["cassettes"]
            (finding,) = report["findings"]
            assert (finding["recorded"], finding["live"], finding["count"]) == ("exempt", "tax_exempt", 1)
            assert [place["place"] for place in finding["places"]] == ["exempt"]
        finally:
            program.send_signal(signal.SIGINT)
        assert program.wait(10) == 1


def test_a_page_and_a_document_are_not_asked_for_at_once(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, writing)
    assert run(["check", "shop.yaml", "--upstream", "sandbox", "--web", "--json"]) == 2
    assert "leave one of them out" in capfd.readouterr().err
