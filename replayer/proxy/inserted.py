"""An inserted cassette: everything that runs for one session, from listening to the receipt."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from replayer.cassettes import Journal, folder, store
from replayer.core.cassette import Cassette
from replayer.core.faults import FaultRule
from replayer.core.message import wire
from replayer.core.modes import Mode, forwards
from replayer.core.session import HandOver, Receipt, Session, verdicts
from replayer.errors import UsageError
from replayer.inspector import Desk, Feed
from replayer.proxy import expiry, hosts, trust
from replayer.proxy.aside import MANY, aside, is_large
from replayer.proxy.control import Control, token_of
from replayer.proxy.entrance import Entrance
from replayer.proxy.handler import Handler, Line
from replayer.proxy.injecting import Injecting
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.looking import journals, looked_at
from replayer.proxy.moving import Moving
from replayer.proxy.opening import Insertion, cassette_origin, remember
from replayer.proxy.own_key import OwnKey
from replayer.proxy.prompt import Prompt
from replayer.proxy.receipts import Accounting
from replayer.proxy.server import bound
from replayer.proxy.slot import Ejected, Slot
from replayer.proxy.upstream import UntrustedError, Upstream, UpstreamError, Upstreams
from replayer.proxy.webhook import Webhooks
from replayer.proxy.webhook_side import WebhookPort, WebhookSide
from replayer.settings import Settings, words
from replayer.vcr_words import JSON, SERIALIZER


class Inserted:
    """A session that listens. `entrance` is how clients find it, `notices` are what its user should know."""

    def __init__(
        self,
        entrance: Entrance,
        slot: Slot,
        running: AsyncExitStack,
        control: Control,
        webhook_side: WebhookSide,
        notices: tuple[str, ...] = (),
        inspecting: Inspecting | None = None,
        accounting: Accounting | None = None,
    ) -> None:
        self.entrance, self._slot, self._running, self.notices = entrance, slot, running, notices
        self._control, self._webhook_side, self._inspecting = control, webhook_side, inspecting
        self._accounting = accounting

    def __repr__(self) -> str:
        return f"<Inserted {self._slot.path} at {self.url}>"

    @property
    def url(self) -> str:
        """Where clients find it."""
        return self.entrance.url

    @property
    def inspector(self) -> str:
        """The address of the page that shows it, with the token; empty where there is none."""
        return "" if self._inspecting is None else self._inspecting.address(self.url)

    @property
    def session(self) -> Session:
        return self._slot.session

    @property
    def path(self) -> Path:
        return self._slot.path

    @property
    def receipt(self) -> Receipt:
        """What the session has done so far, with what went wrong on purpose."""
        return self._complete(self.session.receipt())

    def _complete(self, receipt: Receipt) -> Receipt:
        """A receipt with what the session itself does not see."""
        webhooks = self.webhooks
        came, untaken = len(webhooks.received), webhooks.untaken
        return replace(receipt, faults=self._control.injecting.faults.done, webhooks=came, untaken=untaken)

    @property
    def webhooks(self) -> Webhooks:
        """What came of webhooks so far, and who takes them."""
        return self._webhook_side.webhooks

    @property
    def records(self) -> bool:
        """Whether anything may be recorded: then nobody else can record to that cassette."""
        return self._slot.journal is not None

    @property
    def faults(self) -> list[dict[str, str | int]]:
        """The faults that it meets, and how often each was met."""
        return self._control.injecting.faults.shown

    @property
    def token(self) -> str:
        """What lets a program on this machine control the session."""
        return self._control.token

    @property
    def moving(self) -> Moving:
        """What moves the clock of an embedded sandbox."""
        return self._control.moving

    def lay(self, rules: Iterable[FaultRule]) -> None:
        """From now on the session meets these faults, and no others."""
        self._control.injecting.lay(rules)

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
            await _bring(settings)
            path = folder.locate(settings.folder, settings.cassette)
            settings, aged = expiry.applied(settings, path, remedy)
            is_long = is_large(path)
            accounting = await aside(partial(Accounting.of, settings, path), is_long=is_long)
            only_plays = not forwards(settings.mode, existed=True)
            cassette = await aside(partial(folder.opened if only_plays else folder.read, path), is_long=is_long)
            if cassette is not None:
                stack.callback(cassette.let_go)
            if cassette is None and settings.mode is Mode.NONE:
                if not settings.allow_unused:
                    raise UsageError(folder.missing(path, remedy, otherwise=f"To fix: {remedy}"))
                cassette = Cassette()
            notice, sends = "", forwards(settings.mode, existed=cassette is not None)
            if sends and JSON in (path.suffix.removeprefix("."), settings.words_of_vcrpy.get(SERIALIZER)):
                other = "Leave serializer out" if path.suffix == ".yaml" else f"Name it {path.stem}.yaml"
                raise UsageError(
                    f"{path} cannot be recorded: a cassette is YAML, for it is made to be reviewed. {other}."
                )
            others: tuple[str, ...] = ()
            if settings.as_proxy:
                home = cassette_origin(settings, cassette, settings.upstream if sends else "")
                others = hosts.others(cassette, home, settings, path)
            elif cassette is not None:
                cassette, notice = hosts.of_one_host(cassette, settings, path)
            port = WebhookPort.of(settings, stack) if sends and settings.hears_webhooks else None
            upstream = await open_upstreams(settings, stack, remedy, port) if sends else None
            sent_to = upstream.origin if upstream else ""
            spoken = cassette_origin(settings, cassette, sent_to)
            called = (spoken, "" if settings.upstream == words.SANDBOX else sent_to, *others)
            entrance = Entrance(settings, listener, called, stack)
            links = wire.Links(entrance.origin, spoken, sent_to)
            insertion = Insertion(settings, path, cassette, links, remedy, others)
            session = await aside(insertion.session, is_long=is_long)
            journal = Journal.open(path) if upstream else None
            slot = Slot(
                path,
                session,
                journal,
                partial(remember, settings),
                None if journal else cassette,
                insertion.otherwise() if upstream else None,
                saves_failed=settings.record_on_failure and cassette is None,
            )
            stack.callback(slot.let_go)
            injecting = Injecting(settings.fault_rules, settings.held_back)
            control = Control(token_of(settings.token_file), injecting, Moving(upstream))
            feed = Feed(time.time) if settings.inspector else None
            inspecting = None
            if feed is not None:
                source = looked_at(slot, entrance.url, feed, injecting.faults, None if journal else cassette)
                desk = Desk(source, {"journals": lambda _: journals(settings.root)})
                inspecting = Inspecting(desk, control.token, entrance.door)
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
                hold=settings.timeout,
                injecting=injecting,
                control=control,
                feed=feed,
                inspecting=inspecting,
            )
            webhook_side = await WebhookSide.begin(settings, slot, handler, port)
            stack.push_async_callback(webhook_side.close)
            prompt = None if session.quick is None or upstream else Prompt(handler)
            stack.push_async_callback(entrance.close)
            await entrance.serve(handler, prompt)
            if cassette is not None and cassette.shelf is not None:
                saving = asyncio.create_task(aside(cassette.shelf.save, is_long=True))
                stack.push_async_callback(asyncio.wait, [saving])
            notices = tuple(filter(None, (aged, notice, *entrance.notices)))
            return cls(entrance, slot, stack.pop_all(), control, webhook_side, notices, inspecting, accounting)

    async def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """Stop listening, save what was recorded, say what came of it. `failed`: the run that this was for failed, or
        was `aborted`."""
        async with self._running:
            self._control.injecting.end()
            if not aborted:
                await self._webhook_side.settle()  # while the program may still ask for more
            if self._inspecting is not None:
                self._inspecting.end()
            await self.entrance.close()  # running requests end before their session does
            eject = partial(self._slot.eject, failed=failed, aborted=aborted)
            is_long = is_large(self.path) or len(self.session.recorder) >= MANY or self._slot.is_large
            ejected = await aside(eject, is_long=is_long)
            await self._webhook_side.close()
            unmet = tuple(map(str, self._control.injecting.faults.unmet))
            receipt, filed = self._complete(ejected.receipt), None
            if self._accounting is not None:
                filed = self._accounting.filed(self.session, receipt, ejected.kept or "", self._slot.credentials)
            return replace(ejected, receipt=receipt, unmet=unmet, filed=filed)


def _continuing(settings: Settings, slot: Slot) -> Callable[[HandOver], verdicts.Replay | None] | None:
    """Who answers what was missed; None where nobody does."""
    if settings.on_miss != words.SANDBOX:
        return None
    from replayer.proxy.sandbox_answers import Continuing  # late: it brings the sandbox

    return Continuing(slot.session, hears=bool(settings.webhooks)).answer


async def open_upstreams(
    settings: Settings, stack: AsyncExitStack, remedy: str, port: WebhookPort | None = None
) -> Upstream | Upstreams:
    """All upstreams of the settings; see `open_upstream`."""
    # The key of the settings is the first one's: no other host is shown it.
    first = await open_upstream(settings, stack, remedy, port)
    if not settings.others:
        return first
    more = (
        replace(settings, upstream=origin, upstream_auth="") for origin in settings.others
    )  # the key is the first's
    return Upstreams(first, [await open_upstream(each, stack, remedy) for each in more])


async def open_upstream(
    settings: Settings, stack: AsyncExitStack, remedy: str, port: WebhookPort | None = None
) -> Upstream:
    """The upstream of the settings, reached; it is closed with the stack. An embedded one delivers its webhooks at that
    port. UsageError where there is none."""
    if not settings.upstream:
        raise UsageError(f"There is no upstream to record {settings.cassette} from. To fix: {remedy}")
    target, sandbox = settings.upstream, None
    if target == words.SANDBOX:
        from replayer.sandbox import Sandbox  # late: most sessions have no use for it

        sandbox = await stack.enter_async_context(Sandbox(webhooks=port.url if port else None))
        target = sandbox.url
        if port is not None:
            port.is_embedded(sandbox.drained)
    timeouts = {"timeout": settings.timeout, "stream_timeout": settings.stream_timeout}
    upstream = Upstream(
        target,
        **timeouts,
        tls=trust.context(settings),
        key=OwnKey.of(settings),
        rate=settings.rate,
        keeps_429=settings.keep_429,
    )
    upstream.sandbox = sandbox
    stack.push_async_callback(upstream.close)
    try:
        await upstream.reach()
    except UntrustedError as error:
        raise UsageError(f"The upstream {target} cannot be asked: {error}.") from None
    except UpstreamError as error:
        raise UsageError(f"The upstream {target} cannot be reached: {error}. Is it running?") from None
    return upstream


async def _bring(settings: Settings) -> None:
    """Have the cassette of a root that is in a store; UsageError where it would be recorded to."""
    if not settings.is_stored:
        return
    if forwards(settings.mode, existed=True):
        raise UsageError(
            f"The root {settings.root} is a store, from which cassettes are only replayed. Set record_mode none; or "
            "pull them into a folder, record there, and push."
        )
    await aside(partial(store.rooted.bring, settings.root, settings.cassette, Path.cwd()), is_long=True)
