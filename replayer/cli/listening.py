"""The commands that listen until a signal comes: then they eject, say what came of it, and end."""

import asyncio
import gc
import os
import resource
import secrets
import shlex
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from replayer.cassettes import Journal, folder
from replayer.cli import trusting
from replayer.cli.output import say, tell
from replayer.cli.progress import waiting
from replayer.core.modes import Mode
from replayer.errors import UnsafeError, UsageError
from replayer.inspector import Desk
from replayer.proxy.control import token_of
from replayer.proxy.inserted import Inserted
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.receipts import BOOK, FiledReceipt, names_below
from replayer.proxy.server import Server, bound, origin
from replayer.proxy.sessions import Ended, Sessions
from replayer.proxy.slot import Ejected
from replayer.proxy.switchboard import Switchboard
from replayer.proxy.thread import loop_factory
from replayer.settings import Settings

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HERE = "."
MOST_FILES = 1 << 16  # that are asked for: a session needs up to four descriptors, and each of its clients one
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


def serve(options: Mapping[str, Any], *, idle: float | None, quiet: bool) -> int:
    settings = Settings.load(options, defaults={"record_mode": Mode.ONCE.value})
    root = settings.folder
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is no folder. Name the one that cassettes live in: --cassettes DIR.")
    _raise_limit()
    return run(_many(settings, idle, quiet=quiet))


def sandbox(
    pairs: Sequence[str], *, clock: str | None, control_token: str | None, deliver_to: Sequence[str], **options: Any
) -> int:
    """`options` are those settings of a `Sandbox` that need no reading."""
    from replayer.sandbox import switches  # late: a session has none

    options |= {"hosts": deliver_to, "tell": say}

    options["clock"] = _standing(clock) if clock else time.time
    options["token"] = secrets.token_urlsafe(16) if control_token == NEW else control_token
    if control_token == "":
        raise UsageError(f"The control token is empty. Choose one, or {NEW!r} to have one made.")
    options["switches"] = switches.chosen(pairs)
    return run(_sandbox(options, show_token=control_token == NEW))


def shown(desk: Desk) -> int:
    """Show a page of that alone."""
    return run(_shown(desk))


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
    return run(_serve(settings, quiet=quiet))


def require_cassette(settings: Settings) -> None:
    if not settings.cassette:
        raise UsageError("No cassette is named. Add one: --cassette invoices.yaml.")


def run(serving: Coroutine[Any, Any, int]) -> int:
    """The exit code of what listens, when it has ended."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(serving)


def _raise_limit() -> None:
    """Let this program have as many files and connections open as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # as some systems have it: then it stays as it is
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _many(settings: Settings, idle: float | None, *, quiet: bool) -> int:
    """Sessions that are opened and ejected by calls, until a signal ends them all; the exit code."""
    failed, filed = False, list[FiledReceipt]()

    def end(session: Ended) -> None:
        nonlocal failed
        filed.extend(filter(None, [session.ejected.filed]))
        why = f" (ejected: {session.why})" if session.why else ""
        say(f"{session.settings.cassette}: {session.ejected.receipt}{why}")
        for trouble in troubles(session.path, session.ejected):
            say(f"{session.settings.cassette}: {trouble}")
        failed = failed or has_failed(session.ejected)

    of_each = replace(settings, cassette="", port=0, token_file="", certificate="")
    sessions = Sessions(of_each, tell=lambda name, line: tell(line, name), note=say, end=end, quiet=quiet)
    with bound(settings.port) as listener:
        token = token_of(settings.token_file)
        switchboard = Switchboard(sessions, token, idle=idle, inspector=settings.inspector)
        url = await switchboard.start(listener)
        if not settings.token_file:
            say(f"the token is {token}")
        await signalled(url, "" if quiet else switchboard.inspector(url))
        await switchboard.close()
    written = not settings.receipt or file(Path(settings.receipt), filed, names_below(Path(settings.root)))
    return int(failed or not written)


async def _serve(settings: Settings, *, quiet: bool) -> int:
    inserted = await inserted_for(settings, "record", quiet=quiet)
    for line in trusting.instructions(inserted.entrance):
        say(line)
    await signalled(inserted.url, "" if quiet else inserted.inspector)
    return await ejected(inserted)


async def inserted_for(settings: Settings, command: str, *, quiet: bool) -> Inserted:
    """The session, listening. `command` is the one that records what its cassette lacks."""
    with waiting(f"reading {settings.cassette}"), _keeping():
        inserted = await Inserted.insert(settings, remedy=_remedy(settings, command), tell=tell, quiet=quiet)
    for notice in inserted.notices:
        say(notice)
    if inserted.webhooks.url:
        say(f"webhooks are taken in at {inserted.webhooks.url}")
    if inserted.set_aside:
        say(f"An earlier recording was killed. What it had is in {inserted.set_aside}.")
    return inserted


