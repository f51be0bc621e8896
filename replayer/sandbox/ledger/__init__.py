"""All that one account holds: pure, in memory, and never changed in place. Time and chance come with each command.

An object is stored whole and replaced whole, so that an answer may hold parts of it. What a refused command has changed
by then is taken back: it is all or nothing. The order of a list is the second of creation, then the order of making;
ids play no part in it. A page costs the same however many objects there are. What is not known of the API is a switch,
and which action is possible in which status is one table, `states`.
"""

from replayer.sandbox.ledger import idempotency, ids, objects, paging, states, switches
from replayer.sandbox.ledger.ledger import InvoiceFacts, Ledger

__all__ = ["InvoiceFacts", "Ledger", "idempotency", "ids", "objects", "paging", "states", "switches"]
