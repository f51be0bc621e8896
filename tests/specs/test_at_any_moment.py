"""At any moment of any program, a read is what the sandbox would have answered then, or a miss."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replayer.core.message import Response
from replayer.core.session import verdicts
from tests.specs.shop import Replayed, Shop
from tests.specs.standing import CUSTOMERS, INVOICES, ITEMS, LISTS, Params, Watched

VERBS = (
    "customer",
    "invoice",
    "with items",
    "item",
    "item of",
    "finalize",
    "pay",
    "void",
    "delete",
    "rename",
    "describe",
    "write off",
    "add line",
    "change line",
    "take line off",
    "drop item",
    "remove",
    "again",
)
NAME = re.compile(r"\b[a-z]+_[0-9A-Za-z]{14,}\b")
LINE = re.compile(r'(?<="id": ")il_[0-9A-Za-z]+')
Step = tuple[str, int]
Asked = tuple[str, int, int, str]
"""What is read: a word for it, which object, how many, and a filter."""

changes = st.tuples(st.sampled_from(VERBS), st.integers(0, 5))
filters = st.sampled_from(["", "", "", "status=draft", "status=open", "customer", "invoice", "pending=true"])
reads = st.tuples(
    st.sampled_from([*LISTS, *LISTS, "one", "one", "lines", "behind", "before"]),
    st.integers(0, 5),
    st.sampled_from([1, 2, 10, 100]),
    filters,
)


class Program:
    """A client that knows what it was told, and does the same each time."""

    def __init__(self, ask: Callable[[str, str, Params, str], Response]) -> None:
        self._send = ask
        self._sent: list[tuple[str, str, Params, str]] = []
        self.made: dict[str, list[str]] = {CUSTOMERS: [], INVOICES: [], ITEMS: []}
        self._lines: dict[str, None] = {}

    def __call__(self, step: Step) -> None:
        verb, which = step
        customer, invoice = self._one(CUSTOMERS, which), self._one(INVOICES, which)
        line = [*self._lines, ""][which % (len(self._lines) + 1)]
        item: Params = {"customer": customer, "currency": "usd", "amount": 3}
        match verb:
            case "customer":
                self._make(CUSTOMERS, {"name": "Ada"})
            case "invoice" | "with items" if customer:
                behaviour = "include" if verb == "with items" else "exclude"
                self._make(INVOICES, {"customer": customer, "pending_invoice_items_behavior": behaviour})
            case "item" if customer:
                self._make(ITEMS, item)
            case "item of" if invoice and customer:
                self._make(ITEMS, {**item, "invoice": invoice})
            case "finalize" | "void" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/{verb}", {})
            case "pay" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/pay", {"paid_out_of_band": "true"})
            case "delete" if invoice:
                self._ask("DELETE", f"{INVOICES}/{invoice}", {})
            case "rename" if customer:
                self._ask("POST", f"{CUSTOMERS}/{customer}", {"name": "Eve"})
            case "describe" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}", {"description": "new"})
            case "write off" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/mark_uncollectible", {})
            case "add line" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/add_lines", {"lines[0][amount]": 5})
            case "change line" if invoice and line:
                self._ask("POST", f"{INVOICES}/{invoice}/lines/{line}", {"description": "other"})
            case "take line off" if invoice and line:
                taken: Params = {"lines[0][id]": line, "lines[0][behavior]": ("delete", "unassign")[which % 2]}
                self._ask("POST", f"{INVOICES}/{invoice}/remove_lines", taken)
            case "drop item" if self._one(ITEMS, which):
                self._ask("DELETE", f"{ITEMS}/{self._one(ITEMS, which)}", {})
            case "remove" if customer:
                self._ask("DELETE", f"{CUSTOMERS}/{customer}", {})
            case "again" if self._sent:
                self._send(*self._sent[which % len(self._sent)])

    def _ask(self, method: str, path: str, params: Params) -> Response:
        """A write under a key of its own."""
        words = (method, path, params, f"{len(self._sent):08x}-aaaa-4bbb-8ccc-000000000000")
        self._sent.append(words)
        response = self._send(*words)
        self._lines |= dict.fromkeys(LINE.findall(response.body.decode()))
        return response

    def _one(self, kind: str, which: int) -> str:
        known = self.made[kind]
        return known[which % len(known)] if known else ""

    def _make(self, path: str, params: Params) -> None:
        told = json.loads(self._ask("POST", path, params).body)
        if "id" in told:  # the API refuses some
            self.made[path].append(told["id"])

    def read(self, asked: Asked) -> tuple[str, Params] | None:
        """That read in the words of the API; None where there is nothing to ask it of."""
        what, which, limit, narrower = asked
        kind = (INVOICES, ITEMS, CUSTOMERS)[which % 3]
        name, invoice = self._one(kind, which // 3), self._one(INVOICES, which)
        params: Params = {"limit": limit}
        if narrower in ("customer", "invoice"):
            params[narrower] = self._one({"customer": CUSTOMERS, "invoice": INVOICES}[narrower], which)
        elif narrower:
            name_of, _, value = narrower.partition("=")
            params[name_of] = value
        match what:
            case "one":
                return (f"{kind}/{name}", {}) if name else None
            case "lines":
                return (f"{INVOICES}/{invoice}/lines", {"limit": limit}) if invoice else None
            case "behind" | "before":
                params["starting_after" if what == "behind" else "ending_before"] = name
                return (kind, params) if name else None
        return what, params


@pytest.mark.long
@given(
    st.lists(changes, max_size=8).map(lambda steps: [("customer", 0), ("invoice", 0), ("item of", 0), *steps]),
    st.dictionaries(st.integers(0, 10), st.lists(reads, min_size=1, max_size=3), max_size=5),
    st.lists(reads, min_size=1, max_size=6),
)
@example(
    steps=[("customer", 0), ("invoice", 0), ("item of", 0), ("invoice", 0), ("rename", 0), ("again", 1)],
    recorded_reads={},
    asked=[(INVOICES, 0, 1, "")],
)
def test_at_any_moment_any_read_is_what_the_api_would_have_said_or_a_miss(
    steps: list[Step], recorded_reads: dict[int, list[Asked]], asked: list[Asked]
) -> None:
    """One shop is read now and then, and another in which the same is done is asked whatever was answered from that."""
    shop, all_told = Watched(), Watched()
    program = Program(shop.ask)
    for number, step in enumerate(steps):
        program(step)
        for read in recorded_reads.get(number, ()):
            found = program.read(read)
            if found:
                shop.ask("GET", *found)
    playing = Replayed(shop.cassette)
    again, witness = Program(lambda *words: _replayed(playing, *words)), Program(all_told.ask)
    for step in steps:
        again(step)
        witness(step)
        for found, true in zip(map(again.read, asked), map(witness.read, asked), strict=True):
            assert (found is None) == (true is None)
            if found and true:
                verdict = playing.ask("GET", *found)
                if isinstance(verdict, verdicts.Replay):
                    told = in_real_names(verdict.response.body, shop)
                    truth = in_real_names(all_told.ask("GET", *true).body, all_told)
                    assert told == truth, (step, found, verdict.synthesized)


def in_real_names(body: bytes, shop: Shop) -> str:
    """What is named where it is first told has another name where that is somewhere else, as a line of an invoice. Each
    request has an id of its own, which a refusal tells."""
    text = re.sub("req_[0-9A-Za-z]+", "req_", body.decode())
    return NAME.sub(lambda name: shop.session.upstream.names.real_of(name[0]) or name[0], text)


def _replayed(playing: Replayed, *words: Any) -> Response:
    verdict = playing.ask(*words)
    assert isinstance(verdict, verdicts.Replay), verdict
    return verdict.response
