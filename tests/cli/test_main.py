"""The command line as such: an error is one line, help is quick and says it all."""

import re
import socket
import subprocess
import sys

import pytest

from replayer.cli import cli, run

from .servers import HOME, refused


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("replay --cassett x", "No such option '--cassett'. Did you mean '--cassette'?"),
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


@pytest.mark.usefixtures("here")
def test_a_busy_port_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        expected = f"Port {port} cannot be used: Address already in use. Choose another one, or 0 for any."
        assert refused(f"sandbox --port {port}", capfd) == expected
        assert refused(f"record --upstream sandbox --cassette x.yaml --port {port}", capfd) == expected


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from replayer.cli import run; run(['--help']); run(['record', '--help']); "
        "print({'aiohttp', 'vcr', 'yaml', 'rich', 'asyncio'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True)
    assert printed.stdout.endswith("\nset()\n")


@pytest.mark.parametrize("command", cli.commands)
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
