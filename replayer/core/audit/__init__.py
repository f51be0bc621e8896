"""Laws 4 and 5 on a finished file: no name stands for two, and nothing real is in it. It trusts nothing that the
recording says of itself: an alias certifies itself, and what is neither one nor its owner's own is a finding."""

from replayer.core.audit.audit import audit, spoiling
from replayer.core.audit.leaks import revealed

__all__ = ["audit", "revealed", "spoiling"]
