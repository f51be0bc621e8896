"""An inserted cassette: everything that runs for one session, from listening to the receipt."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from replayer.cassettes import Journal, folder
from replayer.core.message import Response, wire
from replayer.core.modes import Mode, forwards
from replayer.core.session import HandOver, Session
from replayer.errors import UsageError
from replayer.proxy import hosts, trust
from replayer.proxy.entrance import Entrance
from replayer.proxy.handler import Handler, Line
from replayer.proxy.opening import cassette_origin, opened, remember, reopening
from replayer.proxy.prompt import Prompt
from replayer.proxy.server import bound
from replayer.proxy.slot import Ejected, Slot
from replayer.proxy.upstream import UntrustedError, Upstream, UpstreamError, Upstreams
from replayer.settings import SANDBOX, Settings


class Inserted:
    """A session that listens. `entrance` is how clients find it, `notices` are what its user should know."""

    def __init__(self, entrance: Entrance, slot: Slot, running: AsyncExitStack, notices: tuple[str, ...] = ()) -> None:
        self.entrance, self._slot, self._running, self.notices = entrance, slot, running, notices

    def __repr__(self) -> str:
        return f"<Inserted {self._slot.path} at {self.url}>"

    @property
    def url(self) -> str:
        """Where clients find it."""
        return self.entrance.url

    @property
    def session(self) -> Session:
        return self._slot.session

    @property
    def path(self) -> Path:
        return self._slot.path

    @property
    def set_aside(self) -> Path | None:
        """Where an earlier recording was put that had been killed; None where there was none."""
        return self._slot.journal.set_aside if self._slot.journal else None

    @classmethod
    async def insert(
        cls, settings: Settings, *, remedy: str, tell: Callable[[Line], None], quiet: bool = False
    ) -> Self:
        """Listen, read the cassette, and reach the upstream if requests can go there. If one fails, nothing stays.

        UsageError and CassetteError say what is wrong. `remedy` is what to do where the cassette lacks something.
        `tell` gets a line for each request, or for those in trouble only if it is to be `quiet`.
        """
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(bound(settings.port, settings.listen))
            path = folder.locate(Path(settings.root), settings.cassette)
            cassette = folder.read(path)
            if cassette is None and settings.mode is Mode.NONE:
                raise UsageError(folder.missing(path, remedy) or f"There is no cassette {path}. To fix: {remedy}")
            notice, sends = "", forwards(settings.mode, existed=cassette is not None)
            others: tuple[str, ...] = ()
            if settings.as_proxy:
                home = cassette_origin(settings, cassette, settings.upstream if sends else "")
                others = hosts.others(cassette, home, settings, path)
            elif cassette is not None:
                cassette, notice = hosts.of_one_host(cassette, settings, path)
            upstream = await open_upstreams(settings, stack, remedy) if sends else None
            sent_to = upstream.origin if upstream else ""
            spoken = cassette_origin(settings, cassette, sent_to)
            called = (spoken, "" if settings.upstream == SANDBOX else sent_to, *others)
            entrance = Entrance(settings, listener, called, stack)
            links = wire.Links(entrance.origin, spoken, sent_to)
            session = opened(settings, path, cassette, links, remedy, others)
            journal = Journal.open(path) if upstream else None
            slot = Slot(
                path,
                session,
                journal,
                partial(remember, settings),
                None if journal else cassette,
                reopening(settings, path, cassette, links, remedy, others) if upstream else None,
                saves_failed=settings.record_on_failure and cassette is None,
            )
            stack.callback(slot.let_go)
            handler = Handler(
                slot,
                upstream,
                limit=settings.body_limit,
                tell=tell,
                quiet=quiet,
                go_on=_continuing(settings, slot),
                placed=hosts.placed(others),
                door=entrance.door,
                patience=settings.request_timeout,
            )
            prompt = None if session.quick is None or upstream else Prompt(handler)
            stack.push_async_callback(entrance.close)
            await entrance.serve(handler, prompt)
            return cls(entrance, slot, stack.pop_all(), tuple(filter(None, (notice, *entrance.notices))))

    async def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """Stop listening, save what was recorded, say what came of it. `failed`: the run that this was for failed, or
        was `aborted`."""
        async with self._running:
            await self.entrance.close()  # running requests end before their session does
            return self._slot.eject(failed=failed, aborted=aborted)


def _continuing(settings: Settings, slot: Slot) -> Callable[[HandOver], Response | None] | None:
    """Who answers what was missed; None where nobody does."""
    if settings.on_miss != SANDBOX:
        return None
    from replayer.proxy.sandbox_answers import Continuing  # late: it brings the sandbox

    return Continuing(slot.session).answer


async def open_upstreams(settings: Settings, stack: AsyncExitStack, remedy: str) -> Upstream | Upstreams:
    """All upstreams of the settings; see `open_upstream`."""
    first = await open_upstream(settings, stack, remedy)
    if not settings.others:
        return first
    more = (replace(settings, upstream=origin) for origin in settings.others)
    return Upstreams(first, [await open_upstream(each, stack, remedy) for each in more])


async def open_upstream(settings: Settings, stack: AsyncExitStack, remedy: str) -> Upstream:
    """The upstream of the settings, reached; it is closed with the stack. UsageError where there is none."""
    if not settings.upstream:
        raise UsageError(f"There is no upstream to record {settings.cassette} from. To fix: {remedy}")
    target = settings.upstream
    if target == SANDBOX:
        from replayer.sandbox import Sandbox  # late: most sessions have no use for it

        target = (await stack.enter_async_context(Sandbox())).url
    upstream = Upstream(
        target, timeout=settings.timeout, stream_timeout=settings.stream_timeout, tls=trust.context(settings)
    )
    stack.push_async_callback(upstream.close)
    try:
        await upstream.reach()
    except UntrustedError as error:
        raise UsageError(f"The upstream {target} cannot be asked: {error}.") from None
    except UpstreamError as error:
        raise UsageError(f"The upstream {target} cannot be reached: {error}. Is it running?") from None
    return upstream
