"""What follows from recorded pages and objects, and what is missing where it does not.

An answer is given only where every reading that fits all recorded pages agrees on it; else a miss says what is missing,
and which line of a table of rules would say it. An answer that follows is marked with the rule by which it does.

Lists whose pages stand behind the id of an object are joined by these ids (by_cursor); of those that begin behind so
many objects each place is such an id (by_position). `{"things": [a, b, c], "page": 1, "total": 5}`, recorded for
`?page=1&size=3`, and page 2 of it, answer `?page=2&size=2` with c and d: their places are known, `page` is the number
of the page in both, and 5 how many there are. Had only page 1 been recorded, `page` might always be 1: a miss.
"""

from replayer.core.lists.by_position import PositionalList
from replayer.core.lists.known import CursorList
from replayer.core.lists.synthesis import SYNTHESIZED, Lack, Made, Pages, Placed, Synthesis

__all__ = ["SYNTHESIZED", "CursorList", "Lack", "Made", "Pages", "Placed", "PositionalList", "Synthesis"]
