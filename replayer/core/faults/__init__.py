"""What goes wrong on purpose, as its user wrote it: for which requests, how often, and what. It does nothing itself.

    POST /v1/invoices/*/pay status=429 retry_after=1 times=2      twice refused, then answered
    POST /v1/invoices       reset after times=1                   done, and its answer is lost

A fault meets a request before the session decides on it, or, where the request is to be done, after that. So what it
keeps from the session has never happened for it: no turn is claimed, nothing is bound, nothing is recorded.
"""

from replayer.core.faults.faults import Faults
from replayer.core.faults.latency import Latency
from replayer.core.faults.rule import FaultRule

__all__ = ["FaultRule", "Faults", "Latency"]
