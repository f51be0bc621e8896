"""`replayer exec`: a command with the proxy beside it. It is our child: terminal, signals and exit code are its own.

its own code   the command's, or 128 and the number of the signal that ended it
1              the command went well, and a request was missed, or the recording was not saved
127            there is no such command
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from replayer.cli import options
from replayer.errors import unknown

ONCE = "once"
RECEIPT = "REPLAYER_RECEIPT"  # a suite below would write its own over ours
NOT_FOUND, NOT_RUNNABLE = 127, 126  # as shells say it
SIGNALLED = 128


def _clients(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    from replayer.cli.clients import CLIENTS

    return [CompletionItem(name) for name in CLIENTS if name.startswith(begun)]


@click.command(
    "exec",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="\b\nExamples:\n  replayer exec --cassette a.yaml --upstream sandbox -- pytest\n"
    "  replayer exec --cassette a.yaml --upstream https://api.stripe.com --env STRIPE_API_BASE -- npm test\n"
    "  replayer exec --cassette a.yaml --for openai -- python program.py",
)
@options.upstreams(
    "The API to record, where there is no cassette yet: its origin, or 'sandbox'. May be repeated with --as-proxy."
)
@options.cassette
@options.setting("--record-mode", "MODE", "none, once, new_episodes or all.  [default: once]")
@click.option(
    "--env",
    "variables",
    metavar="NAME[=TEMPLATE]",
    multiple=True,
    help="Tell the command the proxy's address under that name; TEMPLATE may hold {url}, {host} and {port}. May be "
    "repeated. REPLAYER_URL, REPLAYER_HOST and REPLAYER_PORT are always there.",
)
@click.option(
    "--for",
    "client",
    metavar="CLIENT",
    help="The names that a known client reads; see 'replayer help languages'.",
    shell_complete=_clients,
)
@options.switch("--lenient", "Answer a read in a state that was never recorded with the nearest earlier answer.")
@options.switch("--strict", "Answer only what was recorded as it was asked, nothing that follows from other answers.")
@options.setting("--on-miss", "HOW", "miss, or sandbox: let the embedded invoice API go on.  [default: miss]")
@options.faults
@options.latency
@options.rules
@options.reached
@options.root
@options.trusted
@options.paced
@options.upstream_auth
@options.switch("--allow-live", "Let live keys through, which can move real money.  [default: refused]")
@options.time
@options.volatile
@options.cors
@options.ignore_header
@options.heard
@options.receipt
@options.inspector
@options.quiet
@click.argument("words", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    words: tuple[str, ...], variables: tuple[str, ...], client: str | None, quiet: bool, **settings: Any
) -> int:
    """Run a command with the proxy beside it.

    The same line records the first time, and replays ever after. The command is told the proxy's address in its
    environment; its exit code is passed on, or is 1 where a request was missed.
    """
    import asyncio

    from replayer.proxy.thread import loop_factory

    again = ("replayer", *click.get_current_context().find_root().obj)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_beside(words, settings, variables, client, again, quiet=quiet))


async def _beside(
    words: Sequence[str],
    options: Mapping[str, Any],
    variables: Sequence[str],
    client: str | None,
    again: Sequence[str],
    *,
    quiet: bool,
) -> int:
    import asyncio
    import os
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from replayer.cli import clients, listening, trusting
    from replayer.cli.output import say
    from replayer.settings import Settings

    if words[0].startswith("-"):
        raise unknown(words[0].partition("=")[0], "known option", _options())
    settings = Settings.load(options, defaults={"record_mode": ONCE})
    listening.require_cassette(settings)
    clients.environment("http://127.0.0.1:1", variables, client)  # refused before anything is started
    inserted = await listening.inserted_for(settings, "exec", quiet=quiet)
    if inserted.inspector and not quiet:
        say(f"inspector at {inserted.inspector}")
    env = os.environ | clients.environment(inserted.url, variables, client)
    env["REPLAYER_TOKEN"] = inserted.token
    for own in (settings.key_variable, RECEIPT):  # the upstream's own key and our file are none of its business
        env.pop(own, None)
    with TemporaryDirectory(prefix="replayer-") as folder:
        env |= trusting.environment(inserted.entrance, os.environ, Path(folder))
        try:
            child = await asyncio.create_subprocess_exec(*words, env=env)
        except OSError as error:
            await inserted.eject(failed=True)
            say(f"{words[0]} cannot be run: {error.strerror}.")
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUNNABLE
        code, aborted = await _ended(child)
    reported = await listening.ejected(inserted, failed=code != 0, aborted=aborted, command=again)
    return code or reported


def _options() -> list[str]:
    return [name for parameter in command.params for name in parameter.opts if name.startswith("--")]


async def _ended(child: Any) -> tuple[int, bool]:
    """The exit code of the child, and whether a signal ended it, or us. Whoever ends us ends it; what a terminal sends
    reaches it by itself."""
    import asyncio
    import signal
    import sys

    ended_by = set[int]()

    def passed_on(number: int) -> None:
        ended_by.add(number)
        if child.returncode is None:
            child.send_signal(number)

    def ignored(number: int) -> None:
        """The terminal has sent it to the child as well."""
        ended_by.add(number)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, passed_on, number)
    for number in (signal.SIGINT, signal.SIGQUIT):
        if sys.stdin is not None and sys.stdin.isatty():
            loop.add_signal_handler(number, ignored, number)
        else:
            loop.add_signal_handler(number, passed_on, number)
    code = int(await child.wait())
    return (code, bool(ended_by)) if code >= 0 else (SIGNALLED - code, True)
