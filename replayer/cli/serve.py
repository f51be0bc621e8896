"""The commands that listen until a signal comes: then they eject, say what came of it, and end."""

import asyncio
import gc
import os
import secrets
import shlex
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from replayer.cassettes import Journal, folder
from replayer.cli import trusting
from replayer.cli.output import say, tell
from replayer.core.modes import Mode
from replayer.errors import UsageError
from replayer.proxy.inserted import Inserted
from replayer.proxy.slot import Ejected
from replayer.proxy.thread import loop_factory
from replayer.settings import Settings

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HERE = "."
NEW = "new"  # as a control token: one that nobody knows yet


def record(options: Mapping[str, Any], *, quiet: bool) -> int:
    settings = Settings.load(options)
    if settings.mode is Mode.NONE:
        if options.get("record_mode"):
            raise UsageError("Nothing can be recorded in mode 'none'. Use 'all', or the command 'replayer replay'.")
        settings = replace(settings, record_mode=Mode.ALL.value)  # who says record means it
    return _session(settings, quiet=quiet)


def replay(options: Mapping[str, Any], *, quiet: bool) -> int:
    return _session(Settings.load({**options, "record_mode": Mode.NONE.value}), quiet=quiet)


def sandbox(pairs: Sequence[str], *, clock: str | None, control_token: str | None, **options: Any) -> int:
    """`options` are those settings of a `Sandbox` that need no reading."""
    from replayer.sandbox import switches  # late: a session has none

    options["clock"] = _standing(clock) if clock else time.time
    options["token"] = secrets.token_urlsafe(16) if control_token == NEW else control_token
    if control_token == "":
        raise UsageError(f"The control token is empty. Choose one, or {NEW!r} to have one made.")
    options["switches"] = switches.chosen(pairs)
    return _run(_sandbox(options, show_token=control_token == NEW))


def _standing(text: str) -> Callable[[], float]:
    """A clock that stands at that moment; without a zone it is meant as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"The clock {text!r} is no time. Use one like 2026-01-01 or 2026-01-01T09:30:00Z.") from None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return lambda: seconds


def _session(settings: Settings, *, quiet: bool) -> int:
    require_cassette(settings)
    return _run(_serve(settings, quiet=quiet))


def require_cassette(settings: Settings) -> None:
    if not settings.cassette:
        raise UsageError("No cassette is named. Add one: --cassette invoices.yaml.")


def _run(serving: Coroutine[Any, Any, int]) -> int:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(serving)


async def _serve(settings: Settings, *, quiet: bool) -> int:
    inserted = await inserted_for(settings, "record", quiet=quiet)
    for line in trusting.instructions(inserted.entrance):
        say(line)
    await _signalled(inserted.url)
    return await ejected(inserted)


async def inserted_for(settings: Settings, command: str, *, quiet: bool) -> Inserted:
    """The session, listening. `command` is the one that records what its cassette lacks."""
    with _keeping():
        inserted = await Inserted.insert(settings, remedy=_remedy(settings, command), tell=tell, quiet=quiet)
    for notice in inserted.notices:
        say(notice)
    if inserted.set_aside:
        say(f"An earlier recording was killed. What it had is in {inserted.set_aside}.")
    return inserted


async def ejected(inserted: Inserted, *, failed: bool = False) -> int:
    """End the session and say what came of it; the exit code."""
    try:
        return _reported(inserted, await inserted.eject(failed=failed))
    except OSError as error:
        say(f"{inserted.path} cannot be written: {error.strerror}.{_kept_in(inserted.path)}")
        return 1


@contextmanager
def _keeping() -> Iterator[None]:
    """What is made meanwhile is kept to the end of this program: nobody need look through it for what can go. With
    10,000 interactions, that is a million objects each time."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


async def _sandbox(options: Mapping[str, Any], *, show_token: bool) -> int:
    from replayer.sandbox import Sandbox, StateError  # late: a session needs it only as its upstream

    port: int = options["port"]
    embedded = Sandbox(**options)
    try:
        url = await embedded.start()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise UsageError(f"Port {port} cannot be used: {why}. Choose another one, or 0 for any.") from None
    if show_token:
        say(f"the control token is {options['token']}")
    await _signalled(url)
    try:
        await embedded.close()
    except StateError as error:
        say(f"{error}. What was made since then is lost.")
        return 1
    return 0


async def _signalled(url: str) -> None:
    """Say that the server is ready, and wait. Further signals do nothing: what is being saved will be saved."""
    ended = asyncio.Event()
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, _end, ended.set)
    click.echo(f"replayer: listening on {url}")
    await ended.wait()


def _end(ended: Callable[[], None]) -> None:
    # The loop puts the default handlers back when it closes; a second Ctrl-C then would end a run that went well.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    ended()


def _reported(inserted: Inserted, ejected: Ejected) -> int:
    """Print the receipt and what is wrong with it; the exit code."""
    receipt = ejected.receipt
    say(str(receipt))
    for request in receipt.dropped if not ejected.kept else ():
        say(f"dropped, not recorded again: {request}")
    if ejected.edited:
        say(f"{ejected.edited} For all of it run 'replayer audit {inserted.path}'.")
    for note in ejected.late:
        say(f"{note}.")
    if ejected.kept:
        say(f"{inserted.path} was not saved: {ejected.kept}.{_kept_in(inserted.path)}")
        return 1
    if receipt.missed or ejected.late:
        return 1
    for rule in ejected.unmet:
        say(f"no request met the fault: {rule}")
    replays = inserted.session.mode is Mode.NONE
    if receipt.answered or (replays and receipt.faults):
        return 0
    met = "all that came met a fault" if receipt.faults else f"did the client use {inserted.url}?"
    say(f"answered nothing: {met}" if replays else f"recorded nothing: {met}")
    return 1


def _kept_in(cassette: Path) -> str:
    """Where the recording is that did not become a cassette; nothing was recorded where there is none."""
    journal = Journal.path_of(cassette)
    return f" What was recorded is in {journal}." if journal.exists() else ""


def _remedy(settings: Settings, command: str) -> str:
    """The command line that records what a cassette lacks, in words that a shell takes as they are."""
    path = folder.locate(Path(settings.root), settings.cassette)
    upstream = settings.upstream or folder.likely_upstream(path)
    words = ["replayer", command, "--upstream", upstream, "--cassette", settings.cassette]
    words += [word for other in settings.others for word in ("--upstream", other)]
    if settings.as_proxy:
        words.append("--as-proxy")
    if settings.root != HERE:
        words += ["--root", settings.root]
    return f"record it: {shlex.join(words)}" + (" --record-mode all -- ..." if command == "exec" else "")
