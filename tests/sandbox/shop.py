"""One line makes a request: `shop.post("/v1/invoices", customer="cus_1")`. No port, no clock but ours."""

import json
import random
from typing import Any
from urllib.parse import urlencode

from replayer.core.message import Request, Response, wire
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.ledger.switches import DEFAULTS, Switches

from . import wellformed

KEY = "sk_test_made_up"
MONDAY = 1_795_305_600  # some second of 2026

# The actions that bring a draft into a status.
WAYS = {
    "draft": (),
    "open": ("finalize",),
    "paid": ("pay",),
    "uncollectible": ("finalize", "mark_uncollectible"),
    "void": ("finalize", "void"),
}


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)


class Shop:
    """An API with a hand-set clock. Methods answer the parsed body; `last` is the whole response.

    Of every answer, headers, form and envelope are checked.
    """

    def __init__(self, seed: int = 1, at: int = MONDAY, switches: Switches = DEFAULTS) -> None:
        self.at = at
        self.api = InvoiceApi(chance(seed), at, switches)
        self.last = Response(0)

    def ask(self, method: str, target: str, body: bytes = b"", headers: wire.Headers = ()) -> Any:
        if wire.header(headers, "Authorization") is None:
            headers = (("Authorization", f"Bearer {KEY}"), *headers)
        request = Request(method, target, headers, body)
        self.last = self.api.answer(request, self.at)
        wellformed.check(request, self.last, self.at)
        return json.loads(self.last.body)

    def get(self, path: str, **params: Any) -> Any:
        return self.ask("GET", path + ("?" + urlencode(params) if params else ""))

    def post(self, path: str, form: str = "", /, *, key: str | None = None, **params: Any) -> Any:
        """`form` is raw text, for keys that are no names: `metadata[a]=1&lines[0][amount]=2`."""
        body = "&".join(part for part in (form, urlencode(params)) if part)
        return self.ask("POST", path, body.encode(), () if key is None else (("Idempotency-Key", key),))

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)

    def header(self, name: str) -> str | None:
        return wire.header(self.last.headers, name)

    def customer(self, card: str | None = "pm_card_visa", **params: Any) -> str:
        if card is not None:
            params["invoice_settings[default_payment_method]"] = card
        return str(self.post("/v1/customers", **params)["id"])

    def invoice(self, status: str = "draft", amount: int = 2000, customer: str | None = None, **params: Any) -> Any:
        """An invoice in that status, as it was answered last."""
        customer = customer or self.customer()
        made = self.post("/v1/invoices", customer=customer, **params)
        path = f"/v1/invoices/{made['id']}"
        if amount:
            self.post("/v1/invoiceitems", customer=customer, invoice=made["id"], amount=amount)
        for action in WAYS[status]:
            self.post(f"{path}/{action}")
            assert self.last.status == 200, self.last.body
        return self.get(path)


def error(answer: Any) -> dict[str, Any]:
    """The error but for its log link, which is in all of them and differs in each."""
    found: dict[str, Any] = dict(answer["error"])
    found.pop("request_log_url", None)
    return found


def refusal(message: str, **more: Any) -> dict[str, Any]:
    """The error as it should be: alphabetical, with the doc_url that follows from its code."""
    if "code" in more:
        more["doc_url"] = f"https://stripe.com/docs/error-codes/{more['code'].replace('_', '-')}"
    return dict(sorted({"message": message, "type": "invalid_request_error", **more}.items()))
