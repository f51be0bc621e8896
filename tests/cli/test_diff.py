"""`replayer diff` as a user meets it: two recordings of one program, whose ids and times have other names."""

import json
import re
from pathlib import Path

import pytest
import requests

from replayer import Replayer
from replayer.cli import run
from tests.examples import CASSETTES

KEY = {"Authorization": "Bearer sk_test_made_up"}
LIFE, PAGING = (CASSETTES / name for name in ("life.yaml", "paging.yaml"))


def recorded(path: Path, *, amount: int = 500, before: int = 0, epoch: str = "2026-01-01") -> Path:
    """A recording of one program: an item of that amount on an invoice. `before` customers are made first."""
    with Replayer(path.name, root=path.parent, upstream="sandbox", record_mode="all", epoch=epoch) as replayer:

        def post(where: str, body: str) -> str:
            headers = {**KEY, "Content-Type": "application/x-www-form-urlencoded"}
            return str(requests.post(f"{replayer.url}/v1/{where}", body, headers=headers, timeout=9).json()["id"])

        for number in range(before):
            post("customers", f"name=Before{number}")
        customer = post("customers", "name=Ada")
        post("invoiceitems", f"customer={customer}&amount={amount}&currency=usd")
        invoice = post("invoices", f"customer={customer}&pending_invoice_items_behavior=include")
        requests.get(f"{replayer.url}/v1/invoices/{invoice}", headers=KEY, timeout=9).raise_for_status()
    return path


@pytest.mark.parametrize("cassette", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_cassette_is_the_same_as_itself(cassette: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(cassette), str(cassette)]) == 0
    assert re.fullmatch(r"\d+ answers compared, 0 differences\n", capsys.readouterr().out)


def test_other_names_and_another_day_are_no_difference(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(here / "a.yaml")
    recorded(here / "b.yaml", epoch="2026-07-15", before=2)
    assert "2026-07-15" in (here / "b.yaml").read_text()
    assert run(["diff", "a.yaml", "b.yaml", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["compared"], found["findings"], found["only_first"]) == (4, [], [])
    assert [one["request"] for one in found["only_second"]] == ["POST /v1/customers"] * 2
    assert run(["diff", "b.yaml", "a.yaml", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["number"] for one in found["only_first"]] == [1, 2]


def test_what_differs_is_told_once_with_the_request_that_made_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(here / "a.yaml")
    recorded(here / "b.yaml", amount=700)
    assert run(["diff", "a.yaml", "b.yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "  invoice amount_due: another value in 2 answers, first in #3 POST /v1/invoices" in lines
    at = lines.index("  - #2 POST /v1/invoiceitems")
    assert lines[at - 1 : at + 4] == [
        "only in a.yaml",
        "  - #2 POST /v1/invoiceitems",
        '      body amount: "500", in the other "700"',
        "only in b.yaml",
        "  + #2 POST /v1/invoiceitems",
    ]
    assert lines[-1].endswith("; 1 only in a.yaml; 1 only in b.yaml")


def test_a_changed_answer_to_one_request_is_a_finding(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = LIFE.read_text("utf-8")
    changed = text.replace('"account_name": "Sandbox"', '"account_name": "Sandpit"')
    assert changed != text
    (here / "b.yaml").write_text(changed, "utf-8")
    assert run(["diff", str(LIFE), "b.yaml", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (finding,) = found["findings"]
    assert (finding["field"], finding["first"], finding["second"]) == ("account_name", "Sandbox", "Sandpit")
    assert (found["same"], found["only_first"], found["only_second"]) == (False, [], [])


def test_recordings_of_one_program_by_another_tool_are_compared_too(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def foreign(identity: str, name: str) -> str:
        body = json.dumps({"id": identity, "object": "customer", "name": name})
        return (
            "interactions:\n- request: {body: name=Ada, headers: {}, method: POST, "
            "uri: 'https://api.stripe.com/v1/customers'}\n"
            f"  response: {{body: {{string: '{body}'}}, headers: {{Content-Type: [application/json]}}, "
            "status: {code: 200, message: OK}}\nversion: 1\n"
        )

    (here / "a.yaml").write_text(foreign("cus_NffrFeUfNV2Hib", "Ada"))
    (here / "b.yaml").write_text(foreign("cus_9s6XKzkNRiz8i3", "Ada"))
    (here / "c.yaml").write_text(foreign("cus_9s6XKzkNRiz8i3", "Bob"))
    assert run(["diff", "a.yaml", "b.yaml"]) == 0
    assert run(["diff", "a.yaml", "c.yaml"]) == 1
    assert "customer name: another" in capsys.readouterr().out


def test_different_rules_and_nothing_at_all_are_told(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "empty.yaml").write_text("version: 1\ninteractions: []\n")
    assert run(["diff", "empty.yaml", str(PAGING)]) == 1
    assert "11 only in" in capfd.readouterr().out
    (here / "generic.yaml").write_text(PAGING.read_text("utf-8").replace("rules: invoice", "rules: generic"), "utf-8")
    assert run(["diff", str(PAGING), "generic.yaml"]) == 2
    assert "was recorded by the rules 'invoice', generic.yaml by 'generic'" in capfd.readouterr().err
