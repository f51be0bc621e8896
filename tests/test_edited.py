"""Cassettes that somebody edited by hand are explained, by the real commands: what, which line, what to do."""

import base64
import gzip
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from random import Random

import brotli  # type: ignore[import-untyped]
import httpx
import pytest

from replayer import CassetteError, Replayer
from replayer.cli import run
from tests.cli.servers import Server

LIFE = (Path(__file__).parents[1] / "cassettes/life.yaml").read_text("utf-8")
KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
DIGITS = (Random(1).randbytes(99).hex() + " " + KEY).encode()  # compressed too much for one line of base64
AGAIN = "Write that one, or delete the file and record again."

PAID, OTHER, *_ = dict.fromkeys(re.findall(r'"id": "(in_\w+)"', LIFE))
PAYER = re.findall(r'"id": "(cus_\w+)"', LIFE)[0]
MISPRINT = PAID[:10] + ("a" if PAID[10] != "a" else "b") + PAID[11:]
ONE, TWO = "Sun, 22 Nov 2026 00:00:01 GMT", "Sun, 22 Nov 2026 00:00:02 GMT"


def line_of(part: str, after: str = "") -> int:
    """The first line in which that stands, behind the first of those that it is to come after."""
    return LIFE.count("\n", 0, LIFE.index(part, LIFE.index(after) + len(after))) + 1


@dataclass(frozen=True)
class Edit:
    """A cassette edited by hand, the line that is wrong in it, what is said of that, and its kind."""

    text: str
    line: int
    said: str
    kind: str


EDITS = {
    "one character of one id": Edit(
        LIFE.replace(f'"id": "{PAID}"', f'"id": "{MISPRINT}"', 1),
        line_of(f'"id": "{PAID}"'),
        f"in_{PAID[3:5]}...{PAID[-2:]} is no alias, and differs in 1 character from {PAID} in line "
        f"{line_of(PAID, after=PAID)}",
        "broken-name",
    ),
    "the prefix of another type": Edit(
        LIFE.replace(f"/v1/invoices/{PAID}/pay", f"/v1/invoices/ii{PAID[2:]}/pay", 1),
        line_of(f"/v1/invoices/{PAID}/pay"),
        f"ii_{PAID[3:5]}...{PAID[-2:]} is no alias, and has another prefix than {PAID} in line {line_of(PAID)}",
        "broken-name",
    ),
}
EPOCH = Edit(
    LIFE.replace("epoch: '2026-11-22T00:00:00Z'", "epoch: '2026-11-22T00:00:02Z'"),
    line_of("epoch: '2026-11-22T00:00:00Z'"),
    "the epoch is 2026-11-22T00:00:02Z, after the first answer, of 2026-11-22T00:00:01Z, in line " + str(line_of(ONE)),
    "false-epoch",
)
TIMES = {
    "two dates swapped": LIFE.replace(ONE, "one").replace(TWO, ONE).replace("one", TWO),
    "paid before it was made": re.sub(r'("paid_at": )\d+', r"\g<1>1795305600", LIFE),
    "two births swapped": re.sub(
        "1795305601|1795305604", lambda match: str(2 * 1_795_305_601 + 3 - int(match.group())), LIFE
    ),
}
edits = pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("edit", [*EDITS.values(), EPOCH], ids=[*EDITS, "another epoch"])
def test_the_audit_explains_it(edit: Edit, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "life.yaml").write_text(edit.text, "utf-8")
    assert run(["audit", "life.yaml"]) == 1
    assert f"life.yaml: line {edit.line}: {edit.said} [{edit.kind}]" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("text", TIMES.values(), ids=TIMES)
