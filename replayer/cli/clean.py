"""`replayer clean`: cassettes by the rules of today, with no upstream. Each is replaced as a whole or stays as it is.

0   all are clean now
1   one holds something that cannot be named: it stays as it is
2   a cassette cannot be read; the others are cleaned even so
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options
from replayer.cli.output import check_stdout, counted, print_json, printable, say
from replayer.errors import ReplayerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replayer.settings import Settings


@click.command(
    "clean", epilog="\b\nExamples:\n  replayer clean cassettes\n  replayer clean cassettes/rates.yaml --dry-run"
)
@options.cassettes
@options.rules
@click.option("--dry-run", is_flag=True, help="Say what would be rewritten, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a text.")
def command(paths: tuple[str, ...], dry_run: bool, as_json: bool, **settings: Any) -> int:
    """Rewrite cassettes by the rules of today, with no upstream.

    What is an id, a time or a secret by now gets its name, or asterisks, as if it were recorded anew from an API that
    answers as before. Cassettes that vcrpy, Ruby VCR, betamax or go-vcr wrote become ours. What is clean keeps each
    byte. Exits with 1 where one cannot be cleaned, which then stays as it is.
    """
    check_stdout()
    cleaned = clean(paths, settings, dry_run=dry_run)
    for each in cleaned:
        if each.error:
            say(each.error)
    done = [each for each in cleaned if not each.error]
    if as_json:
        found = [{"cassette": each.path, "outcome": each.outcome, "left": list(each.left)} for each in done]
        print_json({"cassettes": found})
    else:
        for each in done:
            click.echo(printable(f"{each.path}: {each.outcome} ({counted(each.count, 'interaction')})"))
            for line in each.left:
                click.echo(printable(f"  {line}"))
    return max(each.code for each in cleaned)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a cassette: `left` are the reasons why it stays as it is."""

    path: str
    outcome: str = ""
    count: int = 0
    left: tuple[str, ...] = ()
    error: str = ""

    @property
    def code(self) -> int:
        return 2 if self.error else int(bool(self.left))


def clean(names: tuple[str, ...], options: dict[str, Any], *, dry_run: bool) -> list[Cleaned]:
    """What came of each cassette, and of each name that is none."""
    from pathlib import Path

    from replayer.cassettes import folder
    from replayer.cli.progress import progress_of_requests
    from replayer.settings import Settings

    settings, cleaned, paths = Settings.load(options), list[Cleaned](), list[Path]()
    for name in names:
        try:
            paths += folder.named(Path(name))
        except ReplayerError as error:
            cleaned.append(Cleaned(name, error=str(error)))
    with progress_of_requests(list(map(str, paths))) as next_file:
        for path in paths:
            try:
                cleaned.append(_clean(path, settings, next_file(str(path)), dry_run=dry_run))
            except ReplayerError as error:
                cleaned.append(Cleaned(str(path), error=str(error)))
    return cleaned


def _clean(path: "Path", settings: "Settings", step: "Callable[[int], None]", *, dry_run: bool) -> Cleaned:
    from replayer.cassettes import folder
    from replayer.proxy import cleaning

    cassette = folder.existing(path)
    count = len(cassette.interactions)
    done = cleaning.clean(settings, path, cassette, step, dry_run=dry_run)
    left = tuple(map(str, done.losses)) + ((done.kept,) if done.kept else ())
    if left:
        return Cleaned(str(path), "stays as it is", count, left)
    rewritten = "would be rewritten" if dry_run else "rewritten"
    return Cleaned(str(path), rewritten if done.changed else "unchanged", count)
