"""Bytes as they come, cut into whole events. It keeps the begin of one event, and nothing else."""

import re

from replayer.core.streams.event import ENDS, StreamForm

BEHIND = 3  # bytes that may be the begin of an event's end


class Cutter:
    """Cuts one stream of that form."""

    def __init__(self, form: StreamForm) -> None:
        self._end = re.compile(ENDS[form].encode())
        self._held = bytearray()
        self._looked = 0  # bytes of what is held in which no end begins

    def __repr__(self) -> str:
        return f"<Cutter {self.held} bytes wait>"

    @property
    def held(self) -> int:
        """How many bytes wait for the rest of their event."""
        return len(self._held)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that are whole by now, each with its end."""
        self._held += chunk
        found, begin = [], 0
        for match in self._end.finditer(self._held, self._looked):
            if match.end() == len(self._held) and match[0].endswith(b"\r"):
                break  # a line feed may follow, which belongs to it
            found.append(bytes(self._held[begin : match.end()]))
            begin = match.end()
        del self._held[:begin]
        self._looked = max(0, len(self._held) - BEHIND)
        return found

    def rest(self) -> bytes:
        """What came last and has no end: that of a stream that broke off, or has ended without one."""
        left = bytes(self._held)
        self._held.clear()
        self._looked = 0
        return left
