"""The page on CI: each recipe is YAML, and each line of ours in it is one that our programs understand."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from replayer.cli import cli
from replayer.settings import Settings
from tests.manual.examples import TEXTS
from tests.promised import surface

RECIPES = dict(re.findall(r"<!-- recipe: (\w+) -->\n```yaml\n(.*?)```", TEXTS["ci"], re.DOTALL))
KUBERNETES = yaml.safe_load(RECIPES["kubernetes"])


def texts(value: Any) -> Iterator[str]:
    """All texts in a document, its keys too."""
    if isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts(each))
    elif isinstance(value, str):
        yield value


def lines(begin: str) -> list[str]:
    """The lines of all recipes that begin with that program, without where they write to."""
    scripts = (text for recipe in RECIPES.values() for each in yaml.safe_load_all(recipe) for text in texts(each))
    return sorted({line.split(" >")[0] for text in scripts for line in text.splitlines() if line.startswith(begin)})


def test_there_is_a_recipe_for_each_heading() -> None:
    assert list(RECIPES) == ["replay", "record", "gitlab", "kubernetes"]
    assert TEXTS["ci"].count("```yaml") == len(RECIPES)


@pytest.mark.parametrize("line", lines("replayer "))
def test_each_command_is_understood(line: str) -> None:
    name, *words = shlex.split(line)[1:]
    assert cli.commands[name].make_context(name, words).params


@pytest.mark.parametrize("line", lines("pytest "))
def test_each_option_of_pytest_is_ours(line: str) -> None:
    options = {word.partition("=")[0] for word in shlex.split(line) if word.startswith("--")}
    assert options <= {*surface()["pytest"]["options"]}


def test_each_variable_is_a_setting() -> None:
    named = set(re.findall(r"REPLAYER_([A-Z_]+)", "".join(RECIPES.values())))
    settings = Settings.load({}, environment={f"REPLAYER_{name}": value for name, value in of_the_job().items()})
    assert {name.lower() for name in named} <= set(surface()["settings"])
    assert (settings.rate, settings.upstream_auth) == (2.5, "env:STRIPE_API_KEY")


def of_the_job() -> dict[str, str]:
    """What the job of Kubernetes sets of ours."""
    (container,) = KUBERNETES["spec"]["template"]["spec"]["containers"]
    named = {each["name"]: each.get("value", "") for each in container["env"]}
    return {name.removeprefix("REPLAYER_"): value for name, value in named.items() if name.startswith("REPLAYER_")}


def test_no_key_stands_where_strangers_run_code() -> None:
    assert "secrets." not in RECIPES["replay"]
    assert "KEY" not in RECIPES["replay"]
    assert yaml.safe_load(RECIPES["replay"])["permissions"] == {"contents": "read"}
