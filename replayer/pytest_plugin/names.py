"""Which cassette belongs to which test. Its name is a function of the test's own, however often it is repeated."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from replayer.testing import cassette_of

if TYPE_CHECKING:
    from replayer.settings import Settings

FIXTURE, MODULE, SESSION = "replayer", "replayer_module", "replayer_session"
FIXTURES = (FIXTURE, MODULE, SESSION)
STEP = "__pytest_repeat_step_number"  # the parameter that pytest-repeat makes of `--count`
OF_SESSION = "cassettes/session.yaml"


def of_test(item: pytest.Item) -> str:
    """`cassettes/<module>/<test>.yaml`, or `<Class>.<test>.yaml`, with the parameters of the test in its name."""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return cassette_of(item.path.stem, classes, _unrepeated(item))


def _unrepeated(item: pytest.Item) -> str:
    """The name of a test without which time of several this is."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    if STEP not in parameters or not item.name.endswith("]"):
        return item.name
    name, _, listed = item.name[:-1].partition("[")
    marker = item.get_closest_marker("repeat")
    count = marker.args[0] if marker and marker.args else item.config.getoption("count", 1)
    step = f"{parameters[STEP] + 1}-{count}"
    if listed == step:
        return name
    return (
        f"{name}[{listed.removesuffix(f'-{step}') if listed.endswith(f'-{step}') else listed.removeprefix(f'{step}-')}]"
    )


def of_node(node: "pytest.Item | pytest.Collector") -> tuple[Path, str]:
    """The folder and the name of the cassette of a test, of a module, or of the whole run."""
    if isinstance(node, pytest.Item):
        return node.path.parent, of_test(node)
    if isinstance(node, pytest.Session):
        return node.config.rootpath, OF_SESSION
    return node.path.parent, cassette_of(node.path.stem)


def remedy(node: "pytest.Item | pytest.Collector", settings: "Settings") -> str:
    """The command that records what is lacking: all of it anew where there is a cassette that lacks it."""
    from replayer.cassettes import folder

    path = folder.locate(settings.folder, settings.cassette)
    mode = "all" if path.exists() else "once"
    upstream = settings.upstream or folder.recorded_upstream(path) or "sandbox"
    words = ["pytest"]
    if not isinstance(node, pytest.Session):
        file, test = os.path.relpath(node.path, node.config.invocation_params.dir), node.nodeid.partition("::")[2]
        words.append(f"{file}::{test}" if test else file)
    words += [f"--replayer-mode={mode}", f"--replayer-upstream={upstream}"]
    return f"record it: {shlex.join(words)}"


def would_record(settings: "Settings") -> bool:
    """Whether anything can be recorded by those settings, now that there is a cassette, or none."""
    from replayer.cassettes import folder
    from replayer.core.modes import forwards

    return forwards(settings.mode, existed=folder.locate(settings.folder, settings.cassette).exists())