async def ejected(
    inserted: Inserted, *, failed: bool = False, aborted: bool = False, command: Sequence[str] = ()
) -> int:
    """End the session and say what came of it; the exit code. `failed`: what it was for did not go well, or was
    `aborted` before it could. `command` is the one that asks the same when it is run again."""
    recorded = len(inserted.session.recorder)
    try:
        with waiting(f"saving {inserted.path}") if recorded else nullcontext():
            found = await inserted.eject(failed=failed, aborted=aborted)
        code = _reported(inserted, found)
    except OSError as error:
        say(f"{inserted.path} cannot be written: {error.strerror}.{_kept_in(inserted.path)}")
        return 1
    if found.filed is None:
        return code
    told = found.filed.of(command=tuple(command))
    if command and not told.receipt.command:
        say("The receipt does not remember the command: something in it may be a secret. Put that in the environment.")
    return code if file(told.file, [told]) else 1


def file(receipt: Path, filed: Sequence[FiledReceipt], present: Sequence[str] = ()) -> bool:
    """Write receipts to their file; whether that could be."""
    try:
        BOOK.enter(receipt, filed, present)
    except UnsafeError as error:
        say(str(error))
        return False
    except OSError as error:
        say(f"The receipt {receipt} cannot be written: {error.strerror}. Choose another --receipt.")
        return False
    return True


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
    await signalled(url)
    try:
        await embedded.close()
    except StateError as error:
        say(f"{error}. What was made since then is lost.")
        return 1
    return 0


async def _shown(desk: Desk) -> int:
    inspecting = Inspecting(desk, secrets.token_urlsafe(16))
    with bound(0) as listener:
        server = Server(inspecting.alone, limit=0)
        await server.start(listener)
        url = origin(listener)
        await signalled(url, inspecting.address(url))
        await server.close()
    return 0


async def signalled(url: str, inspector: str = "") -> None:
    """Say that the server is ready, and where the page is that shows it; then wait. Further signals do nothing: what
    is being saved will be saved."""
    ended = asyncio.Event()
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, _end, ended.set)
    click.echo(f"replayer: listening on {url}")
    if inspector:
        say(f"inspector at {inspector}")
    await ended.wait()


def _end(ended: Callable[[], None]) -> None:
    # The loop puts the default handlers back when it closes; a second Ctrl-C then would end a run that went well.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    ended()


def _reported(inserted: Inserted, ejected: Ejected) -> int:
    """Print the receipt and what is wrong with it; the exit code."""
    receipt = ejected.receipt
    say(str(receipt))
    for trouble in troubles(inserted.path, ejected):
        say(trouble)
    if has_failed(ejected):
        return 1
    replays = not inserted.records
    if receipt.answered or (replays and receipt.faults):
        return 0
    met = "all that came met a fault" if receipt.faults else f"did the client use {inserted.url}?"
    say(f"answered nothing: {met}" if replays else f"recorded nothing: {met}")
    return 1


def troubles(path: Path, ejected: Ejected) -> Iterator[str]:
    """What else is to be said of a session, each in a line."""
    for request in ejected.receipt.dropped if not ejected.kept else ():
        yield f"dropped, not recorded again: {request}"
    if ejected.edited:
        yield f"{ejected.edited} For all of it run 'replayer audit {path}'."
    for note in ejected.late:
        yield f"{note}."
    if ejected.kept:
        yield f"{path} was not saved: {ejected.kept}.{_kept_in(path)}"
    for rule in ejected.unmet if not has_failed(ejected) else ():
        yield f"no request met the fault: {rule}"


def has_failed(ejected: Ejected) -> bool:
    """Whether a session missed something, or what it recorded did not become its cassette as it was."""
    return bool(ejected.kept or ejected.receipt.missed or ejected.late)


def _kept_in(cassette: Path) -> str:
    """Where the recording is that did not become a cassette; nothing was recorded where there is none."""
    journal = Journal.path_of(cassette)
    return f" What was recorded is in {journal}." if journal.exists() else ""


def _remedy(settings: Settings, command: str) -> str:
    """The command line that records what a cassette lacks, in words that a shell takes as they are."""
    path = folder.locate(settings.folder, settings.cassette)
    upstream = settings.upstream or folder.likely_upstream(path)
    words = ["replayer", command, "--upstream", upstream, "--cassette", settings.cassette]
    words += [word for other in settings.others for word in ("--upstream", other)]
    if settings.as_proxy:
        words.append("--as-proxy")
    if settings.root != HERE:
        words += ["--root", settings.root]
    return f"record it: {shlex.join(words)}" + (" --record-mode all -- ..." if command == "exec" else "")
