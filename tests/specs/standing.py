"""A shop with something in it that others have made, a recording of what is read there, and how answers are told."""

import json
from dataclasses import dataclass, field
from typing import Any

from replayer.core.message import Response
from replayer.core.session import verdicts
from tests.specs.shop import Shop

Params = dict[str, Any]
INVOICES = "/v1/invoices"
ITEMS = "/v1/invoiceitems"
CUSTOMERS = "/v1/customers"
LISTS = {CUSTOMERS: "customers", INVOICES: "invoices", ITEMS: "items"}


class Watched(Shop):
    """A shop in which reading takes no time: what is read in between changes nothing of what is written."""

    def ask(self, method: str, path: str, params: Params | None = None, key: str = "") -> Response:
        self.now -= method == "GET"
        return super().ask(method, path, params, key)


def told(verdict: verdicts.Replay | verdicts.Refuse, by: str) -> bytes:
    """What was answered by that rule; "" means that it was recorded."""
    assert isinstance(verdict, verdicts.Replay), verdict
    assert verdict.synthesized == by
    return verdict.response.body


def lack(verdict: verdicts.Replay | verdicts.Refuse) -> str:
    """Why an answer does not follow."""
    assert isinstance(verdict, verdicts.Refuse), verdict
    return verdict.message.partition("From other answers it does not follow: ")[2].partition(".\n")[0]


@dataclass
class Standing:
    """An API in which there is something from before, and the recording of somebody who reads it."""

    shop: Shop
    reading: Shop
    customers: list[str] = field(default_factory=list)  # by their names in the recording, newest first
    invoices: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def read(self, path: str, params: Params | None = None) -> Any:
        return json.loads(self.reading.ask("GET", path, params).body)

    def truth(self, path: str, params: Params | None = None) -> bytes:
        """What the API answers to that in the end, in the recording's names."""
        return self.reading.ask("GET", path, params).body


def standing(lines: tuple[int, ...] = (2, 0, 12)) -> Standing:
    """One customer for each number, with one invoice of so many lines, and an item that nobody has billed."""
    shop = Shop()
    for number, count in enumerate(lines):
        customer = shop.made(CUSTOMERS, {"name": f"No. {number}", "email": f"{number % 2}@example.com"})
        invoice = shop.made(INVOICES, {"customer": customer, "description": "[{", "auto_advance": "false"})
        for line in range(count):
            shop.made(ITEMS, {"customer": customer, "invoice": invoice, "currency": "usd", "amount": line})
        shop.made(ITEMS, {"customer": customer, "currency": "usd", "amount": 7})
    return Standing(shop, Watched.of(shop.api, shop.now))
