"""What a test sees of the webhooks of its session: those that came, in their order; it may wait for one, hold them
back, let them go, and deliver one again.

All of this may be called from any thread but the one that the session runs in: there the same is awaited.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

from replayer.core.deliveries import Due, signature
from replayer.core.message import Request
from replayer.errors import ReplayerError

PATIENCE = 5.0  # seconds that a test waits for a webhook, unless it says how long
TAKEN = range(200, 300)  # statuses by which a program says that it has one
JSON = (("Content-Type", "application/json; charset=utf-8"),)

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Webhook:
    """One webhook as the program is shown it. `type` is what it tells, `invoice.paid`, `about` the id of the object
    that it is about; `statuses` are those of the program's answers, one for each time that it was sent, 0 where there
    was no answer."""

    type: str
    about: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    statuses: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, due: Due) -> Self:
        return cls(due.announced.type, due.announced.about, due.request.body, due.request.headers)

    def __repr__(self) -> str:
        return f"<Webhook {self.type} {self.about} {self.statuses}>"

    @property
    def event(self) -> Any:
        """What it says, as JSON has it."""
        return Request("POST", "/", self.headers, self.body).json

    @property
    def is_taken(self) -> bool:
        """Whether the program has taken it."""
        return bool(self.statuses) and self.statuses[-1] in TAKEN

    def again(self) -> "Webhook":
        """The same, to be sent anew."""
        return Webhook(self.type, self.about, self.body, self.headers)


class Sending(Protocol):
    """What delivers them."""

    def go_on(self) -> None: ...

    def waiting(self) -> list[Webhook]: ...

    async def release(self, chosen: Callable[[Webhook], bool]) -> None: ...

    async def hand(self, webhook: Webhook) -> int: ...

    def signed(self, webhook: Webhook) -> list[tuple[str, str]]: ...


class Webhooks:
    """The webhooks of one session, `endpoint` being who takes them: an address of the program, which may be set when
    that is known. `url` is where the API delivers them while something is recorded; empty where nobody listens."""

    def __init__(self, endpoint: str = "") -> None:
        self.endpoint, self.url, self.secret = endpoint, "", signature.SECRET
        self.is_held = False
        self._received: list[Webhook] = []
        self._waited = Counter[tuple[str, str]]()
        self._changed = threading.Condition()
        self._sending: Sending | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"<Webhooks {len(self._received)} to {self.endpoint or 'nobody'}>"

    def begin(self, sending: Sending) -> None:
        """They are delivered by that, on the loop that runs now."""
        self._sending, self._loop = sending, asyncio.get_running_loop()

    def end(self) -> None:
        """Nothing is delivered any more; what came stays."""
        self._sending = self._loop = None

    def came(self, webhook: Webhook) -> None:
        """That one is due now, or has come."""
        with self._changed:
            self._received.append(webhook)

    def changed(self) -> None:
        """Whoever waits may look again."""
        with self._changed:
            self._changed.notify_all()

    # -- what there is ------------------------------------------------------------------------------------------

    @property
    def received(self) -> list[Webhook]:
        """Those that were sent to the program so far, in their order."""
        with self._changed:
            return list(self._received)

    @property
    def held(self) -> list[Webhook]:
        """Those that are due and wait, in their order."""
        return self._sender.waiting()

    @property
    def untaken(self) -> int:
        """How many of them nobody took."""
        return sum(not webhook.is_taken for webhook in self.received)

    def headers(self, webhook: Webhook) -> dict[str, str]:
        """The headers of one with a signature of now, for who hands it to the program himself."""
        return dict(self._sender.signed(webhook))

    # -- waiting ------------------------------------------------------------------------------------------------

    def wait(self, type: str, *, about: str = "", timeout: float = PATIENCE) -> Webhook:  # noqa: A002 - the API's word
        """The next webhook of that type that nobody waited for yet, once the program has answered it; ReplayerError
        where none comes within so many seconds. `about` is the id of the object that it must be about."""
        self._refuse_own_thread("wait")
        with self._changed:
            if not self._changed.wait_for(lambda: self._next(type, about) is not None, timeout):
                raise ReplayerError(self._nothing_came(type, about, timeout))
            return self._take(type, about)

    async def wait_async(self, type: str, *, about: str = "", timeout: float = PATIENCE) -> Webhook:  # noqa: A002, ASYNC109
        """The same where the loop of the session must go on."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while self._next(type, about) is None:
            if loop.time() >= until:
                raise ReplayerError(self._nothing_came(type, about, timeout))
            await asyncio.sleep(0.005)
        return self._take(type, about)

    def _next(self, type_: str, about: str) -> Webhook | None:
        found = [one for one in self._received if one.type == type_ and about in ("", one.about)]
        number = self._waited[type_, about]
        if number >= len(found):
            return None
        is_told = found[number].statuses or not self.endpoint
        return found[number] if is_told else None

    def _take(self, type_: str, about: str) -> Webhook:
        found = self._next(type_, about)
        if found is None:
            raise RuntimeError("somebody else took it")
        self._waited[type_, about] += 1
        return found

    def _nothing_came(self, type_: str, about: str, timeout: float) -> str:
        came = ", ".join(f"{one.type} {one.about}".strip() for one in self._received) or "none"
        held = " They are held: release them." if self.is_held else ""
        about = f" about {about}" if about else ""
        return f"No webhook {type_}{about} came within {timeout:g} seconds. Those that came: {came}.{held}"

    # -- order and duplicates -----------------------------------------------------------------------------------

    def hold(self) -> None:
        """Deliver nothing from now on: what is due waits for `release`."""
        self.is_held = True

    def release(self, *types: str) -> None:
        """Deliver what was held, in its order, and hold nothing more. With types only the first ones of these, in the
        order in which they are given; the others stay held."""
        self._refuse_own_thread("release")
        self._run(self.release_async(*types))

    async def release_async(self, *types: str) -> None:
        """The same where the loop of the session must go on."""
        sender = self._sender
        for type_ in types:
            first = next((one for one in sender.waiting() if one.type == type_), None)
            if first is None:
                waiting = ", ".join(one.type for one in sender.waiting()) or "none"
                raise ReplayerError(f"No webhook {type_} is held. Those that are: {waiting}.")
            taken = iter((True,))
            await sender.release(lambda one, type_=type_, taken=taken: one.type == type_ and next(taken, False))  # type: ignore[misc]
        if not types:
            self.is_held = False
            await sender.release(lambda _: True)
            sender.go_on()

    def deliver(self, what: str | Mapping[str, Any] | Webhook) -> int:
        """Deliver one now, and give the status of the program's answer, 0 where there is none: one that came already,
        by its type or as it is, or an event that you wrote yourself."""
        self._refuse_own_thread("deliver")
        return self._run(self.deliver_async(what))

    async def deliver_async(self, what: str | Mapping[str, Any] | Webhook) -> int:
        """The same where the loop of the session must go on."""
        webhook = self._written(what)
        self.came(webhook)
        return await self._sender.hand(webhook)

    def _written(self, what: str | Mapping[str, Any] | Webhook) -> Webhook:
        if isinstance(what, Webhook):
            return what.again()
        if not isinstance(what, str):
            about = what.get("data", {}).get("object", {}).get("id", "")
            return Webhook(str(what.get("type", "")), str(about), json.dumps(what, indent=2).encode(), JSON)
        known = [*self.received, *self._sender.waiting()]
        found = next((one for one in reversed(known) if one.type == what), None)
        if found is None:
            came = ", ".join(dict.fromkeys(one.type for one in known)) or "none"
            raise ReplayerError(f"No webhook {what} came that could be delivered. Those that came: {came}.")
        return found.again()

    # -- whose thread -------------------------------------------------------------------------------------------

    @property
    def _sender(self) -> Sending:
        if self._sending is None:
            raise ReplayerError("This session delivers nothing: it is not running.")
        return self._sending

    def _run(self, what: Coroutine[Any, Any, T]) -> T:
        if self._loop is None or self._loop.is_closed():
            what.close()
            raise ReplayerError("This session delivers nothing: it is not running.")
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    def _refuse_own_thread(self, name: str) -> None:
        try:
            is_own = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return
        if is_own:
            raise ReplayerError(f"The session runs on this loop, which must go on: await {name}_async instead.")
