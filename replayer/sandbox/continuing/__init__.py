"""A recorded session that goes on: what was played makes the ledger, and the ledger answers what was missed.

A recorded write is done again with the ids of its answer, for what no answer shows: which card was named, which key was
used. What the answer does show is then taken over as it stands. What a session has not seen whole is not made up: the
miss stands. Every id made here follows from the request that it is made by, never from chance or from the hour.
"""

from replayer.sandbox.continuing.continued import Continued, account_in

__all__ = ["Continued", "account_in"]
