"""What came of a whole suite: the receipts of its sessions, added up in any order and in any parts. It reads no file.

    session    one cassette between insert and eject, as a receipt tells it
    receipt    the sessions of one run, and which cassettes there were for it
    suite      all of these by cassette: numbers are added, what was used is united, and the rest nobody used

Adding is associative and commutative, and the suite without sessions changes nothing: that is what lets shards be
added one by one, two by two or all at once. So whatever is no sum is a set, a union, or the greatest of all; times are
whole milliseconds, since fractions depend on the order in which they are added.

    shard 1   uses 1 to 3 of 5   \\
    shard 2   uses 2 to 4 of 5   /   together 1 to 4: the 5th is unused in the suite, 1 and 5 are in the shards

What was used counts by the bytes of the cassette: numbers of another version of it are other requests.
"""

from replayer.core.suite import session_receipt
from replayer.core.suite.gates import GATES, SuiteFinding, findings
from replayer.core.suite.ranges import ranges_of
from replayer.core.suite.receipt_file import ReceiptFile
from replayer.core.suite.session_receipt import SessionReceipt
from replayer.core.suite.suite import Suite

__all__ = [
    "GATES",
    "ReceiptFile",
    "SessionReceipt",
    "Suite",
    "SuiteFinding",
    "findings",
    "ranges_of",
    "session_receipt",
]
