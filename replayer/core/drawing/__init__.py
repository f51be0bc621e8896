"""What is drawn of a cassette, as plain values: causes, states, objects, lists. What it says of a request is what the
player and the pages answer to it.

    number in the file    1       2       3       4       5
                          POST    POST    GET     POST    GET
    causes                                '- 1, 2         '- 1, 2, 4
    state after 2 writes  played  played  own             miss
"""

from replayer.core.drawing.drawing import Drawing
from replayer.core.drawing.lanes import Lane
from replayer.core.drawing.lists import AskedPage, DrawnList, DrawnStretch
from replayer.core.drawing.states import SessionState

__all__ = ["AskedPage", "Drawing", "DrawnList", "DrawnStretch", "Lane", "SessionState"]
