"""A stream as text: where one event ends and the next begins, where the values of one stand. It knows no message.

    : a comment\n\ndata: {"id": 1}\n\ndata: tw         the bytes as they come, cut anywhere
    [: a comment\n\n] [data: {"id": 1}\n\n]           whole events; `data: tw` waits for the rest of it

An event is what a client is told at once: a block of server-sent events, a line of JSON lines. Where it ends depends on
the bytes alone, not on how they came. A block of comments keeps a connection alive and tells nothing: it is `idle`.
"""

from replayer.core.streams.cutting import Cutter
from replayer.core.streams.event import StreamEvent, StreamForm, StreamValue, events, form_of

__all__ = ["Cutter", "StreamEvent", "StreamForm", "StreamValue", "events", "form_of"]
