"""The commands with their options and their help. What runs them is imported when it runs: help must be quick.

Options are texts here. `Settings` reads and checks them, as it does for the environment and [tool.replayer].
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from replayer.cli.help import help_command
from replayer.cli.version import print_version
from replayer.sandbox.ledger.switches import SWITCHES

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])


class InOrder(click.Group):
    """A group that lists its commands as a newcomer meets them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


def setting(name: str, metavar: str, text: str) -> Callable[[AnyCommand], AnyCommand]:
    """An option that is a setting: None where it is not given, so that the other places count."""
    return click.option(name, metavar=metavar, help=text)


def switch(name: str, text: str) -> Callable[[AnyCommand], AnyCommand]:
    """A setting that is on where it is given."""
    return click.option(name, is_flag=True, default=None, help=text)


cassette = setting("--cassette", "FILE", "The cassette, a relative name below --root.")
root = setting("--root", "DIR", "The folder that cassettes live in.  [default: the current one]")
port = setting("--port", "N", "Port on 127.0.0.1 to listen on.  [default: 0, any free one]")
rules = setting(
    "--rules",
    "NAME",
    "What ids, times and tokens of the API look like: invoice, or generic for any JSON API.  [default: those of the "
    "cassette, or else of the upstream's host]",
)
time = setting(
    "--time", "HOW", "Show times frozen, as they are recorded, or shifted: counted from now.  [default: frozen]"
)
volatile = click.option(
    "--volatile",
    metavar="FIELD",
    multiple=True,
    callback=lambda _, __, fields: list(fields) or None,
    help="A field of requests that holds something new in every run, like metadata[order_id]; may be repeated.",
)
quiet = click.option("--quiet", is_flag=True, help="No line for each request; only what is missing, and the receipt.")


@click.group(
    cls=InOrder,
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


@cli.command(
    epilog="\b\nExamples:\n  replayer record --upstream https://api.stripe.com --cassette invoices.yaml\n"
    "  replayer record --upstream sandbox --cassette try.yaml --port 8080"
)
@setting("--upstream", "URL", "The API to record: its origin, or 'sandbox' for the embedded invoice API.")
@cassette
@setting(
    "--record-mode",
    "MODE",
    "all: record everything anew; once: only where there is no cassette yet; new_episodes: only what the cassette "
    "lacks.  [default: all]",
)
@setting("--epoch", "ISO", "Where the clock of a new cassette starts.  [default: midnight UTC of today]")
@port
@root
@rules
@setting("--origin", "URL", "The origin to write down instead of the upstream's, when that one only stands in for it.")
@setting("--body-limit", "N", "Bytes of a body that can be recorded.  [default: 8388608]")
@setting("--timeout", "S", "Seconds to wait for the upstream.  [default: 80]")
@switch("--allow-live", "Let live keys through, which can move real money.  [default: refused]")
@time
@volatile
@quiet
def record(quiet: bool, **given: Any) -> int:
    """Pass requests on to an API and record what it answers.

    Prints one line when it is ready, with the address to give to your program. Ctrl-C or SIGTERM ends the session and
    saves the cassette; until then an older cassette stays as it is.
    """
    from replayer.cli import serve as serving

    return serving.record(given, quiet=quiet)


@cli.command(epilog="\b\nExample:\n  replayer replay --cassette invoices.yaml --port 8080")
@cassette
@switch("--lenient", "Answer a read in a state that was never recorded with the nearest earlier answer.")
@switch("--strict", "Answer only what was recorded as it was asked, nothing that follows from other answers.")
@setting(
    "--on-miss",
    "HOW",
    "miss: tell what is missing; sandbox: let the embedded invoice API go on from there.  [default: miss]",
)
@rules
@port
@root
@time
@volatile
@quiet
def replay(quiet: bool, **given: Any) -> int:
    """Answer requests from a cassette, and never from anywhere else.

    A request that the cassette cannot answer gets status 421 and an explanation. Exits with 1 where there was one, or
    where nothing was asked at all.
    """
    from replayer.cli import serve as serving

    return serving.replay(given, quiet=quiet)


def _switches() -> str:
    """What `replayer sandbox --help` ends with: each switch, the default of its values first."""
    lines = ["Switches, each with its values, the default first:"]
    for name, switched in SWITCHES.items():
        lines += [f"  {name} = {' | '.join(switched.answers)}", f"      {switched.question}"]
    return "\n".join(lines)


@cli.command(
    epilog="\b\nExamples:\n  replayer sandbox --port 12111 --state shop.json\n"
    "  replayer sandbox --seed 1 --clock 2026-01-01 --step --switch deleted_cursor=positional\n\n\b\n" + _switches()
)
@click.option(
    "--port", metavar="N", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1.  [default: any]"
)
@click.option("--seed", metavar="N", type=int, help="Mint the same ids in every run.  [default: chance]")
@click.option("--clock", metavar="ISO", help="Let it be that moment, and stay so.  [default: the real time]")
@click.option("--step", is_flag=True, help="Move the clock by a second with every write.")
@click.option("--state", metavar="FILE", help="Keep what is made in that file.  [default: until it ends]")
@click.option("--switch", metavar="NAME=VALUE", multiple=True, help="Decide what is not known of the API: see below.")
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="Allow POST /__sandbox__/reset to whoever sends that as Sandbox-Token; 'new' makes one and prints it on "
    "stderr.  [default: no resets]",
)
def sandbox(switch: tuple[str, ...], **given: Any) -> int:
    """Run the embedded invoice API.

    Customers, invoices and payments without an account. Any test key does as a credential. What is made lasts as long
    as the sandbox runs, or as its state file.
    """
    from replayer.cli import serve as serving

    return serving.sandbox(switch, **given)


