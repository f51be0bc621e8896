"""The commands that show something and end: the demo, what is in a cassette, and what is wrong with it."""

import re
import sys
from pathlib import Path

import httpx
import pytest

from replayer import Replayer
from replayer.cli import run

KEY = {"Authorization": "Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to be in, for commands that are run in this program."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_demo_ends_with_everything_identical(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "identical: 16/16"
    assert any(line.startswith("upstream stopped: http://127.0.0.1:") for line in lines)
    assert "  version: 1" in lines
    assert "  16 recorded, 0 played, 0 synthesized, 0 missed, 0 unused" in lines
    assert any(line.startswith("  0 recorded, 16 played, 0 synthesized, 0 missed, 0 unused, ") for line in lines)


def test_the_demo_needs_no_stripe_sdk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stripe", None)
    assert run(["demo"]) == 0
    printed = capsys.readouterr().out
    assert "The client is Python's http.client." in printed
    assert printed.endswith("identical: 16/16\n")


CASSETTE = """\
version: 1
replayer:
  upstream: https://api.stripe.com
  rules: invoice
  epoch: '2026-01-01T00:00:00Z'
interactions:
- request:
    method: GET
    uri: https://api.stripe.com/v1/invoices?created%5Bgte%5D=1
    body: null
    headers: {}
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      string: |-
        {"object": "list", "data": [{"id": "in_1MtHbELkdIwHu7ixl4OzzPMv", "object": "invoice"}]}
...
"""


def test_inspect_shows_what_is_in_a_cassette(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text(CASSETTE)
    assert run(["inspect", "x.yaml"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["x.yaml,", "484", "B"],
        ["recorded", "from", "https://api.stripe.com,", "rules", "invoice,", "epoch", "2026-01-01T00:00:00Z"],
        ["#", "method", "path", "status", "body", "size"],
        ["1", "GET", "/v1/invoices?created[gte]=1", "200", "list", "of", "1", "88", "B"],
        ["1", "interaction:", "0", "writes,", "1", "read;", "88", "B", "of", "bodies"],
        [],
        ["list", "from", "#", "pages", "objects", "known"],
        ["/v1/invoices?created[gte]=1", "1", "1", "1", "start", "-", "in_1MtHbELkdIwHu7ixl4OzzPMv", "..."],
    ]


def test_inspect_shows_the_causal_order(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text(CASSETTE)
    (here / "empty.yaml").write_text("version: 1\ninteractions: []\n")
    assert run(["inspect", "x.yaml", "--causes"]) == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()[2:4]] == [
        "#  request                          causes",
        "1  GET /v1/invoices?created[gte]=1  after no write",
    ]
    assert run(["inspect", "empty.yaml", "--causes"]) == 0
    assert "causes" not in capsys.readouterr().out


def test_audit_names_the_line_and_never_the_value(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "real.yaml").write_text(CASSETTE)
    (here / "clean.yaml").write_text(CASSETTE.replace("in_1MtHbELkdIwHu7ixl4OzzPMv", "in_short"))
    (here / "foreign.yaml").write_text("version: 1\ninteractions: []\n# Bearer 4eC39HqLyjWDarjtT1zdp7dc\n")
    assert run(["audit", "clean.yaml"]) == 0
    assert capsys.readouterr().out == "clean.yaml: clean (1 interaction)\n"
    assert run(["audit", "real.yaml", "clean.yaml", "foreign.yaml"]) == 1
    printed = capsys.readouterr().out
    assert printed.splitlines() == [
        "real.yaml: line 21: an id of the upstream (in_...) [real-id]",
        "clean.yaml: clean (1 interaction)",
        "foreign.yaml: line 3: bearer token [secret]",
    ]
    assert run(["audit", "nowhere.yaml", "real.yaml"]) == 2
    stdout, stderr = capsys.readouterr()
    assert stderr == "replayer: There is no cassette nowhere.yaml. Give the path of one.\n"
    assert stdout == "real.yaml: line 21: an id of the upstream (in_...) [real-id]\n"


def edited(folder: Path) -> tuple[Path, str]:
    """A recorded cassette in which somebody has changed one letter of a name, and that name."""
    with Replayer("shop.yaml", root=folder, upstream="sandbox", record_mode="all") as running:
        client = httpx.Client(base_url=running.url, headers=KEY, trust_env=False)
        made = client.post("/v1/customers", data={"name": "Ada"}).json()["id"]
        client.get(f"/v1/customers/{made}")
        client.close()
    path = folder / "shop.yaml"
    broken = made[:-1] + ("a" if made[-1] != "a" else "b")
    path.write_text(path.read_text().replace(f"/v1/customers/{made}", f"/v1/customers/{broken}"))
    return path, made


def test_a_name_that_was_edited_is_explained_by_the_audit_and_stops_a_recording(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, name = edited(here)
    kept = path.read_bytes()
    assert run(["audit", "shop.yaml"]) == 1
    said = capfd.readouterr().out
    assert f"is no alias, and differs in 1 character from {name} in line " in said
    assert run(["record", "--upstream", "sandbox", "--cassette", "shop.yaml"]) == 2
    said = capfd.readouterr().err
    assert re.match(r"replayer: shop\.yaml:\d+: cus_.*Write that one, or delete the file and record again\.", said)
    assert path.read_bytes() == kept
