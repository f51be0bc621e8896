"""Many sessions in one program, each with a port of its own. A session is here what it is everywhere; this is only who
has which cassette, and what became of those that have ended.

open  ->  ejecting  ->  ejected, and told of for a while
"""

import asyncio
import errno
import logging
import os
import resource
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from replayer.cassettes import Journal, folder
from replayer.core.modes import Mode, forwards
from replayer.core.session import Receipt, verdicts
from replayer.proxy import breakdown
from replayer.proxy.guard import Barred
from replayer.proxy.handler import Line
from replayer.proxy.inserted import Inserted
from replayer.proxy.looking import numbers
from replayer.proxy.slot import Ejected
from replayer.settings import Settings

MOST_ENDED = 1000  # sessions that are told of after they have ended
MOST_MISSES = 100  # of one session that are shown, the first ones
FEW_MISSES = 10  # the same in a list of sessions
SPARE = 64  # descriptors that no session is opened with: for calls, for more clients, for what is saved
ROOM = {True: 3, False: 1}  # that one needs besides: for a client, and where it records, for both ends of its upstream
MANY = 1 << 20
NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
ID_LENGTH = 8  # bytes of chance

log = logging.getLogger("replayer")


@dataclass(slots=True)
class Hosted:
    """A session that is open. `used` is when something was last done in it, by the clock of its server, and `seen` what
    had been done by then; `ending` is its ejection, once that has begun."""

    id: str
    settings: Settings
    inserted: Inserted
    used: float
    seen: Receipt
    ending: "asyncio.Task[Ended] | None" = field(default=None)

    @property
    def head(self) -> dict[str, Any]:
        """What whoever opened it is told: of TLS also which certificate is to be believed."""
        settings, certificate = self.settings, self.inserted.entrance.certificate
        head = {"id": self.id, "url": self.inserted.url, "cassette": settings.cassette, "mode": settings.record_mode}
        return head if certificate is None else {**head, "certificate": str(certificate.absolute())}

    @property
    def state(self) -> str:
        return "open" if self.ending is None else "ejecting"

    def shown(self, misses: int = MOST_MISSES) -> dict[str, Any]:
        """All that can be told of it, with so many of its misses."""
        told = [_miss(miss) for miss in self.inserted.session.misses[:misses]]
        return {**self.head, "state": self.state, "receipt": numbers(self.inserted.receipt), "misses": told}


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that has been ejected, why, and what came of it; `misses` are those that it had, the first ones."""

    id: str
    settings: Settings
    path: Path
    ejected: Ejected
    misses: tuple[verdicts.Refuse, ...]
    why: str = ""

    @property
    def shown(self) -> dict[str, Any]:
        """All that can be told of it. `saved` is whether a recording has become the cassette; None where nothing was
        recorded, and `reason` is why it has not."""
        ejected = self.ejected
        saved = False if ejected.kept else True if ejected.receipt.recorded else None
        return {
            "id": self.id,
            "cassette": self.settings.cassette,
            "mode": self.settings.record_mode,
            "state": "ejected",
            "why": self.why,
            "receipt": numbers(ejected.receipt),
            "misses": [_miss(miss) for miss in self.misses],
            "saved": saved,
            "reason": ejected.kept or "",
            "notes": [*filter(None, (ejected.edited,)), *ejected.late],
            "unmet": list(ejected.unmet),
        }


class Sessions:
    """The sessions of one server, by their ids. `settings` are what each begins with, `tell` gets a line for each
    request with the name of its cassette, `end` each session that has ended."""

    def __init__(
        self,
        settings: Settings,
        *,
        tell: Callable[[str, Line], None],
        note: Callable[[str], None],
        end: Callable[[Ended], None],
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._tell, self._note, self._end, self._quiet, self._clock = tell, note, end, quiet, clock
        self._open: dict[str, Hosted] = {}
        self._ended: OrderedDict[str, Ended] = OrderedDict()
        self._claims: dict[
            str, tuple[str, bool]
        ] = {}  # by session, the real path of its cassette, and whether it records
        self._is_closing = False

    def __repr__(self) -> str:
        return f"<Sessions {len(self._open)} open, {len(self._ended)} ended>"

    def __iter__(self) -> Iterator[Hosted]:
        return iter(self._open.values())

    @property
    def ended(self) -> tuple[Ended, ...]:
        """Those that have ended, the last one first."""
        return tuple(reversed(self._ended.values()))

    def find(self, session: str) -> Hosted | Ended | Barred:
        """The session of that id; asking for it is using it."""
        hosted = self._open.get(session)
        if hosted is not None:
            hosted.used = self._clock()
            return hosted
        return self._ended.get(session) or _no_session(session)

    async def open(self, chosen: Mapping[str, Any]) -> Hosted | Barred:
        """A session with those settings, listening; or why there is none now. UsageError and CassetteError where there
        never will be one with these."""
        settings = self.settings.over(chosen)
        path = folder.locate(settings.folder, settings.cassette)
        if barred := self._barred(settings, path):
            return barred
        name = secrets.token_hex(ID_LENGTH)
        self._claims[name] = (str(path.resolve()), _may_record(settings, path))
        try:
            inserted = await Inserted.insert(
                settings, remedy=_remedy(settings), tell=lambda line: self._tell(settings.cassette, line),
                quiet=self._quiet,
            )  # fmt: skip
        except OSError as error:
            del self._claims[name]
            if error.errno in NO_DESCRIPTORS:
                return self._full()
            raise
        except BaseException:
            del self._claims[name]
            raise
        self._claims[name] = (str(path.resolve()), inserted.records)
        hosted = Hosted(name, settings, inserted, self._clock(), inserted.receipt)
        self._open[name] = hosted
        for notice in inserted.notices:
            self._note(f"{settings.cassette}: {notice}")
        if inserted.set_aside:
            self._note(f"An earlier recording was killed. What it had is in {inserted.set_aside}.")
        return hosted

    def _barred(self, settings: Settings, path: Path) -> Barred | None:
        if self._is_closing:
            return Barred(503, "ending", "The server ends. Start another one.")
        place, records = str(path.resolve()), _may_record(settings, path)
        for name, (other, recorded) in self._claims.items():
            if other == place and (records or recorded):
                does = "records" if recorded else "replays"
                return Barred(
                    409, "in_use", f"The cassette {settings.cassette} is in use: session {name} {does} it. Eject that "
                    "one first, or name another cassette.",
                )  # fmt: skip
        if records and Journal.is_held(path):
            return Barred(
                409, "in_use", f"The cassette {settings.cassette} is in use: another replayer records it. Stop that "
                "one, or name another cassette.",
            )  # fmt: skip
        reserved = SPARE + sum(ROOM[recorded] for _, recorded in self._claims.values())
        return self._full() if _descriptors_left() < reserved else None

    def _full(self) -> Barred:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return Barred(
            503, "descriptors", f"This program may have {most} files and connections open, and {len(self._open)} "
            "sessions need most of them. Eject some, or start the server with a higher 'ulimit -n'.",
        )  # fmt: skip

    async def eject(self, hosted: Hosted, *, failed: bool = False, aborted: bool = False, why: str = "") -> Ended:
        """End a session, once: whoever asks again is told the same. Who asked may leave meanwhile."""
        if hosted.ending is None:
            ending = self._eject(hosted, why, failed=failed, aborted=aborted)
            hosted.ending = asyncio.get_running_loop().create_task(ending)
        return await asyncio.shield(hosted.ending)

    async def _eject(self, hosted: Hosted, why: str, *, failed: bool, aborted: bool) -> Ended:
        inserted = hosted.inserted
        try:
            ejected = await inserted.eject(failed=failed, aborted=aborted)
        except OSError as error:
            ejected = Ejected(inserted.receipt, f"it cannot be written: {error.strerror}")
        except Exception as error:  # the last resort: the other sessions are to end as they should
            found = breakdown.of(error)
            log.warning("%s", found.note)
            ejected = Ejected(inserted.receipt, f"Replayer failed when it ended (reference {found.reference})")
        finally:
            del self._open[hosted.id], self._claims[hosted.id]
        misses = tuple(inserted.session.misses[:MOST_MISSES])
        ended = Ended(hosted.id, hosted.settings, inserted.path, ejected, misses, why)
        self._ended[hosted.id] = ended
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)
        self._end(ended)
        return ended

    async def eject_idle(self, seconds: float) -> None:
        """End the sessions in which nothing was done for so long. Nobody has said that their runs are whole: no
        recording of theirs replaces an older one."""
        now = self._clock()
        idle = [hosted for hosted in self if hosted.ending is None and self._idle(hosted, now) >= seconds]
        await asyncio.gather(*(self.eject(hosted, failed=True, why=f"idle for {seconds:g} seconds") for hosted in idle))

    def _idle(self, hosted: Hosted, now: float) -> float:
        seen = hosted.inserted.receipt
        if seen != hosted.seen or hosted.inserted.session.recorder.is_waiting:
            hosted.used, hosted.seen = now, seen
        return now - hosted.used

    async def eject_all(self) -> None:
        """End all of them, and open no more."""
        self._is_closing = True
        await asyncio.gather(*(self.eject(hosted) for hosted in self))


def _may_record(settings: Settings, path: Path) -> bool:
    return forwards(settings.mode, existed=path.exists())


def _remedy(settings: Settings) -> str:
    upstream = "" if settings.upstream else ' and an "upstream"'
    return f'open it with "mode": "{Mode.ALL.value}"{upstream}'


def _no_session(session: str) -> Barred:
    return Barred(
        404, "session", f"There is no session {session!r}, and of the last {MOST_ENDED} that ended it is none."
    )


def _descriptors_left() -> int:
    """How many files and connections this program may still open; many, where nobody can tell."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        return most - len(os.listdir("/dev/fd")) if most != resource.RLIM_INFINITY else MANY  # noqa: PTH208
    except OSError as error:
        return 0 if error.errno in NO_DESCRIPTORS else MANY


def _miss(miss: verdicts.Refuse) -> dict[str, str]:
    return {"reason": miss.reason.value, "message": miss.message}
