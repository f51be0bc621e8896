"""What the manual's page `promise` speaks of, as one table: what people's scripts, tests and programs may hold to.

python -m tests.promised          prints what it is now
python -m tests.promised --write  makes that what is promised: the changelog says what changed, and what to do
"""

import inspect
import json
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

import replayer
from replayer import errors
from replayer.cli import cli
from replayer.core.cassette import Facts
from replayer.core.modes import Mode
from replayer.core.session.verdicts import Reason
from replayer.core.suite import ReceiptFile
from replayer.manual import TOPICS
from replayer.proxy import calls
from replayer.proxy.guard import CONTROL
from replayer.pytest_plugin import options
from replayer.settings import Settings

FILE = Path(__file__).with_name("promised.json")
PLUGIN = re.compile(r'"(--[a-z-]+)"')


def surface() -> dict[str, Any]:
    """All of it, as it is now: lists of words by what they are."""
    return {
        "commands": {name: _words(command) for name, command in sorted(cli.commands.items())},
        "settings": sorted(one.name for one in fields(Settings)),
        "modes": [mode.value for mode in Mode],
        "python": {"names": sorted(replayer.__all__), "Replayer": _members(replayer.Replayer)},
        "errors": sorted(name for name, one in vars(errors).items() if inspect.isclass(one)),
        "pytest": {
            "options": sorted({*PLUGIN.findall(inspect.getsource(options))}),
            "fixtures": ["replayer", "replayer_config", "replayer_module", "replayer_session"],
        },
        "control": sorted(
            f"{method} {CONTROL}{path}"
            for at, table in (("", calls.HERE), ("/sessions/ID", calls.OF_SESSION))
            for path, methods in ((at + tail, methods) for tail, methods in table.items())
            for method in methods
        ),
        "reasons": [reason.value for reason in Reason],
        "cassette": sorted(one.name for one in fields(Facts)),
        "receipt": sorted(ReceiptFile("").document),
        "pages": sorted(TOPICS),
    }


def _words(command: click.Command) -> list[str]:
    """The options of a command, and its arguments, as its help shows them."""
    return sorted(
        word
        for parameter in command.params
        for word in (
            [parameter.make_metavar(click.Context(command))]
            if isinstance(parameter, click.Argument)
            else [*parameter.opts, *parameter.secondary_opts]
        )
    )


def _members(of: type) -> list[str]:
    """What a class has for everybody."""
    return sorted(name for name in vars(of) if not name.startswith("_"))


def text() -> str:
    return json.dumps(surface(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())
