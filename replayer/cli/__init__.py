"""The command line, from its words to its exit code.

0   all went well
1   something is missing: a replay missed, a session answered nothing, a recording was not kept, an audit found,
    a store lacks something
2   bad usage: nothing was started, and one line says what was wrong; so does one where stdout cannot be written
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from replayer.cli import (
    audit,
    check,
    clean,
    completion,
    demo,
    diff,
    doctor,
    export,
    import_,
    inspect,
    js,
    learn,
    merge,
    prune,
    pull,
    push,
    record,
    refresh,
    replay,
    report,
    sandbox,
    serve,
    status,
)
from replayer.cli import exec as beside
from replayer.cli import help as manual
from replayer.cli.output import forced_colour, say
from replayer.cli.version import print_version
from replayer.errors import ReplayerError

INTERRUPTED = 130  # as shells report a program that SIGINT ended

# One file a command, in the order in which a newcomer meets them. What runs them is imported when it runs.
COMMANDS = (
    *(record, replay, beside, serve, js, sandbox),
    *(inspect, diff, audit, check, learn),
    *(import_, export, clean, merge, report, refresh),
    *(push, pull, status, prune),
    *(demo, doctor, completion, manual),
)


class InOrder(click.Group):
    """A group that lists its commands in the order of their table, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Each with its first sentence, on as many lines as that needs: click would cut it."""
        rows = [(name, " ".join((each.help or "").split("\n\n")[0].split())) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    cls=InOrder,
    commands=[each.command for each in COMMANDS],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nTo see it work:          replayer demo\nTo read on a command:    replayer record --help\n"
    "To read the manual:      replayer help",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=print_version, help="Show it and exit."
)
def cli() -> None:
    """Record the HTTP traffic of a program once, and replay it offline ever after.

    Replayer is a proxy: start it, and give its address to your program instead of the API's. Ids and times get stable
    names on the way, so that the program cannot tell the recording from the replay.

    \b
      replayer record --upstream https://api.stripe.com --cassette invoices.yaml
      replayer replay --cassette invoices.yaml
    """


def main() -> NoReturn:
    """The entry point of `replayer`."""
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        if code != 2 and not isinstance(error, BrokenPipeError):
            _unwritable(error)
        # Python flushes once more when it ends, and would end with 120 where that fails.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code. Errors are one line on stderr, never a traceback."""
    try:
        said = list(arguments)
        code = cli.main(said, "replayer", standalone_mode=False, obj=tuple(said), color=forced_colour())
        return int(code or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        say(_worded(error))
        return 2
    except ReplayerError as error:
        say(str(error))
        return 2
    except OSError as error:  # of a file that it names; else of stdout: a full disk
        if error.filename is None:
            _unwritable(error)
        else:
            say(f"{error.filename} cannot be used: {error.strerror}. Check the path and its permissions.")
        return 2  # not 1: nobody was told that something was found
    except SystemExit as ended:  # click's: with 0 where a shell completes; with 1 where nobody reads the pipe any more
        return 0 if ended.code == 0 else 2
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED


def _unwritable(error: OSError) -> None:
    say(f"Nothing can be written to stdout: {error.strerror}. Redirect it elsewhere.")


def _worded(error: click.ClickException) -> str:
    """What click found, and the remedy: its own suggestion where it has one, else the page that tells."""
    message = error.format_message()
    if "Did you mean" in message:
        return message
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message} See '{context.command_path if context else 'replayer'} --help'."
