"""The Python API: one class for both worlds, `with` and `async with`."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from replayer.cassettes import folder
from replayer.core.faults import FaultRule
from replayer.core.session import Receipt, verdicts
from replayer.errors import ReplayerError
from replayer.proxy import receipts
from replayer.proxy.clock import Clock, Frozen
from replayer.proxy.handler import Line
from replayer.proxy.inserted import Inserted
from replayer.proxy.slot import Ejected
from replayer.proxy.thread import Threaded
from replayer.proxy.webhook import Webhooks
from replayer.settings import Settings
from replayer.testing import attending

if TYPE_CHECKING:
    from unittest import TestCase

ABORTS = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)

log = logging.getLogger("replayer")


class Replayer:
    """Replays one cassette, or records it, as long as its block runs.

        with Replayer("invoices.yaml", upstream="sandbox", record_mode="once") as replayer:
            client = stripe.StripeClient("sk_test_...", base_addresses={"api": replayer.url})

    In a `with` block the proxy runs in a thread of its own, in an `async with` block on the running loop. All settings
    can be given by name, or all at once as `Settings` in the place of the cassette. UsageError and CassetteError tell
    what cannot be, before anything is started; requests that the cassette cannot answer are in `misses`.
    """

    def __init__(
        self,
        cassette: str | PathLike[str] | Settings,
        *,
        tell: Callable[[Line], None] | None = None,
        remedy: str = "",
        **settings: Any,
    ) -> None:
        try:
            loaded = cassette if isinstance(cassette, Settings) else Settings.load({"cassette": cassette, **settings})
            loaded = replace(loaded, receipt=attending.wanted().get("receipt", loaded.receipt))
            self._settings: Settings = attending.placed(loaded)
        except ReplayerError as error:
            raise error.with_traceback(None) from None  # it says all: nobody need see the way through our modules
        self._given_remedy = remedy
        self._told = self._log if tell is None else tell
        self._frozen: Frozen | None = None
        self._inserted: Inserted | None = None
        self._threaded: Threaded | None = None
        self._ejected: Ejected | None = None

    @classmethod
    def for_test(cls, test: "TestCase", **settings: Any) -> Self:
        """One that is running, with the cassette of a test of unittest; it is ejected when that has been cleaned up.

            def setUp(self):
                self.replayer = Replayer.for_test(self)

        The cassette is `cassettes/<module>/<Class>.<test>.yaml` beside the test's file. A miss fails the test, even
        where its client swallowed the error.
        """
        from replayer.proxy.for_test import begin  # late: few programs are tests

        return begin(cls, test, settings)

    def __repr__(self) -> str:
        where = f" at {self.url}" if self._inserted and self._ejected is None else ""
        return f"<Replayer {self._settings.cassette} {self._settings.record_mode}{where}>"

    @property
    def settings(self) -> Settings:
        """The settings that it was made with."""
        return self._settings

    @property
    def is_over(self) -> bool:
        """Whether its session was ejected."""
        return self._ejected is not None

    @property
    def filed(self) -> receipts.FiledReceipt | None:
        """Its receipt for a file, once it is over; None where no setting names one."""
        return self._ejected.filed if self._ejected else None

    @property
    def url(self) -> str:
        """Where clients find the proxy: `http://127.0.0.1:PORT`, without a slash at its end."""
        return self._running.url

    @property
    def notices(self) -> tuple[str, ...]:
        """What there was to say when the session began: that its cassette is old, or speaks of another host."""
        return self._running.notices

    @property
    def certificate(self) -> Path | None:
        """The file with the certificate that clients are to believe, with `https` or `as_proxy`; None without TLS."""
        return self._running.entrance.certificate

    @property
    def cassette(self) -> Path:
        """The cassette's file."""
        return self._running.path

    @property
    def play_count(self) -> int:
        """How many requests were answered from the cassette."""
        return self._running.session.play_count

    @property
    def misses(self) -> list[verdicts.Refuse]:
        """The requests that had no answer, each with its reason and its explanation."""
        return list(self._running.session.misses)

    @property
    def receipt(self) -> Receipt:
        """What the session has done so far."""
        return self._running.receipt

    @property
    def token(self) -> str:
        """What lets a program on this machine make control calls, in the header `Replayer-Token`."""
        return self._running.token

    @property
    def webhooks(self) -> Webhooks:
        """The webhooks of this session: `received`, `wait("invoice.paid")`, `deliver(...)`, `hold()`, `release()`."""
        return self._running.webhooks

    @property
    def inspector(self) -> str:
        """The address of the page that shows this session, for a browser; empty where it is turned off."""
        return self._running.inspector

    def set_faults(self, *rules: str) -> None:
        """From now on it is these faults and no others that requests meet; without any, none. UsageError where one
        cannot be."""
        self._running.lay([FaultRule.parse(rule) for rule in rules])

    @property
    def clock(self) -> Clock:
        """The virtual clock of this session: `clock.now()` is a datetime, `clock.time()` seconds since 1970;
        `clock.advance(seconds)` lets time go by at the embedded sandbox that it records from."""
        running = self._running
        return Clock(lambda: running.session.clock.shown, running.moving.advance)

    @property
    def _remedy(self) -> str:
        """What to do where the cassette lacks something; it may be recorded only after this object was made."""
        return self._given_remedy or _remedy(self._settings)

    @property
    def _running(self) -> Inserted:
        if self._inserted is None:
            raise ReplayerError("This Replayer is not running yet. Use it in a 'with' or 'async with' block.")
        return self._inserted

    # -- in a thread --------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._freeze()
            self._threaded = Threaded(self._settings, remedy=self._remedy, tell=self._tell)
            self._begun(self._threaded.start())
        except ReplayerError as error:
            raise error.with_traceback(None) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.eject(failed=kind is not None, aborted=_is_abort(kind))

    def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """End a session that was begun by `with`, earlier than its block ends. `failed`: a run that went wrong must not
        replace an older cassette; one that was `aborted` makes no new one either."""
        if self._ejected is not None:
            return self._ejected
        if self._threaded is None:
            raise ReplayerError("Only a session that was begun by 'with' can be ejected early.")
        self._thaw()
        ejected = self._threaded.eject(failed=failed, aborted=aborted)
        self._ended(ejected)
        return ejected

    # -- on the running loop ------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        try:
            self._freeze()
            self._begun(await Inserted.insert(self._settings, remedy=self._remedy, tell=self._tell))
        except ReplayerError as error:
            raise error.with_traceback(None) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thaw()
        self._ended(await self._running.eject(failed=kind is not None, aborted=_is_abort(kind)))

    # -- its clock ----------------------------------------------------------------------------------------------

    def _freeze(self) -> None:
        """Before anything is started: UsageError where it cannot be."""
        self._frozen = Frozen() if self._settings.freeze else None

    # -- telling ------------------------------------------------------------------------------------------------

    def _begun(self, inserted: Inserted) -> None:
        self._inserted = inserted
        if self._frozen is not None:
            self._frozen.start(self.clock)
        for notice in inserted.notices:
            log.warning("%s", notice)
        if inserted.set_aside:
            log.warning("An earlier recording was killed; what it had is in %s.", inserted.set_aside)
        attending.begun(self)

    def _tell(self, line: Line) -> None:
        if self._frozen is not None:
            self._frozen.follow()
        self._told(line)

    def _log(self, line: Line) -> None:
        line.log(is_told=self._settings.fail_on_miss and attending.attended())

    def _thaw(self) -> None:
        if self._frozen is not None:
            self._frozen.stop()

    def _ended(self, ejected: Ejected) -> None:
        self._ejected = ejected
        attending.ended(self)
        if (filed := ejected.filed) is not None and not attending.attended():
            receipts.BOOK.enter(filed.file, [filed])
        for note in ejected.late:
            log.warning("%s: %s.", self._settings.cassette, note)
        if ejected.kept:
            log.warning("%s was not saved: %s.", self._settings.cassette, ejected.kept)
        for rule in ejected.unmet:
            log.warning("%s: no request met the fault %s.", self._settings.cassette, rule)
        if ejected.edited:
            log.warning("%s For all of it run 'replayer audit %s'.", ejected.edited, self.cassette)


def _is_abort(kind: type[BaseException] | None) -> bool:
    """Whether a run was ended from outside: what it had recorded till then is a torso."""
    return kind is not None and issubclass(kind, ABORTS)


def _remedy(settings: Settings) -> str:
    path = folder.locate(settings.folder, settings.cassette)
    upstream = settings.upstream or folder.likely_upstream(path)
    more = f", more_upstreams={list(settings.others)!r}" if settings.others else ""
    proxy = ", as_proxy=True" if settings.as_proxy else ""
    return f"record it with Replayer({settings.cassette!r}, upstream={upstream!r}{more}, record_mode='all'{proxy})"
