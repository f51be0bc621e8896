"""Recordings of one cassette that several shards made, as the one that a single client would have made of it.

Each is asked again, request by request, over those before it, as if it were the API: law 2 says that what is the same
changes no byte, so what differs contradicts. Names and times follow from their origins, so all end up in one bijection;
the order of the file is that of any recording to which something is added.

    shard 1   POST customers  GET customers
    shard 2   POST customers  POST invoices  GET invoices         the customer stands once, under one name
    united    POST customers  GET customers  POST invoices  GET invoices
"""

from replayer.core.union.uniting import Contradiction, Shard, United, united

__all__ = ["Contradiction", "Shard", "United", "united"]
