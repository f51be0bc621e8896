"""Client space to cassette space and back: what a client mints, counts from its clock, and is shown.

A value that its client makes anew in every run is a *hole* of the recorded request. The first live value that comes
there is bound to it for the whole session, and stands wherever the recorded one does.

    recorded   POST /v1/customers  metadata[order]=0b9f...   ->   {"metadata": {"order": "0b9f..."}}
    live       POST /v1/customers  metadata[order]=71c2...   ->   {"metadata": {"order": "71c2..."}}

`created[gte]=now-30d` is a hole as well: two times fit when they mean the same, each on its own day.
"""

from replayer.core.client import headers, holes
from replayer.core.client.bindings import Bindings
from replayer.core.client.question import Arrival, Question
from replayer.core.client.space import ClientSpace

__all__ = ["Arrival", "Bindings", "ClientSpace", "Question", "headers", "holes"]
