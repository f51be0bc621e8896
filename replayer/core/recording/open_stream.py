"""A stream that is being recorded: its events so far, and what the file keeps of them in the end.

What chance decides in it changes no file: how long its events took, how often its API said that it is still there, and
how far a client had been answered that left. Of these the first recording stays, as long as the events are equal.
"""

from dataclasses import dataclass, field, replace
from math import floor

from replayer.core.cassette import Interaction, Streamed
from replayer.core.clock import facts
from replayer.core.message import Response
from replayer.core.naming import Origin
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.partial_order import Value
from replayer.core.streams import StreamEvent, StreamForm, events

TENTHS = 10  # of a second: who tells them again in their time is late by less
EARLY = 0.2  # tenths by which two clocks may differ
UNFINISHED = ("left", "cut")  # it was not the upstream that ended it


@dataclass(eq=False)
class OpenStream:
    """One answer whose head was named. `began` is when that came, in seconds since 1970; `earlier` is what an older
    recording has in its place, `touched` what it touches, whatever its events tell."""

    exchange: Exchange
    head: Interaction
    origin: Origin
    moment: facts.Moment
    value: Value
    began: float
    earlier: Interaction | None
    touched: frozenset[str]
    length: int = 0  # bytes of what is recorded
    _texts: list[str] = field(default_factory=list)
    _waits: list[tuple[int, int]] = field(default_factory=list)
    _told: int = 0  # events that told something
    _came: int = 0  # tenths of a second until the last of them

    def __repr__(self) -> str:
        return f"<OpenStream {self.origin.request} {self.told}>"

    @property
    def told(self) -> str:
        """How far it has come, in words."""
        return "1 event" if self._told == 1 else f"{self._told} events"

    @property
    def cut_as(self) -> StreamForm:
        """How it is cut."""
        return self.head.response.stream or StreamForm.BLOCKS

    def origin_of(self, event: Response) -> Origin:
        """Where the next event is first seen."""
        older = self._older[self._told] if self._told < len(self._older) else None
        origin = replace(self.origin, event=self._told)
        return origin.beside(Response.of(older), event) if older else origin

    def moment_at(self, at: float) -> facts.Moment:
        """The moment of an event that came at that time, by the upstream's clock as the head had it."""
        second = self.moment.ended + max(0, floor(at - self.began))
        return replace(self.moment, began=second, ended=second)

    def add(self, event: StreamEvent, at: float) -> None:
        """That is the next one, in cassette space."""
        if not event.is_idle:
            self._wait(at)
            self._told += 1
        self._texts.append(event.text)
        self.length += len(event.text)

    def _wait(self, at: float) -> None:
        came = floor((at - self.began) * TENTHS + EARLY)
        if came > self._came:
            self._waits.append((self._told, came - self._came))
            self._came = came

    def ended(self, why: str, at: float) -> Interaction:
        """All of it, as it is kept. `why` is one of cassette.ENDINGS, or empty where it came to its end."""
        if why not in UNFINISHED:
            self._wait(at)
        body = "".join(self._texts).encode("utf-8", "surrogateescape")
        streamed = Streamed(why, tuple(self._waits))
        if self.earlier is not None and self._is_as_before(why):
            body, was = self.earlier.response.body, self.earlier.streamed
            streamed = was if why in UNFINISHED else replace(was, ended=why)
        return Interaction(self.head.request, replace(self.head.response, body=body), streamed)

    def _is_as_before(self, why: str) -> bool:
        """Whether an older recording has the same events; or more of them, where this one was left before its end."""
        now = [event.text for text in self._texts for _, event in events(text, self.cut_as) if not event.is_idle]
        then = [event.text for event in self._older]
        return now == then or (why in UNFINISHED and now == then[: len(now)])

    @property
    def _older(self) -> list[StreamEvent]:
        if self._read is None:
            text = self.earlier.response.body.decode("utf-8", "surrogateescape") if self.earlier else ""
            self._read = [event for _, event in events(text, self.cut_as) if not event.is_idle]
        return self._read

    _read: list[StreamEvent] | None = None
