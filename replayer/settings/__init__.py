"""Settings have one name each: on the command line, in `[tool.replayer]`, in the environment and in Python.

later wins:   default  <  [tool.replayer] in pyproject.toml  <  REPLAYER_... in the environment  <  what is passed in

`Settings` are those of one session, checked. `Chosen` is the one table of them all: each value with the place that it
comes from. `words` has what they may say, `places` where they may stand.
"""

from replayer.settings import places, words
from replayer.settings.places import authorization
from replayer.settings.settings import TYPES, Chosen, Settings, origins
from replayer.settings.written import age

__all__ = ["TYPES", "Chosen", "Settings", "age", "authorization", "origins", "places", "words"]
