"""`replayer prune`: objects that no lock names any more. It only tells, unless --delete.

0   told, or deleted
1   some are left for the next time: it took too long
2   bad usage: no store, a clone that does not know all branches
"""

from pathlib import Path
from typing import Any

import click

from replayer.cli import options
from replayer.cli.output import counted, print_json, size


@click.command("prune", epilog="\b\nExamples:\n  replayer prune\n  replayer prune --older-than 90d --delete")
@options.store
@options.root
@click.option("--older-than", metavar="AGE", default="30d", show_default=True, help="Only what is older: 30d, 12w.")
@click.option(
    "--lock",
    "locks",
    metavar="FILE",
    multiple=True,
    type=click.Path(),
    help="A lock whose cassettes stay; may be repeated.  [default: those of all branches that git knows here]",
)
@click.option("--delete", is_flag=True, help="Delete them; else it is only told what would go.")
@options.as_json
def command(older_than: str, locks: tuple[str, ...], delete: bool, as_json: bool, **given: Any) -> int:
    """Delete from a store what no lock names.

    Looks at the lock of every branch and tag that git knows here, remote ones too, and of every commit as young as
    --older-than. Only objects older than that go, and none that somebody pushes meanwhile. Tells what would go unless
    --delete is given.
    """
    from replayer.cassettes.store import open_store, pruning
    from replayer.cli import storing
    from replayer.cli.progress import counting
    from replayer.settings import Settings, age

    settings, seconds = Settings.load(given), age(older_than)
    checkout = storing.checkout_of(settings)
    with counting("objects") as step:
        named = pruning.named(checkout, map(Path, locks), seconds // 86_400 + 1)
        pruned = pruning.prune(open_store(settings.store), named, seconds, step, deletes=delete)
    if as_json:
        document = {"objects": list(pruned.deleted), "size": pruned.size, "kept": pruned.kept, "left": pruned.left}
        print_json({"deleted": delete, **document})
    else:
        verb = "deleted" if delete else "would be deleted, with --delete"
        click.echo(f"{counted(len(pruned.deleted), 'object')} ({size(pruned.size)}) {verb}; {pruned.kept:,} stay")
        if pruned.left:
            click.echo(f"{counted(pruned.left, 'object')} are left for the next time: run it again")
    return int(pruned.left > 0)
