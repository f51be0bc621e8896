"""Two answers to one question: what differs, and is it one change."""

from replayer.core.drift import differences, proposals
from replayer.core.drift.drift import Change, Compared, drift, later_times
from replayer.core.drift.renaming import adopted, grown

__all__ = ["Change", "Compared", "adopted", "differences", "drift", "grown", "later_times", "proposals"]
