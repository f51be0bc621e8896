"""Which recorded answer a request gets: canonical form, stamp, turn. Equal cost for 10 and 1,000,000.

A request is read into one canonical form, whose digest finds its answers. Which of them is told by what was played:

    write   the n-th equal one gets the n-th answer: its turn; a retry under its key the same one again
    read    the answer with the same stamp: the set of writes that touched what it depends on, in whatever order

    POST /v1/invoices              touches cus_1, in_1, /v1/invoices
    GET  /v1/invoices/in_1         depends on in_1: its stamp is {1}
    POST /v1/invoices/in_1/pay     touches cus_1, in_1, /v1/invoices
    GET  /v1/invoices/in_1         its stamp is {1, 3}: another answer to the same question
    GET  /v1/customers/cus_2       its stamp is {}: whatever became of in_1
"""

from replayer.core.matching import canonical, causal, stamps, turns
from replayer.core.matching.canonical import Canonical
from replayer.core.matching.entry import Entry
from replayer.core.matching.index import Index
from replayer.core.matching.player import Player

__all__ = ["Canonical", "Entry", "Index", "Player", "canonical", "causal", "stamps", "turns"]
