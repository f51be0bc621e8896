"""What tests of any framework have in common: the name of a test's cassette, what fails a test, and who attends to
sessions. It runs nothing, and loads nothing: each run of pytest of each user imports it."""

from replayer.testing import attending, verdict
from replayer.testing.names import cassette_of

__all__ = ["attending", "cassette_of", "verdict"]