def test_who_edits_times_is_not_asked_why(text: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert text != LIFE
    (here / "life.yaml").write_text(text, "utf-8")
    assert run(["audit", "life.yaml"]) == 0
    assert capsys.readouterr().out.startswith("life.yaml: clean (")


@edits
@pytest.mark.parametrize("mode", ["all", "new_episodes"])
def test_it_is_not_recorded_over(edit: Edit, mode: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "life.yaml").write_text(edit.text, "utf-8")
    assert run(["record", "--upstream", "sandbox", "--cassette", "life.yaml", "--record-mode", mode]) == 2
    stdout, stderr = capsys.readouterr()
    assert (stdout, stderr) == ("", f"replayer: life.yaml:{edit.line}: {edit.said}. {AGAIN}\n")
    assert {path.name: path.read_text("utf-8") for path in here.iterdir()} == {"life.yaml": edit.text}


def test_python_is_told_the_same(here: Path) -> None:
    edit = EDITS["one character of one id"]
    (here / "life.yaml").write_text(edit.text, "utf-8")
    replayer = Replayer("life.yaml", root=here, upstream="sandbox", record_mode="all")
    with pytest.raises(CassetteError, match=re.escape(f"{here}/life.yaml:{edit.line}: {edit.said}. {AGAIN}")), replayer:
        raise AssertionError


@edits
def test_it_is_played_and_explained_where_something_is_missed(
    edit: Edit, here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (here / "life.yaml").write_text(edit.text, "utf-8")
    first = {"name": "Grace Hopper", "email": "grace@example.com"}
    key = {"Authorization": f"Bearer {KEY}", "Stripe-Version": "2026-08-26.dahlia"}
    with Replayer("life.yaml", root=here, fail_on_miss=False) as replayer:
        made = httpx.post(f"{replayer.url}/v1/customers", data=first, headers=key, trust_env=False)
        assert made.status_code == 200
    assert "life.yaml:" not in caplog.text
    with Replayer("life.yaml", root=here, fail_on_miss=False) as replayer:
        assert httpx.get(f"{replayer.url}/v1/nothing", headers=key, trust_env=False).status_code == 421
    path = here / "life.yaml"
    assert f"{path}:{edit.line}: {edit.said}. {AGAIN} For all of it run 'replayer audit {path}'." in caplog.text


@pytest.mark.long
def test_the_command_replay_says_it_once_at_its_end(here: Path) -> None:
    edit = EDITS["one character of one id"]
    (here / "life.yaml").write_text(edit.text, "utf-8")
    server = Server(here, "replay", "--cassette", "life.yaml", "--quiet", environment={})
    try:
        for _ in range(2):
            server.client.get("/v1/nothing")
        code, _, stderr = server.end(signal.SIGTERM)
    finally:
        server.close()
    assert code == 1
    assert (
        stderr.count(f"life.yaml:{edit.line}: {edit.said}. {AGAIN} For all of it run 'replayer audit life.yaml'.") == 1
    )


@pytest.mark.long
@pytest.mark.parametrize("text", [LIFE, EPOCH.text, *TIMES.values()], ids=["as it was", "another epoch", *TIMES])
def test_a_cassette_with_sound_names_is_recorded_over(text: str, here: Path) -> None:
    (here / "life.yaml").write_text(text, "utf-8")
    with Replayer("life.yaml", root=here, upstream="sandbox", record_mode="all") as replayer:
        answer = httpx.get(f"{replayer.url}/v1/invoices", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
    assert answer.status_code == 200
    assert "/v1/customers" not in (here / "life.yaml").read_text("utf-8")


def foreign(body: str, *headers: str) -> str:
    """A cassette as another tool writes it."""
    lines = "".join(f"      {header}\n" for header in headers)
    return (
        "version: 1\ninteractions:\n- request:\n    method: GET\n    uri: https://api.example.com/\n    body: null\n"
        f"    headers: {{}}\n  response:\n    status: {{code: 200, message: OK}}\n    headers:\n{lines}"
        f"      X-Any: ['1']\n    body:\n      string: {body}\n"
    )


def packed(raw: bytes) -> str:
    return "!!binary |\n" + "".join(f"        {line}\n" for line in base64.encodebytes(raw).decode().split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (foreign(f'"{KEY}"'), "line 13: API key [secret]"),
        (foreign(f'"{KEY.replace("_", "%5F")}"'), "line 13: API key (percent-encoded) [secret]"),
        (foreign(f'"{KEY.replace("_", "%255F")}"'), "line 13: API key (percent, percent-encoded) [secret]"),
        (foreign(KEY.replace("_", "\\u005f")), "line 13: API key (JSON-encoded) [secret]"),
        (foreign(packed(b"\xff" * 60 + KEY.encode())), "line 15: API key (base64-encoded) [secret]"),
        (foreign(packed(gzip.compress(DIGITS))), "line 13: API key (base64, gzip-encoded) [secret]"),
        (
            foreign(packed(gzip.compress(DIGITS)), "Content-Encoding: [gzip]"),
            "line 14: API key (base64, gzip-encoded) [secret]",
        ),
        (
            foreign(packed(brotli.compress(DIGITS)), "Content-Encoding: [br]"),  # the reader undoes it
            "line 14: API key (base64, compressed-encoded) [secret]",
        ),
        (
            foreign(base64.b64encode(gzip.compress(KEY.encode() * 9)).decode()),
            "line 13: API key (base64, gzip-encoded) [secret]",
        ),
    ],
)
def test_a_secret_of_another_tools_cassette_is_found_in_its_encoding(
    text: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "x.yaml").write_text(text, "utf-8")
    assert run(["audit", "x.yaml"]) == 1
    printed = capsys.readouterr().out
    assert printed.splitlines() == [f"x.yaml: {said}"]  # once
    assert KEY[8:] not in printed


@pytest.mark.parametrize("before", range(30, 60))
def test_a_key_in_a_text_that_is_kept_as_base64_is_found_wherever_the_lines_cut_it(
    before: int, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = foreign(packed(f"{'.' * before}{KEY} and {KEY}{'.' * 99} {KEY}".encode()))
    (here / "x.yaml").write_text(text, "utf-8")
    assert run(["audit", "x.yaml"]) == 1
    offsets = [before, before + len(KEY) + 5, before + 2 * len(KEY) + 105]
    lines = dict.fromkeys(14 + offset // 57 for offset in offsets)
    assert capsys.readouterr().out.splitlines() == [
        f"x.yaml: line {line}: API key (base64-encoded) [secret]" for line in lines
    ]
