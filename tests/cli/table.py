"""Every command of the table, as lines that can be run: what each needs besides its files is known from its options, or
stands here. A command that is new is in the table, and so in each test that is about all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from replayer.cli import cli
from replayer.proxy.receipts import write

# What a line needs that click does not ask for.
NEEDED = {
    "record": ("--upstream", "sandbox"),
    "check": ("--upstream", "sandbox", "--allow-writes"),
    "learn": ("--upstream", "sandbox", "--allow-writes"),
    "help": ("modes",),
    "merge": ("--dry-run",),
}
BEHIND = {"exec": ("--", "true")}  # at the end of it
NAMED = ("record", "replay", "exec")  # these name their cassette by --cassette, below --root
SERVERS = ("record", "replay", "serve", "sandbox")  # these end when they are told to
MAKES = ("record",)  # a cassette that is not there is no error to these
FILES = ("CASSETTE", "CASSETTE...", "OTHER", "FILE", "FILE...")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command takes a cassette: its place among the arguments, or --cassette."""

    command: str
    index: int

    def __str__(self) -> str:
        return f"{self.command} {self.index}"

    def line(self, path: str, good: Path) -> list[str]:
        """The command line with that cassette there, and a good one wherever else it needs one."""
        return line(self.command, good, {self.index: path})


def line(name: str, good: Path, cassettes: dict[int, str] | None = None) -> list[str]:
    """A command line that works, but for the cassettes that are given."""
    chosen = cassettes or {}
    words = [name, *NEEDED.get(name, ())]
    if name in NAMED:
        words += ["--cassette", chosen.get(0, good.name)]
    for index, argument in enumerate(_files(name)):
        del argument
        words.append(chosen.get(index, str(good)))
    for parameter in cli.commands[name].params:
        words += _required(parameter, good)
    return [*words, *BEHIND.get(name, ())]


def places() -> Iterator[Place]:
    """Each place of each command."""
    for name in cli.commands:
        count = 1 if name in NAMED else len(_files(name))
        yield from (Place(name, index) for index in range(count))


def _files(name: str) -> list[click.Parameter]:
    """The arguments of a command that are cassettes."""
    return [each for each in cli.commands[name].params if isinstance(each, click.Argument) and each.metavar in FILES]


def _required(parameter: click.Parameter, good: Path) -> list[str]:
    """What a parameter must have that is no cassette: one of its words, or a place for what is made."""
    if not parameter.required or (parameter.metavar in FILES and isinstance(parameter, click.Argument)):
        return []
    if isinstance(parameter.type, click.Choice):
        value = str(parameter.type.choices[0])
    elif parameter.metavar == "DIR...":
        value = str(good.parent)
    elif parameter.metavar == "RECEIPT...":
        value = str(good.with_name("receipt.json"))
        write(Path(value), [])  # no sessions: nothing is due
    elif parameter.metavar in ("DIR", "FILE"):
        value = str(good.with_name("made"))
    elif isinstance(parameter, click.Argument):
        return []
    else:
        raise AssertionError(f"what does {parameter.opts[0]} need? Say it in NEEDED")
    return [value] if isinstance(parameter, click.Argument) else [parameter.opts[0], value]
