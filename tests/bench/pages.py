"""Pages that follow from others against recorded ones, of one list of 100,000 objects: requests for each second of the
server's processor time, and their ratio; and what the first of them costs, by the length of the list.

One server answers both, in turns, to the same client. Each page is asked once, then all of them again.
"""

import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from replayer.cassettes import dumps
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.core.naming import aliases

from .measuring import Ask, Server, spread
from .replay import ORIGIN, replay

LENGTHS = (10_000, 100_000)  # objects of a list
PAGE = 10
BODY = 500  # bytes: a small customer
ROUNDS = 7
REQUESTS = 500  # of each kind in each round
HEADERS = (("Date", "Sun, 22 Nov 2026 00:00:00 GMT"), ("Content-Type", "application/json"))


def names(length: int) -> list[str]:
    return [aliases.alias("prefixed", "cus_" + "0" * 14, str(number)) for number in range(length)]


def cassette(listed: list[str]) -> Cassette:
    """A list that somebody walked through, by ten."""
    pages = (listed[start : start + PAGE] for start in range(0, len(listed), PAGE))
    cursors = [None, *listed[PAGE - 1 :: PAGE]]
    recorded = (
        Interaction(Request("GET", target(cursor), origin=ORIGIN), Response(200, "OK", HEADERS, body(page, listed)))
        for cursor, page in zip(cursors, pages, strict=False)
    )
    return Cassette(tuple(recorded), Facts(ORIGIN, "invoice", 1_795_305_600))


def target(cursor: str | None) -> str:
    return f"/v1/customers?limit={PAGE}" + (f"&starting_after={cursor}" if cursor else "")


def body(page: list[str], listed: list[str]) -> bytes:
    rows = [{"id": name, "object": "customer", "description": "x" * (BODY - 100)} for name in page]
    more = page[-1] != listed[-1]
    return json.dumps({"object": "list", "data": rows, "has_more": more, "url": "/v1/customers"}, indent=2).encode()


def main() -> None:
    rates: dict[str, list[float]] = {}
    firsts = []
    for length in LENGTHS:
        listed = names(length)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "bench.yaml").write_text(dumps(cassette(listed)), "utf-8")
            server = Server("replay", replay, folder)
            try:
                before = server.used()
                server.rate([Ask(target(listed[0]))])
                firsts.append(server.used() - before)
                if length == LENGTHS[-1]:
                    rates = measured(server, listed)
            finally:
                server.stop()
    report(rates, firsts)


def measured(server: Server, listed: list[str]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {}
    for start in track(range(ROUNDS), "measuring pages", console=Console(stderr=True)):
        kinds = [("recorded", PAGE - 1), ("synthesized", PAGE // 2)]
        for kind, offset in kinds if start % 2 else reversed(kinds):
            at = start * REQUESTS * PAGE + offset
            asked = [Ask(target(name)) for name in listed[at : at + REQUESTS * PAGE : PAGE]]
            rates.setdefault(kind, []).append(server.rate(asked))
            rates.setdefault(f"{kind}, again", []).append(server.rate(asked * 4))
    return rates


def report(rates: dict[str, list[float]], firsts: list[float]) -> None:
    table = Table("", "median", "least", "most", title=f"pages of {PAGE} from {LENGTHS[-1]} objects, {ROUNDS} rounds")
    for kind in sorted(rates):
        table.add_row(f"{kind}, requests/s of processor time", *spread(rates[kind], ".0f"))
    for again in ("", ", again"):
        pairs = zip(rates[f"recorded{again}"], rates[f"synthesized{again}"], strict=True)
        costs = [recorded / made for recorded, made in pairs]
        table.add_row(f"cost of a synthesized one in recorded ones{again}", *spread(costs, ".2f"))
    console = Console(width=110, file=sys.stdout)
    console.print(table)
    for length, first in zip(LENGTHS, firsts, strict=True):
        console.print(f"the first page that follows, of {length} objects: {first:.2f} s of processor time")


if __name__ == "__main__":
    main()
