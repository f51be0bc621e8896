"""`replayer merge`: what several shards recorded, as one folder.

0   all of it is in the folder now
1   something contradicts: nothing was written
2   bad usage: a folder that is none, or a recording that has not ended
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options
from replayer.cli.output import counted, print_json, printable, say

if TYPE_CHECKING:
    from replayer.core.union import Contradiction
    from replayer.proxy.merging import Merged


@click.command("merge", epilog="\b\nExample:\n  replayer merge shards/* --out cassettes")
@click.argument("shards", metavar="DIR...", nargs=-1, required=True, type=click.Path())
@click.option("--out", metavar="DIR", required=True, help="The folder that all of it is put into.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@options.rules
@options.as_json
def command(shards: tuple[str, ...], out: str, dry_run: bool, rules: str | None, as_json: bool) -> int:
    """Unite the cassettes that several shards recorded.

    What one shard recorded is copied to the byte. A cassette that several wrote is united, request by request: what is
    equal but for names stands once, and the file is the same in whatever order the folders are given. Journals count,
    too. Exits with 1 where two shards contradict each other, and writes nothing then.
    """
    from replayer.cli.progress import waiting
    from replayer.proxy.merging import merge
    from replayer.settings import Settings

    with waiting("merging"):
        settings = Settings.load({"rules": rules})
        merged = merge([Path(each) for each in shards], Path(out), settings, lambda: None, dry_run=dry_run)
    if as_json:
        print_json({"cassettes": [_document(each) for each in merged], "written": _is_written(merged, dry_run)})
    else:
        _print(merged, out, dry_run=dry_run)
    return int(not all(each.is_sound for each in merged))


def _is_written(merged: "list[Merged]", dry_run: bool) -> bool:
    return not dry_run and all(each.is_sound for each in merged)


def _print(merged: "list[Merged]", out: str, *, dry_run: bool) -> None:
    for each in merged:
        for line in _wrong(each):
            say(printable(line))
        if each.is_sound and each.united:
            click.echo(printable(f"{each.name}: united of {counted(each.shards, 'shard')}"))
        if each.is_sound and each.journals:
            click.echo(printable(f"{each.name}: {counted(each.journals, 'recording')} of it had not been saved"))
    bad = [each for each in merged if not each.is_sound]
    if bad:
        say(f"Nothing was written: {counted(len(bad), 'cassette')} cannot be united. Record each test in one shard.")
        return
    changed = sum(each.changed for each in merged)
    verb = "would change" if dry_run else "changed"
    click.echo(printable(f"{out}: {counted(len(merged), 'cassette')}, {changed} {verb}"))


def _wrong(each: "Merged") -> "list[str]":
    from replayer.proxy.merging import told

    lines = [f"{each.name}: {each.wrong}."] if each.wrong else []
    for contradiction in each.contradictions:
        lines += [f"{each.name}: {line}" for line in told(contradiction)]
        lines += [f"  {line}" for line in _changes(contradiction)]
    return lines


def _changes(contradiction: "Contradiction") -> "list[str]":
    from replayer.cli.drift_report import shown

    return [
        f"{change.kind.value} {change.where} {change.field}".rstrip()
        + f": {shown(change.recorded)}, in the other {shown(change.live)}"
        for change in contradiction.changes
    ]


def _document(each: "Merged") -> dict[str, Any]:
    from replayer.cli.drift_report import change_as_json

    return {
        "name": each.name,
        "shards": each.shards,
        "united": each.united,
        "journals": each.journals,
        "changed": each.changed,
        "wrong": each.wrong,
        "contradictions": [
            {
                "request": one.request,
                "first": list(dict.fromkeys(one.first)),
                "second": list(dict.fromkeys(one.second)),
                "why": one.why,
                "findings": [change_as_json(change, "first", "second") for change in one.changes],
            }
            for one in each.contradictions
        ],
    }
