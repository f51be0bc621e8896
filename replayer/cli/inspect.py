"""`replayer inspect`: what is in a cassette, or in the journal of a recording. It changes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayer.cli import options
from replayer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayer.core.cassette import Interaction


@click.command(
    "inspect",
    epilog="\b\nExamples:\n  replayer inspect cassettes/life.yaml\n  replayer inspect cassettes/life.yaml --causes\n"
    "  replayer inspect cassettes/life.yaml --find finalize --body 6",
)
@options.one_cassette
@click.option("--causes", is_flag=True, help="Show what each write touches, and which writes each read had behind it.")
@click.option("--find", "word", metavar="WORD", default="", help="Only the interactions that hold it, and where.")
@click.option("--body", "number", metavar="N", type=click.IntRange(1), help="The N-th interaction as a whole.")
@click.option("--web", is_flag=True, help="Show it on a page for browsers, until Ctrl-C.")
@options.as_json
def command(path: str, causes: bool, word: str, number: int | None, web: bool, as_json: bool) -> int:
    """Show what is in a cassette, or in the journal of a recording.

    Long tables are shown in a pager. Exits with 1 where no interaction holds the word that is looked for.
    """
    if web:
        return _on_a_page(path)
    from replayer.cassettes import folder
    from replayer.cli import inspect_tables
    from replayer.cli.output import print_json, say
    from replayer.cli.progress import waiting
    from replayer.inspector import rows

    file = Path(path)
    with waiting(f"reading {path}"):
        cassette = folder.existing(file)
        if number is not None:
            each = _of(cassette.interactions, number, path)
        else:
            contents = inspect_tables.Contents.of(cassette, file, causes=causes, word=word)
    if as_json:
        print_json(rows.whole(number, each) if number is not None else contents.document(path))
    else:
        with inspect_tables.paged() as printed:
            for part in inspect_tables.whole(number, each) if number is not None else contents.parts(path):
                printed.print(part, soft_wrap=number is not None)
    if number is None and word and not contents.rows:
        say(f"no interaction of {path} holds {word!r}.")
        return 1
    return 0


def _on_a_page(path: str) -> int:
    """Show it until a signal comes."""
    from replayer.cli import listening
    from replayer.inspector import Desk
    from replayer.proxy.looking import of_file

    return listening.shown(Desk(of_file(Path(path))))


def _of(interactions: "Sequence[Interaction]", number: int, path: str) -> "Interaction":
    if number > len(interactions):
        there = f"there are 1 to {len(interactions)}" if interactions else "it is empty"
        raise UsageError(f"{path} has no interaction {number}: {there}.")
    return interactions[number - 1]
