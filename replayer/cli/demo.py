"""`replayer demo`: sandbox, record, stop it, replay, compare. One scripted client runs twice and is answered the same.

              recording                                  replaying
client  <-->  replayer  <-->  sandbox        client  <-->  replayer  <-->  nothing at all
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from replayer.cli.output import styled

if TYPE_CHECKING:
    from replayer.cli.demo_client import Answer, Ask
    from replayer.proxy.handler import Line

CASSETTE = "demo.yaml"
ORIGIN = "https://api.stripe.com"  # what the sandbox stands in for
SHOWN = 24  # lines of the cassette: its facts, one whole request, and where the answer begins


@click.command("demo")
def command() -> int:
    """Record, stop the upstream, replay and compare.

    Takes a few seconds, needs no network and no account, and leaves nothing behind.
    """
    import asyncio
    import tempfile

    from replayer.proxy.thread import loop_factory

    with (
        tempfile.TemporaryDirectory(prefix="replayer-demo-") as root,
        asyncio.Runner(loop_factory=loop_factory()) as runner,
    ):
        return runner.run(_demo(root))


async def _demo(root: str) -> int:
    """0 where both runs of the client were answered the same."""
    from replayer.cli.demo_client import chosen_client
    from replayer.cli.output import size
    from replayer.sandbox import Sandbox

    name, client = chosen_client()
    async with Sandbox() as sandbox:
        upstream = sandbox.url
        _title(f"Recording the embedded invoice API, {upstream}. The client is {name}.")
        recorded = await _played(root, client, upstream=upstream, record_mode="all")
    _title(f"The first lines of the cassette ({size((Path(root) / CASSETTE).stat().st_size)}):")
    _first_lines(Path(root) / CASSETTE)
    _title(await _stopped(upstream))
    _title("Replaying: the same client again, answered from the cassette.")
    replayed = await _played(root, client, record_mode="none")
    same = sum(a == b for a, b in zip(recorded, replayed, strict=False))
    click.echo(f"\nidentical: {same}/{len(recorded)}")
    return 0 if same == len(recorded) == len(replayed) else 1


async def _played(root: str, client: "Callable[[str], Ask]", **settings: Any) -> "list[Answer]":
    """One run of the client, in a thread because it blocks."""
    import asyncio

    from replayer import Replayer
    from replayer.cli.demo_client import scenario

    async with Replayer(CASSETTE, root=root, origin=ORIGIN, tell=_show, port=0, **settings) as replayer:
        answers = await asyncio.to_thread(scenario, client(replayer.url))
        click.echo(f"  {replayer.receipt}")
    return answers


async def _stopped(upstream: str) -> str:
    """Proof that nobody listens there any more."""
    import asyncio

    parts = urlsplit(upstream)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError as error:
        return f"upstream stopped: {upstream} refuses connections ({type(error).__name__})."
    writer.close()
    return f"The upstream {upstream} is still there, so the rest proves nothing."


def _title(text: str) -> None:
    click.echo("\n" + styled(text, bold=True))


def _show(line: "Line") -> None:
    click.echo(f"  {line.method} {line.path} {line.status} {line.outcome} {line.milliseconds:.0f} ms")
    if line.note:
        click.echo(f"    {line.note}")


def _first_lines(cassette: Path) -> None:
    with cassette.open(encoding="utf-8") as lines:
        for line in islice(lines, SHOWN):
            click.echo(f"  {line.rstrip()}")
    click.echo("  ...")