@cli.command(
    epilog="\b\nExamples:\n  replayer inspect cassettes/life.yaml\n  replayer inspect cassettes/life.yaml --causes"
)
@click.argument("path", metavar="CASSETTE")
@click.option("--causes", is_flag=True, help="Show what each write touches, and which writes each read had behind it.")
def inspect(path: str, causes: bool) -> int:
    """Show what is in a cassette, or in the journal of a recording."""
    from replayer.cli import inspect as reading

    return reading.inspect(path, causes=causes)


@cli.command(epilog="\b\nExample:\n  replayer audit cassettes")
@click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True)
@rules
def audit(paths: tuple[str, ...], **given: Any) -> int:
    """Look for secrets and real ids in cassettes.

    A folder is all the cassettes in it. Names the line and the kind of each, never the value. Exits with 1 where there
    is one, with 2 where a cassette cannot be read.
    """
    from replayer.cli import audit as auditing

    return auditing.audit(paths, given)


cassettes = click.argument("paths", metavar="CASSETTE...", nargs=-1, required=True)
live = setting("--upstream", "URL", "The API to ask: its origin, or 'sandbox' for a fresh embedded one.")
writes = click.option("--allow-writes", is_flag=True, help="Play writes too; else only reads are played.")
patience = setting("--timeout", "S", "Seconds to wait for the upstream.  [default: 80]")
live_keys = switch("--allow-live", "Let a live key through, which can move real money.  [default: refused]")


@cli.command(
    epilog="\b\nExamples:\n  replayer check cassettes/*.yaml --upstream sandbox --allow-writes\n"
    "  REPLAYER_AUTHORIZATION=sk_test_... replayer check invoices.yaml --upstream https://api.stripe.com"
)
@cassettes
@live
@writes
@live_keys
@rules
@patience
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a text.")
def check(paths: tuple[str, ...], allow_writes: bool, as_json: bool, **given: Any) -> int:
    """Compare what an API answers today with what was recorded.

    Plays the recorded requests and tells each field, status and header that differs, ids and times apart. Nothing is
    written. The key to ask with stands in REPLAYER_AUTHORIZATION. Exits with 1 where something differs; with 2 where
    nothing of a cassette could be compared, or not all of it because the upstream had no time (429, 502, 503, 504).
    """
    from replayer.cli import check as checking

    return checking.check(paths, given, allow_writes=allow_writes, as_json=as_json)


@cli.command(epilog="\b\nExample:\n  replayer learn invoices.yaml --upstream https://api.stripe.com")
@click.argument("path", metavar="CASSETTE")
@live
@writes
@live_keys
@rules
@patience
def learn(path: str, allow_writes: bool, **given: Any) -> int:
    """Propose rules for what an API answers differently each time.

    Plays the recorded requests twice and looks at what differs between the two answers and is no id or time yet. Prints
    TOML to read and to paste into pyproject.toml. Exits with 2 where nothing could be compared.
    """
    from replayer.cli import learn as learning

    return learning.learn(path, given, allow_writes=allow_writes)


@cli.command()
def demo() -> int:
    """Record, stop the upstream, replay and compare.

    Takes a few seconds, needs no network and no account, and leaves nothing behind.
    """
    from replayer.cli import demo

    return demo.run()


cli.add_command(help_command)
