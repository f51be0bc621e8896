"""Two answers to one question: what differs, and is it one change."""

from replayer.core.drift import differences, proposals, recordings, renaming
from replayer.core.drift.drift import Change, Compared, drift
from replayer.core.drift.minted import Minted

__all__ = ["Change", "Compared", "Minted", "differences", "drift", "proposals", "recordings", "renaming"]
