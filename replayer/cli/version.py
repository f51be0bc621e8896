"""`replayer --version`: one line that a report of a bug begins with."""

from importlib.util import find_spec

import click

from replayer import __version__


def version_line() -> str:
    """The version, Python's, the system, and the event loop that servers run on."""
    import platform

    loop = "uvloop" if find_spec("uvloop") else "asyncio"
    system = f"{platform.system()} {platform.machine()}"
    return f"replayer {__version__} (Python {platform.python_version()}, {system}, {loop})"


def print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(version_line())
        context.exit()
