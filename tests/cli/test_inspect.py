"""`replayer inspect` as a user meets it: what is in a cassette, and which read stands behind which write."""

import io
import json
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from rich.console import Console

from replayer.cli import inspect_tables, run
from replayer.cli.console import shortened
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from tests.examples import CASSETTES

from .servers import CASSETTE


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


@pytest.mark.parametrize(
    ("media", "body", "word"),
    [
        ("text/event-stream", '\'data: {"a": "Grüße"}\\n\\n\'', "1"),  # event
        ("application/x-yaml", "'a: 1'", "text"),
        ("application/octet-stream", "plain", "text"),
        ("application/octet-stream", "!!binary /w==", "binary"),
        ("application/octet-stream", '"\\0\\x01"', "binary"),
    ],
)
def test_inspect_calls_text_what_reads_as_text(
    here: Path, capsys: pytest.CaptureFixture[str], media: str, body: str, word: str
) -> None:
    (here / "x.yaml").write_text(
        "interactions:\n- request: {body: null, headers: {}, method: GET, uri: 'https://x.io/a'}\n"
        f"  response:\n    body: {{string: {body}}}\n    headers: {{Content-Type: ['{media}']}}\n"
        "    status: {code: 200, message: OK}\nversion: 1\n",
        "utf-8",
    )
    assert run(["inspect", "x.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[3].split()[4] == word


@pytest.mark.parametrize("width", [60, 80, 200])
def test_in_a_narrow_terminal_only_paths_are_cut(width: int) -> None:
    path = "/v1/invoices?" + "&".join(f"expand[]=data.customer{number}" for number in range(20))
    request = Request("GET", quote(path), (), b"", "https://api.stripe.com")
    answer = Response(200, "OK", (("Content-Type", "application/json"),), b'{"object": "list", "data": [1, 2]}')
    cassette = Cassette((Interaction(request, answer),), Facts("https://api.stripe.com", "invoice", 0))
    written = io.StringIO()
    contents = inspect_tables.Contents.of(cassette, Path(__file__), causes=False, word="")
    for part in contents.parts("x.yaml"):
        Console(width=width, file=written, color_system=None).print(part)
    head, row = next(lines for lines in pairwise(written.getvalue().splitlines()) if "method" in lines[0])
    assert head.split() == ["#", "method", "path", "status", "body", "size"]
    assert (row.split()[:2], row.split()[-6:]) == (["1", "GET"], ["200", "list", "of", "2", "34", "B"])
    assert "/v1/invoices?" in row
    assert len(row) <= width


LIFE = str(CASSETTES / "life.yaml")


def test_the_narrower_it_is_the_more_of_the_middle_of_a_path_is_missing() -> None:
    path = "/v1/invoices/in_urhSFKiDcRYolT3QnEl77NpG/finalize"
    assert [shortened(path, width) for width in (60, 24, 12)] == [path, "/v1/invoices/in_…inalize", "/v1/invo…ize"]


def test_inspect_finds_a_word_wherever_it_stands_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", LIFE, "--find", "HOPPER"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split()[-2:] == ["found", "in"]
    assert lines[3].split()[:3] == ["1", "POST", "/v1/customers"]
    assert [line.split()[-2:] for line in lines[3:5]] == [["request", "name"], ["answer", "name"]]
    assert lines[-1].endswith("with 'HOPPER'")
    assert run(["inspect", LIFE, "--find", "idempotency-key: a93241b4", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["interactions"]
    assert (found["number"], found["places"]) == (
        6,
        ["request header Idempotency-Key", "answer header Idempotency-Key"],
    )


def test_a_word_that_is_nowhere_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", LIFE, "--find", "nobody"]) == 1
    assert capsys.readouterr().err == f"replayer: no interaction of {LIFE} holds 'nobody'.\n"


def test_inspect_shows_one_interaction_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", LIFE, "--body", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("#1 POST https://api.stripe.com/v1/customers\n")
    assert "\nname=Grace Hopper\n" in shown
    assert '\n  "email": "grace@example.com",\n' in shown
    assert run(["inspect", LIFE, "--body", "1", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["request"]["body"] == "name=Grace+Hopper&email=grace%40example.com"
    assert json.loads(whole["response"]["body"])["object"] == "customer"


def test_a_number_that_there_is_not_is_told_with_those_that_there_are(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", LIFE, "--body", "18"]) == 2
    assert capfd.readouterr().err == f"replayer: {LIFE} has no interaction 18: there are 1 to 17.\n"


def test_a_body_that_is_no_text_is_counted_for_people_and_in_base64_for_programs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "x.yaml").write_text(
        "interactions:\n- request: {body: null, headers: {}, method: GET, uri: 'https://x.io/a'}\n"
        "  response:\n    body: {string: !!binary /wAB}\n    headers: {}\n"
        "    status: {code: 200, message: OK}\nversion: 1\n"
    )
    assert run(["inspect", "x.yaml", "--body", "1"]) == 0
    assert capsys.readouterr().out.endswith("(3 B that are no text)\n")
    assert run(["inspect", "x.yaml", "--body", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["response"]["body_base64"] == "/wAB"


def test_a_key_that_another_tool_left_in_an_address_is_not_shown(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "9f8a7b6c5d4e3f2a1b0c9d8e"
    (here / "old.yaml").write_text(
        f"version: 1\ninteractions:\n- request:\n    method: GET\n    uri: http://x.io/a?api_key={key}\n"
        "    body: null\n    headers: {}\n  response:\n    status: {code: 200, message: OK}\n    headers: {}\n"
        "    body: {string: ok}\n"
    )
    assert run(["inspect", "old.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "/a?api_key=" in shown
    assert key not in shown
