"""Upstream space to cassette space and back: each id, token and time has one name, a function of its origin.

An alias is a hash of where its value was first seen: the canonical request, which of the equal ones it was, and the
place in its answer; shaped as what it stands for. So it depends on no order of arrival, and a recording anew gives it
again.

    POST /v1/customers, first of its kind, "id"   ->   cus_NffrFeUfNV2Hib is called cus_ML77aiELdGXfta
    GET /v1/invoices?customer=cus_ML77...         ->   asks the upstream for cus_NffrFeUfNV2Hib

What is older than the session is named by its own value, what a client wrote first stays as written. What is personal
is named by the object that it was first seen in, and no later session is told whose it is.
"""

from replayer.core.naming import aliases, personal, tokens
from replayer.core.naming.memory import Memory
from replayer.core.naming.origin import Origin
from replayer.core.naming.table import Names
from replayer.core.naming.upstream import Outgoing, UpstreamSpace

__all__ = ["Memory", "Names", "Origin", "Outgoing", "UpstreamSpace", "aliases", "personal", "tokens"]
