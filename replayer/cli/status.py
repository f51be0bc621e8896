"""`replayer status`: how the cassettes here stand to the lock, and, if asked, the store to it.

0   all cassettes are what the lock says
1   one is not; or the store lacks one
2   bad usage: a lock that cannot be read
"""

from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options
from replayer.cli.output import counted, print_json, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replayer.cassettes.store import survey


@click.command("status", epilog="\b\nExamples:\n  replayer status\n  replayer status --remote")
@options.stored
@click.option("--remote", is_flag=True, help="Ask the store, too, whether it has all that the lock names.")
@options.as_json
def command(names: tuple[str, ...], remote: bool, as_json: bool, **given: Any) -> int:
    """Show which cassettes are not what cassettes.lock says.

    Each with what it is: new, changed, absent, behind, dropped, or a conflict. Asks no store unless told to. Exits with
    1 where there is one, so that a job can stop what was not pushed.
    """
    from replayer.cassettes.store import open_store, survey
    from replayer.cli import storing
    from replayer.cli.progress import counting
    from replayer.settings import Settings

    settings = Settings.load(given)
    checkout = storing.checkout_of(settings)
    with counting("cassettes") as step:
        found = survey.standings(checkout, names, step)
        lacking = survey.lacking(open_store(settings.store), found, step) if remote else []
    if as_json:
        print_json(_document(found, lacking if remote else None))
    else:
        _print(found, lacking)
    return int(bool(lacking) or any(each.remedy or each.twice for each in found))


def _document(found: "Sequence[survey.CassetteState]", lacking: list[str] | None) -> dict[str, Any]:
    return {
        "cassettes": [
            {
                "name": each.name,
                "state": each.state.value,
                "here": each.here,
                "locked": [pin.digest for pin in ((each.pin,) if each.pin else each.twice)],
            }
            for each in found
        ],
        "lacking": lacking,
        "same": not lacking and not any(each.remedy or each.twice for each in found),
    }


def _print(found: "Sequence[survey.CassetteState]", lacking: list[str]) -> None:
    others = [each for each in found if each.remedy or each.twice]
    for each in others:
        click.echo(printable(f"{each.state.value:<8}  {each.name}" + (f": {each.meaning}" if each.twice else "")))
    for name in lacking:
        click.echo(printable(f"lacking   {name}: the store has no object of it. Push it again with --force"))
    for state in dict.fromkeys(each.state for each in others if not each.twice):
        first = next(each for each in others if each.state is state)
        click.echo(f"{state.value}: {first.meaning}. To fix: {first.remedy}")
    click.echo(f"{counted(len(found), 'cassette')}, {len(found) - len(others):,} as the lock says")
