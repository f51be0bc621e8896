"""The streams of one slot that are open: each event is named, searched and on disk before its client is told it."""

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from replayer import cassettes as vcr_format
from replayer.cassettes import servable
from replayer.core.message import Response
from replayer.core.recording import Exchange, OpenStream
from replayer.core.session import Recorded

if TYPE_CHECKING:
    from replayer.proxy.slot import Slot


class StreamBegun(NamedTuple):
    """What came of the head of a stream. `wrong` is why no cassette could give it, `trouble` why it could not be kept;
    `note` is to be told. Where neither is empty it has not begun."""

    exchange: Exchange
    recorded: Recorded
    stream: OpenStream | None = None
    wrong: str = ""
    trouble: str = ""
    note: str = ""


class StreamsOnDisk:
    """All of it is for one slot, which holds this, and is handed to it: whoever lets go of the slot has nothing to look
    for. `torn` is the first stream, in words, that the upstream broke off and the cassette had whole."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._open: dict[OpenStream, int] = {}
        self._last = 0.0
        self.torn = ""

    def __repr__(self) -> str:
        return f"<StreamsOnDisk {len(self._open)} open>"

    def begin(self, slot: "Slot", exchange: Exchange, head: Response, at: float) -> StreamBegun:
        """Take in the head of a stream, which came at that time: named, searched, and on disk."""
        exchange, note = slot.settle(exchange, head)
        session = slot.session
        recorded = session.record(exchange, head, at)
        text, number = vcr_format.entry(recorded.interaction), next(self._numbers)
        if wrong := servable.unreadable(recorded.interaction.response, text):
            session.recorder.pass_by(exchange)
            return StreamBegun(exchange, recorded, wrong=wrong)
        credentials = slot.credentials_of(exchange)
        trouble = slot.examined(recorded.interaction, text, credentials)
        trouble = trouble or slot.written(lambda journal: journal.begin_stream(number, text))
        if trouble:
            slot.abandon(exchange)
            return StreamBegun(exchange, recorded, trouble=trouble)
        stream = session.recorder.open(exchange, recorded.interaction, at)
        self._open[stream] = number
        self._last = at
        return StreamBegun(exchange, recorded, stream, note=note)

    def tell(self, slot: "Slot", stream: OpenStream, text: str, at: float) -> tuple[bytes, str]:
        """What the client of a stream is told of its next event, which is on disk by now; or why it is not."""
        number = self._open[stream]
        event, shown = slot.session.event(stream, text, at)
        one = replace(stream.head, response=Response.of(event))  # its request was searched when it began
        trouble = slot.examined(one, event.text, slot.credentials_of(stream.exchange))
        trouble = trouble or slot.written(lambda journal: journal.add_event(number, event.text))
        if trouble:
            return b"", trouble
        stream.add(event, at)
        self._last = at
        return shown, ""

    def end(self, slot: "Slot", stream: OpenStream, why: str, at: float) -> str:
        """A stream has ended so, at that time: all of it is on disk. What is in the way, where that cannot be."""
        number = self._open.pop(stream)
        whole = stream.ended(why, at)
        text = vcr_format.entry(whole)
        if trouble := slot.written(lambda journal: journal.end_stream(number, text)):
            slot.session.recorder.drop(stream)
            return trouble
        if why == "broken" and stream.earlier is not None and stream.earlier.streamed.ended != why:
            self.torn = self.torn or slot.session.scrubbed(f"the stream of {stream.origin.request}")
        slot.session.recorder.close(stream, whole)
        return ""

    def drop(self, slot: "Slot", stream: OpenStream) -> None:
        """A stream is not kept: it goes on without."""
        number = self._open.pop(stream)
        slot.written(lambda journal: journal.end_stream(number))
        slot.session.recorder.drop(stream)

    def cut(self, slot: "Slot") -> None:
        """The recording ends before these do."""
        for stream in list(self._open):
            self.end(slot, stream, "cut", self._last)
