"""Webhooks: what an API says by itself, each with the write that it came of. It delivers nothing.

The write is the one that an event names, by the id of its request or by its idempotency key; else the latest one that
touched the object that it is about. So a webhook has its place by what it tells, not by when it came. Those of one
write stand in the order in which they came first, and keep that in every recording anew.

    POST /v1/invoices/in_1/pay    -> Request-Id: req_7
    evt_1  invoice.paid           request.id req_7, about in_1        behind that write, in the file and on replay

What nothing in the session has caused, as somebody else's doings in the same account, is no part of it.
"""

from replayer.core.deliveries import signature
from replayer.core.deliveries.announced import Announced
from replayer.core.deliveries.behind import Behind, Due, as_request, as_response
from replayer.core.deliveries.receiving import Came, Receiving

__all__ = ["Announced", "Behind", "Came", "Due", "Receiving", "as_request", "as_response", "signature"]
