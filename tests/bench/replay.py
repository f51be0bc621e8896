"""A cassette to be replayed, and a process that does."""

import json
from multiprocessing.connection import Connection
from urllib.parse import urlencode

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.core.naming import aliases

BODY = 2_000  # bytes: a small invoice
ORIGIN = "https://api.stripe.com"
HEADERS = (("Date", "Sun, 22 Nov 2026 00:00:00 GMT"), ("Content-Type", "application/json"))
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def body_of(name: str) -> bytes:
    """An invoice of that id."""
    value = {"id": name, "object": "invoice", "description": "x" * (BODY - 120), "amount_due": 2000}
    return json.dumps(value, indent=2).encode()


def invoice(number: int) -> tuple[str, bytes]:
    """A path and the body that answers it."""
    name = aliases.alias("prefixed", "in_1" + "0" * 23, str(number))
    return f"/v1/invoices/{name}", body_of(name)


def posted(number: int) -> tuple[str, bytes]:
    """A form and the body that answers it."""
    return urlencode({"description": f"number {number}", "metadata[order]": number}), body_of("in_of_a_post")


def cassette(count: int, posts: int = 0) -> Cassette:
    reads = (
        Interaction(Request("GET", path, origin=ORIGIN), Response(200, "OK", HEADERS, body))
        for path, body in map(invoice, range(count))
    )
    writes = (
        Interaction(Request("POST", "/v1/posts", FORM, form.encode(), ORIGIN), Response(200, "OK", HEADERS, body))
        for form, body in map(posted, range(posts))
    )
    return Cassette((*reads, *writes), Facts(ORIGIN, "invoice", 1_795_305_600))


def replay(ready: Connection, folder: str) -> None:
    """A server process: one worker that replays."""
    from replayer import Replayer  # late: who only wants the cassette need not wait for it

    with Replayer("bench.yaml", root=folder, tell=lambda _: None) as replayer:
        ready.send(int(replayer.url.rpartition(":")[2]))
        ready.recv()
