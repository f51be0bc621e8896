"""The command line as a user meets it: its servers are real programs here, ended by real signals."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from replayer import Replayer
from replayer.cli import run

HOME = Path(__file__).parents[2]
KEY = {"Authorization": "Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc"}
READY = re.compile(r"replayer: listening on (http://127\.0\.0\.1:\d+)\n")


class Server:
    """One running command. `end` tells its exit code, what more it printed on stdout, and its stderr."""

    def __init__(self, folder: Path, *words: str, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "replayer", *words]
        self.program = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(HOME)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        ready = READY.fullmatch(line)
        if ready is None:
            pytest.fail(f"{command} printed {line!r} and {self.program.communicate()[1]}")
        self.url = ready[1]
        self.client = httpx.Client(base_url=self.url, headers=KEY, trust_env=False)

    def make_customer(self, name: str = "Ada") -> httpx.Response:
        return self.client.post("/v1/customers", data={"name": name})

    def end(self, *signals: signal.Signals) -> tuple[int, str, str]:
        self.client.close()
        for number in signals or [signal.SIGTERM]:
            self.program.send_signal(number)
        stdout, stderr = self.program.communicate(timeout=10)
        return self.program.returncode, stdout, stderr

    def close(self) -> None:
        self.client.close()
        if self.program.returncode is None:
            self.program.kill()
            self.program.communicate()


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(*words: str, **environment: str) -> Server:
            server = Server(tmp_path, *words, environment=environment)
            stack.callback(server.close)
            return server

        yield started


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to be in, for commands that are run in this program."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(folder: Path) -> bytes:
    """A cassette with one customer, made in this program because that is quicker; its text."""
    with Replayer("shop.yaml", root=folder, upstream="sandbox", record_mode="all") as running:
        httpx.post(f"{running.url}/v1/customers", data={"name": "Ada"}, headers=KEY, trust_env=False)
    return (folder / "shop.yaml").read_bytes()


def record(start: Start, *words: str) -> Server:
    return start("record", "--upstream", "sandbox", "--cassette", "shop.yaml", *words)


def replay(start: Start, *words: str) -> Server:
    return start("replay", "--cassette", "shop.yaml", *words)


# -- servers ----------------------------------------------------------------------------------------------------------


def test_what_was_recorded_is_replayed_and_each_request_has_its_line(start: Start, tmp_path: Path) -> None:
    server = record(start)
    made = server.make_customer()
    path = f"/v1/customers/{made.json()['id']}"
    read = server.client.get(f"{path}?expand[]=invoice_settings.default_payment_method")
    code, stdout, stderr = server.end()
    assert (code, stdout) == (0, "")
    first, second, receipt = stderr.splitlines()
    assert re.fullmatch(r"POST /v1/customers 200 recorded \d+ ms", first)
    assert re.fullmatch(rf"GET {path} 200 recorded \d+ ms", second)
    assert receipt == "replayer: 2 recorded, 0 played, 0 synthesized, 0 missed, 0 unused"
    assert "sk_test_4eC39" not in (tmp_path / "shop.yaml").read_text()

    server = replay(start)
    assert server.make_customer().content == made.content
    assert server.client.get(f"{path}?expand[]=invoice_settings.default_payment_method").content == read.content
    code, stdout, stderr = server.end(signal.SIGINT)
    assert (code, stdout) == (0, "")
    assert re.match(r"POST /v1/customers 200 replayed \d+ ms\n", stderr)
    assert stderr.endswith("replayer: 0 recorded, 2 played, 0 synthesized, 0 missed, 0 unused\n")


def test_a_miss_is_explained_and_its_remedy_is_a_command_that_works(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = replay(start, "--quiet")
    server.make_customer()
    missed = server.client.get("/v1/customers?limit=3")
    code, _, stderr = server.end()
    assert (code, missed.status_code, missed.headers["Replayer-Miss"]) == (1, 421, "no-match")
    lines = stderr.splitlines()
    assert re.fullmatch(r"GET /v1/customers 421 missed \d+ ms", lines[0])
    assert lines[1:3] == [
        "    No recorded interaction matches GET /v1/customers?limit=3.",
        "    Cassette: shop.yaml (mode none; 1 recorded, 1 played)",
    ]
    assert lines[4:] == [
        "    To fix: record it: replayer record --upstream sandbox --cassette shop.yaml",
        "replayer: 0 recorded, 1 played, 0 synthesized, 1 missed, 0 unused",
    ]

    remedy = shlex.split(lines[4].partition("record it: ")[2])
    server = start(*remedy[1:])
    assert server.client.get("/v1/customers?limit=3").status_code == 200
    assert server.end()[0] == 0


def test_a_session_that_answered_nothing_is_no_success(start: Start, tmp_path: Path) -> None:
    recording = record(start)
    code, _, stderr = recording.end()
    assert code == 1
    assert stderr.splitlines()[-1] == f"replayer: recorded nothing: did the client use {recording.url}?"
    assert list(tmp_path.iterdir()) == []

    recorded(tmp_path)
    replaying = replay(start)
    code, _, stderr = replaying.end()
    assert code == 1
    assert stderr.splitlines()[-1] == f"replayer: answered nothing: did the client use {replaying.url}?"


def test_a_second_interrupt_loses_nothing(start: Start, tmp_path: Path) -> None:
    server = record(start)
    for number in range(20):
        server.make_customer(str(number))
    code, _, stderr = server.end(*[signal.SIGINT] * 5, signal.SIGTERM)
    assert code == 0
    assert stderr.endswith("replayer: 20 recorded, 0 played, 0 synthesized, 0 missed, 0 unused\n")
    assert (tmp_path / "shop.yaml").read_text().endswith("...\n")


def test_a_recording_with_gaps_leaves_the_older_cassette_and_says_where_it_is_itself(
    start: Start, tmp_path: Path
) -> None:
    before = recorded(tmp_path)
    sandbox = start("sandbox", "--seed", "1")
    server = start("record", "--upstream", sandbox.url, "--cassette", "shop.yaml", "--quiet")
    server.make_customer()
    assert sandbox.end() == (0, "", "")
    assert server.make_customer("Eve").status_code == 502
    code, _, stderr = server.end()
    assert code == 1
    assert "could not be recorded. What was recorded is in" in stderr
    assert "shop.yaml.journal.\n" in stderr
    assert (tmp_path / "shop.yaml").read_bytes() == before
    assert run(["inspect", str(tmp_path / "shop.yaml.journal")]) == 0


def test_a_cassette_that_cannot_be_written_leaves_its_journal(start: Start, tmp_path: Path) -> None:
    server = record(start)
    server.make_customer()
    (tmp_path / "shop.yaml").mkdir()
    code, _, stderr = server.end()
    assert code == 1
    assert stderr.splitlines()[1:] == [
        "replayer: shop.yaml cannot be written: Is a directory. What was recorded is in shop.yaml.journal."
    ]
    assert (tmp_path / "shop.yaml.journal").exists()


def test_once_records_only_where_there_is_no_cassette(start: Start) -> None:
    for receipt in ("1 recorded, 0 played", "0 recorded, 1 played"):
        server = record(start, "--record-mode", "once")
        server.make_customer()
        code, _, stderr = server.end()
        assert code == 0
        assert f"replayer: {receipt}, " in stderr


def test_settings_of_the_environment_count_where_no_option_says_otherwise(start: Start, tmp_path: Path) -> None:
    server = start("record", REPLAYER_UPSTREAM="sandbox", REPLAYER_CASSETTE="env.yaml", REPLAYER_EPOCH="2020-01-01")
    server.make_customer()
    assert server.end()[0] == 0
    assert "epoch: '2020-01-01T00:00:00Z'" in (tmp_path / "env.yaml").read_text()


def test_rules_are_chosen_on_the_command_line_and_kept_in_the_cassette(start: Start, tmp_path: Path) -> None:
    server = record(start, "--rules", "generic")
    server.make_customer()
    assert server.end()[0] == 0
    assert "\n  rules: generic\n" in (tmp_path / "shop.yaml").read_text()
    server = replay(start)
    assert server.make_customer().status_code == 200
    assert server.end()[0] == 0


def test_times_are_shown_shifted_and_declared_fields_are_bound(start: Start) -> None:
    volatile, epoch = ("--volatile", "name"), ("--epoch", "2026-01-01")
    server = record(start, *volatile, *epoch)
    first = server.make_customer("Ada-1").json()
    server.end()
    server = replay(start, *volatile, "--time", "shifted")
    second = server.make_customer("Bob-2").json()
    server.end()
    assert (second["id"], second["name"]) == (first["id"], "Bob-2")
    assert first["created"] == 1_767_225_601
    assert abs(second["created"] - time.time()) < 60


def test_a_replay_goes_on_with_the_sandbox_where_it_is_told_to(start: Start, tmp_path: Path) -> None:
    server = record(start)
    server.make_customer()
    server.end()
    before = (tmp_path / "shop.yaml").read_bytes()
    server = replay(start, "--on-miss", "sandbox")
    further = server.make_customer("Grace")
    assert (further.status_code, further.headers["replayer-synthesized"]) == (200, "sandbox")
    code, _, stderr = server.end()
    assert code == 0
    assert re.match(r"POST /v1/customers 200 synthesized \d+ ms\n", stderr)
    assert stderr.endswith("replayer: 0 recorded, 0 played, 1 synthesized (1 sandbox), 0 missed, 1 unused\n")
    assert (tmp_path / "shop.yaml").read_bytes() == before


def test_a_seed_makes_the_sandbox_mint_the_same_ids(start: Start) -> None:
    made = [start("sandbox", "--seed", "7").make_customer().json()["id"][-8:] for _ in range(2)]
    assert made[0] == made[1]


# -- errors -----------------------------------------------------------------------------------------------------------


def refused(words: str, capfd: pytest.CaptureFixture[str]) -> str:
    """The one line that a command line is refused with."""
    assert run(words.split()) == 2
    stdout, stderr = capfd.readouterr()
    assert stdout == ""
    assert stderr.startswith("replayer: ")
    assert stderr.count("\n") == 1
    return stderr.removeprefix("replayer: ").removesuffix("\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("replay --casette x", "No such option '--casette'. Did you mean '--cassette'?"),
        ("recrod", "No such command 'recrod'. Did you mean 'record'?"),
        ("replay --port", "Option '--port' requires an argument. See 'replayer --help'."),
        ("audit", "Missing argument 'CASSETTE...'. See 'replayer audit --help'."),
        ("replay", "No cassette is named. Add one: --cassette invoices.yaml."),
        ("replay --cassette x --port no", "The setting port must be a whole number, not 'no'."),
        ("replay --cassette x --rules genric", "'genric' is not a set of rules. Did you mean 'generic'?"),
        ("replay --cassette x --port 70000", "Port 70000 does not exist. Use one from 1 to 65535, or 0 for any."),
        ("record --cassette x --record-mode al", "'al' is not a record mode. Did you mean 'all'?"),
        (
            "record --cassette x --record-mode none",
            "Nothing can be recorded in mode 'none'. Use 'all', or the command 'replayer replay'.",
        ),
        (
            "record --cassette x.yaml",
            "There is no upstream to record x.yaml from. To fix: record it: "
            "replayer record --upstream https://api.stripe.com --cassette x.yaml",
        ),
        (
            "replay --cassette ../x.yaml",
            "The cassette name '../x.yaml' leads upwards with '..'. Use a relative name like 'invoices/paging.yaml'.",
        ),
        (
            "replay --cassette x.yaml --root a",
            "There is no cassette a/x.yaml. To fix: record it: "
            "replayer record --upstream https://api.stripe.com --cassette x.yaml --root a",
        ),
        ("inspect x.yaml", "There is no cassette x.yaml. Give the path of one."),
    ],
)
@pytest.mark.usefixtures("here")
def test_an_error_is_one_line_that_says_what_to_do(words: str, line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert refused(words, capfd) == line


def test_rules_that_a_cassette_was_not_recorded_by_are_refused(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here)
    said = (
        "shop.yaml was recorded by the rules 'invoice', not 'generic'. "
        "Choose these or none, or delete it and record it anew."
    )
    assert refused("replay --cassette shop.yaml --rules generic", capfd) == said
    assert refused("record --upstream sandbox --cassette shop.yaml --rules generic", capfd) == said


@pytest.mark.usefixtures("here")
def test_a_busy_port_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        expected = f"Port {port} cannot be used: Address already in use. Choose another one, or 0 for any."
        assert refused(f"sandbox --port {port}", capfd) == expected
        assert refused(f"record --upstream sandbox --cassette x.yaml --port {port}", capfd) == expected


@pytest.mark.usefixtures("here")
def test_an_upstream_that_is_not_there_is_found_out_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = refused(f"record --upstream http://127.0.0.1:{port} --cassette x.yaml", capfd)
    assert line.startswith(f"The upstream http://127.0.0.1:{port} cannot be reached: ")


def test_a_damaged_cassette_is_an_error_with_its_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text("version: 1\ninteractions:\n<<<<<<< HEAD\n")
    assert re.match(r"x\.yaml:3: ", refused("replay --cassette x.yaml", capfd))


# -- help -------------------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from replayer.cli import run; run(['--help']); run(['record', '--help']); "
        "print({'aiohttp', 'vcr', 'yaml', 'rich', 'asyncio'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True)
    assert printed.stdout.endswith("\nset()\n")


@pytest.mark.parametrize("command", ["record", "replay", "sandbox", "inspect", "audit", "check", "learn", "demo"])
def test_each_command_says_what_it_is_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    overview = capsys.readouterr().out
    purpose = re.search(rf"^  {command} +(.+)$", overview, re.MULTILINE)
    assert purpose is not None
    assert purpose[1].endswith(".")
    assert not purpose[1].endswith("...")  # cut short
    assert run([command, "--help"]) == 0
    page = capsys.readouterr().out
    assert purpose[1] in page
    assert command == "demo" or f"  replayer {command} " in page


def test_no_command_at_all_is_answered_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "replayer record --upstream https://api.stripe.com" in capsys.readouterr().err
