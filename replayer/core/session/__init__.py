"""One cassette between insert and eject: verdicts and receipts, no work of its own."""

from replayer.core.session import verdicts
from replayer.core.session.hand_over import HandOver, SandboxAnswer
from replayer.core.session.policy import Policy, Words
from replayer.core.session.receipt import Receipt
from replayer.core.session.session import Recorded, Session

__all__ = ["HandOver", "Policy", "Receipt", "Recorded", "SandboxAnswer", "Session", "Words", "verdicts"]
