"""`replayer completion`: the lines that a shell reads to complete our commands; and which files it completes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_REPLAYER_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
ENDINGS = (".yaml", ".yml", ".journal")
VALUES = {  # as Settings has them, which takes too long to load for a keystroke; a test holds both together
    "--record-mode": ("none", "once", "new_episodes", "all"),
    "--rules": ("invoice", "generic"),
    "--time": ("frozen", "shifted"),
    "--on-miss": ("miss", "sandbox"),
    "--upstream": ("sandbox",),
    "--fail-on": ("missed", "unused", "orphans", "drift", "age", "unsaved", "none"),
}
DEEPEST = 8  # folders, each alone in the one above, that are gone through at once


@click.command(
    "completion",
    epilog="\b\nExamples:\n  replayer completion bash >> ~/.bashrc\n"
    "  replayer completion zsh >> ~/.zshrc\n"
    "  replayer completion fish > ~/.config/fish/completions/replayer.fish",
)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what completes commands and cassettes in a shell.

    In bash, zsh or fish: commands, options, their values, cassettes and topics of the manual."""
    from replayer.cli import cli

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"click knows no completion for {shell}.")
    lines = found(cli, {}, "replayer", VARIABLE)
    click.echo(found.source_template % lines.source_vars())


Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def of(option: str, metavar: str) -> Complete | None:
    """What completes the value of an option: a cassette, one of a few words, a file or a folder; else nothing does."""
    if option == "--cassette":
        return below_root
    if option in VALUES:
        return lambda _, __, begun: [CompletionItem(each) for each in VALUES[option] if each.startswith(begun)]
    kind = {"FILE": "file", "DIR": "dir"}.get(metavar)
    return (lambda _, __, begun: [CompletionItem(begun, type=kind)]) if kind else None


def cassettes(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The cassettes and the folders that a path which was begun may lead to."""
    return [CompletionItem(each) for each in _files(Path(), begun, ENDINGS)]


def below_root(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The same for a name below the root that the command line has, or the settings."""
    given: Any = context.params.get("root")
    return [CompletionItem(each) for each in _files(Path(given or _root()), begun, ENDINGS[:2])]


def _root() -> str:
    from replayer.errors import ReplayerError
    from replayer.settings import Settings

    try:
        return str(Settings.load({}).folder)
    except ReplayerError:  # it is told when the command runs
        return "."


def _files(root: Path, begun: str, endings: tuple[str, ...], depth: int = 0) -> Iterator[str]:
    """A folder that is alone is gone through: shells put a space behind what is complete."""
    folder, _, start = begun.rpartition("/")
    prefix = f"{folder}/" if folder or begun.startswith("/") else ""
    try:
        entries = sorted(os.scandir(root / prefix), key=lambda each: each.name)
    except OSError:
        return
    found = [
        each
        for each in entries
        if each.name.startswith(start)
        and (not each.name.startswith(".") or start.startswith("."))
        and (each.is_dir() or each.name.endswith(endings))
    ]
    if len(found) == 1 and found[0].is_dir() and depth < DEEPEST:
        yield from _files(root, f"{prefix}{found[0].name}/", endings, depth + 1)
        return
    for each in found:
        yield f"{prefix}{each.name}/" if each.is_dir() else f"{prefix}{each.name}"
