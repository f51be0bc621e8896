"""Virtual time: writes move it; a time is named as a fact. It never asks what time it is.

A cassette's clock starts at its epoch and moves one second with each write. A time in an answer is a *fact*: this field
of this object. First seen, it takes the virtual second of the request that made it; seen again unchanged it keeps that.

    upstream    POST 09:14:07 made in_1    POST 09:14:31 paid in_1    GET 09:20:00 tells created 09:14:07, paid 09:14:31
    cassette    00:00:01                   00:00:02                   GET 00:00:02 tells created 00:00:01, paid 00:00:02

What a client counts from its own clock means the same on another day: `relative` reads `now-30d` out of a number.
"""

from replayer.core.clock import facts, fields, relative
from replayer.core.clock.session_clock import Asked, SessionClock

__all__ = ["Asked", "SessionClock", "facts", "fields", "relative"]
