"""The pages on HTTPS, containers and browsers: each line of a shell is understood, and the Compose file is one."""

import re
import shlex
from typing import Any

import pytest
import yaml

from replayer.cli import cli, trusting
from replayer.settings import Settings
from tests.manual.examples import TEXTS, code

PAGES = ("https", "containers", "browsers")
LINES = [line for name in PAGES for block in code(TEXTS[name], "sh") for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("replayer ")]


def understood(line: str) -> Settings:
    """What a command line of ours means. It is not run."""
    _, name, *words = shlex.split(line)
    command = cli.commands[name]
    context = command.make_context(name, words, resilient_parsing=False)
    known = Settings.__dataclass_fields__
    return Settings.load({key: value for key, value in context.params.items() if key in known}, environment={})


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_is_understood(line: str) -> None:
    settings = understood(line)
    assert settings.cassette == "a.yaml"
    assert settings.as_proxy == ("--as-proxy" in line)
    assert settings.names == tuple(re.findall(r"--host (\S+)", line))


def test_several_upstreams_are_the_first_and_the_others() -> None:
    settings = understood(next(line for line in COMMANDS if line.count("--upstream") > 1))
    assert (settings.upstream, settings.others) == ("https://api.stripe.com", ("https://files.stripe.com",))


def test_other_lines_install_what_there_is() -> None:
    assert [line for line in LINES if line not in COMMANDS] == ["pip install 'replayer[tls]'"]


def test_the_compose_file_starts_a_proxy_that_its_tests_can_reach() -> None:
    (text,) = code(TEXTS["containers"], "yaml")
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    assert set(services) == {"replayer", "tests"}
    *_, script = services["replayer"]["command"]
    settings = understood(script.splitlines()[-1].removeprefix("exec "))
    assert settings.listen == "0.0.0.0"  # noqa: S104 - inside of a container
    assert settings.names == ("replayer",)
    assert services["tests"]["environment"]["API_BASE"] == f"http://replayer:{settings.port}"
    assert f"'127.0.0.1', {settings.port}" in services["replayer"]["healthcheck"]["test"][-1]
    assert services["tests"]["depends_on"] == {"replayer": {"condition": "service_healthy"}}


def test_the_variables_of_exec_are_those_in_the_table() -> None:
    table = TEXTS["https"].partition("| variable |")[2].partition("\n\n")[0]
    shown = set(re.findall(r"`([A-Za-z_]+)`", re.sub(r"\|[^|]*\|$", "|", table, flags=re.MULTILINE)))
    known = {*trusting.PROXIES, *trusting.DIRECTLY, *trusting.BUNDLES, trusting.ADDED, trusting.NODE}
    assert shown == known | {"REPLAYER_URL", "REPLAYER_HOST", "REPLAYER_PORT"}
