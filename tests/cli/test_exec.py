"""`replayer exec`: one line records the first time and replays ever after; what is the command's own stays its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from replayer.cli import run
from replayer.cli.clients import CLIENTS, environment
from replayer.errors import UsageError
from tests.forked import replayer

from .servers import HOME

# A program that has never heard of Replayer: it makes a customer, lists all, and prints what it was answered.
PROGRAM = """
import os, sys, urllib.request as http
def ask(path, form=None):
    request = http.Request(os.environ["SHOP"] + path, form, {"Authorization": "Bearer sk_test_made_up"})
    return http.urlopen(request).read().decode()
print(ask("/v1/customers", b"name=Ada"), ask("/v1/customers?limit=3"))
sys.exit(int(os.environ.get("CODE", "0")))
"""


@dataclass(frozen=True)
class Done:
    """What came of a command line."""

    code: int
    stdout: str
    stderr: str


Execute = Callable[..., Done]


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Execute:
    """A command line in this program, because that is quicker; what it runs is a process of its own."""
    monkeypatch.chdir(tmp_path)

    def executed(*words: str, **more: str) -> Done:
        with monkeypatch.context() as patched:
            for name, value in more.items():
                patched.setenv(name, value)
            code = run(words)
        return Done(code, *capfd.readouterr())

    return executed


BESIDE = ("exec", "--cassette", "a.yaml", "--env", "SHOP")


@pytest.fixture
def beside(execute: Execute) -> Execute:
    """The program, with the proxy beside it."""
    return lambda *words, **more: execute(*BESIDE, *words, "--", sys.executable, "-c", PROGRAM, **more)


@pytest.mark.long
def test_the_same_line_records_the_first_time_and_replays_ever_after(tmp_path: Path) -> None:
    def line(*words: str) -> Done:
        command = [*replayer(), *BESIDE, *words, "--", sys.executable, "-c", PROGRAM]
        environment = os.environ | {"PYTHONPATH": str(HOME)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    first = line("--upstream", "sandbox")
    assert first.code == 0, first.stderr
    assert "2 recorded, 0 played" in first.stderr
    again = line("--upstream", "sandbox")
    assert (again.code, again.stdout) == (0, first.stdout)
    assert "0 recorded, 2 played" in again.stderr
    offline = line()
    assert (offline.code, offline.stdout) == (0, first.stdout)


def test_the_exit_code_is_the_commands_and_what_failed_replaces_no_cassette(beside: Execute, tmp_path: Path) -> None:
    assert beside("--upstream", "sandbox").code == 0
    kept = (tmp_path / "a.yaml").read_bytes()
    failed = beside("--upstream", "sandbox", "--record-mode", "all", CODE="7")
    assert failed.code == 7
    assert "a.yaml was not saved: the run failed." in failed.stderr
    assert (tmp_path / "a.yaml").read_bytes() == kept


def test_a_miss_that_the_command_swallowed_is_exit_code_1_and_names_the_line_that_records(
    beside: Execute, execute: Execute
) -> None:
    assert beside("--upstream", "sandbox").code == 0
    ask = "import os, urllib.request as http, contextlib\n"
    ask += "with contextlib.suppress(OSError): http.urlopen(os.environ['SHOP'] + '/v1/x')"
    missed = execute("exec", "--cassette", "a.yaml", "--env", "SHOP={url}", "--", sys.executable, "-c", ask)
    assert missed.code == 1
    assert "To fix: record it: replayer exec --upstream sandbox --cassette a.yaml" in missed.stderr


def test_what_is_set_elsewhere_wins_over_the_mode_of_the_command(beside: Execute) -> None:
    refused = beside("--upstream", "sandbox", REPLAYER_RECORD_MODE="none")
    assert refused.code == 2
    assert "There is no cassette" in refused.stderr


@pytest.mark.parametrize(("command", "code"), [(["no-such-command"], 127), (["./no-program"], 126)])
def test_a_command_that_cannot_be_run_is_said_as_a_shell_says_it(
    execute: Execute, tmp_path: Path, command: list[str], code: int
) -> None:
    (tmp_path / "no-program").write_text("no program")
    done = execute("exec", "--cassette", "a.yaml", "--upstream", "sandbox", "--", *command)
    assert done.code == code
    assert f"replayer: {command[0]} cannot be run: " in done.stderr
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_what_was_recorded_stays(tmp_path: Path, number: signal.Signals) -> None:
    waiting = PROGRAM.replace("sys.exit", "sys.stdout.flush(); import time; time.sleep(60); sys.exit")
    line = ["exec", "--cassette", "a.yaml", "--upstream", "sandbox", "--env", "SHOP", "--"]
    program = subprocess.Popen(
        [*replayer(), *line, sys.executable, "-c", waiting],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    while "has_more" not in program.stdout.readline():
        assert program.poll() is None
    time.sleep(0.1)
    program.send_signal(number)
    _, stderr = program.communicate(timeout=20)
    ended_by_python = 1 if number is signal.SIGINT else 128 + number  # Python ends with 1 after a KeyboardInterrupt
    assert program.returncode in (ended_by_python, 128 + number), stderr
    assert not (tmp_path / "a.yaml").exists()  # a torso would be played as if it were the whole
    assert (tmp_path / "a.yaml.journal").exists()


def test_the_address_has_our_names_and_those_that_were_asked_for() -> None:
    found = environment("http://127.0.0.1:8080", ["API", "WHERE={host}|{port}"], "openai")
    assert found == {
        "REPLAYER_URL": "http://127.0.0.1:8080",
        "REPLAYER_HOST": "127.0.0.1",
        "REPLAYER_PORT": "8080",
        "API": "http://127.0.0.1:8080",
        "WHERE": "127.0.0.1|8080",
        "OPENAI_BASE_URL": "http://127.0.0.1:8080/v1",
    }


@pytest.mark.parametrize("client", CLIENTS)
def test_every_known_client_is_told_the_address(client: str) -> None:
    found = environment("http://127.0.0.1:8080", [], client)
    own = {name: value for name, value in found.items() if not name.startswith("REPLAYER_")}
    assert own
    assert not any("{" in value for value in own.values())


@pytest.mark.parametrize(
    ("wanted", "client", "says"),
    [
        (["=x"], None, "names no variable"),
        (["A-B"], None, "'A-B' names no variable: a name is of letters, digits and underscores"),
        (["1A={url}"], None, "names no variable"),
        (["A={uri}"], None, "may hold {url}, {host} and {port}"),
        (["A={url"], None, "may hold {url}, {host} and {port}"),
        ([], "stripe-nod", "Did you mean 'stripe-node'? There are: generic, stripe-python"),
        ([], "nope", "There are: generic, stripe-python"),
    ],
)
def test_what_cannot_be_told_is_refused_before_anything_is_started(
    wanted: list[str], client: str | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says.replace("{", r"\{").replace("?", r"\?")):
        environment("http://127.0.0.1:8080", wanted, client)


def test_no_command_is_bad_usage(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exec", "--cassette", "a.yaml"]) == 2
    assert "Missing argument" in capsys.readouterr().err
    assert run(["exec", "--", "true"]) == 2
    assert "No cassette is named." in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_an_option_that_there_is_not_is_no_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exec", "--casette", "a.yaml", "--", "true"]) == 2
    assert capsys.readouterr().err == ("replayer: '--casette' is not a known option. Did you mean '--cassette'?\n")
    assert list(here.iterdir()) == []


def test_options_of_the_command_are_the_commands_own(execute: Execute) -> None:
    show = "import json, sys; print(json.dumps(sys.argv[1:]))"
    line = ["exec", "--cassette", "a.yaml", "--upstream", "sandbox", sys.executable, "-c", show, "--strict", "--", "-x"]
    done = execute(*line)
    assert json.loads(done.stdout) == ["--strict", "--", "-x"], done.stderr


# -- inside of it, and beside it --------------------------------------------------------------------------------------


def test_the_address_beside_it_is_no_setting_of_what_runs_there(execute: Execute) -> None:
    """A suite that has the fixture has proxies of its own."""
    told = "import os, replayer.settings as it; print(it.Settings.load({}).port, os.environ['REPLAYER_PORT'])"
    line = ["exec", "--cassette", "a.yaml", "--upstream", "sandbox", "--", sys.executable, "-c", told]
    port, beside_it = execute(*line, PYTHONPATH=str(HOME)).stdout.split()
    assert port == "0" != beside_it


def test_the_real_key_goes_to_the_upstream_and_the_command_never_has_it(execute: Execute, tmp_path: Path) -> None:
    program = "import os; print(sorted(os.environ)); " + PROGRAM
    real = "sk_test_OnlyTheUpstreamHasIt01"
    line = [*BESIDE, "--upstream", "sandbox", "--upstream-auth", "env:REAL"]
    done = execute(*line, "--", sys.executable, "-c", program, REAL=real)
    assert done.code == 0, done.stderr
    assert "'REAL'" not in done.stdout
    assert real not in done.stdout + done.stderr + (tmp_path / "a.yaml").read_text()
    again = execute(*line, "--", sys.executable, "-c", program)  # no key, as in CI
    assert (again.code, again.stdout.partition("]")[2]) == (0, done.stdout.partition("]")[2]), again.stderr
    unset = execute(*line, "--record-mode", "all", "--", "true")
    assert unset.code == 2
    assert "REAL is not set, which upstream_auth names." in unset.stderr


SDK = """
import os, stripe
client = stripe.StripeClient("sk_test_made_up", base_addresses={"api": os.environ["STRIPE_API_BASE"]})
print(client.v1.customers.create({"name": "Ada"}).id)
"""


@pytest.mark.long
def test_the_official_sdk_is_pointed_by_the_name_of_its_client(execute: Execute) -> None:
    line = ["exec", "--cassette", "a.yaml", "--upstream", "sandbox", "--for", "stripe-python", "--"]
    first, again = (execute(*line, sys.executable, "-c", SDK) for _ in range(2))
    assert first.stdout.startswith("cus_"), first.stderr
    assert (again.code, again.stdout) == (0, first.stdout)
