"""The client of the demo: one scenario, sent by the official SDK where it is installed, else by a client of our own."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from replayer.core.matching import canonical

KEY = "sk_test_demo_made_up"
AMOUNTS = (1200, 4500, 990)  # cents


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client was answered. Equal answers are equal to the byte."""

    status: int
    request_id: str
    body: str


Ask = Callable[..., Answer]
"""`ask(method, path, **params)`: one request of a client."""


def scenario(ask: Ask) -> list[Answer]:
    """Three invoices: one is paid, one voided, and all are listed in two pages. Each step uses ids of those before."""
    answers: list[Answer] = []

    def step(method: str, path: str, **params: Any) -> Any:
        answers.append(ask(method, path, **params))
        return json.loads(answers[-1].body)

    customer = step("post", "/v1/customers", name="Ada", invoice_settings={"default_payment_method": "pm_card_visa"})[
        "id"
    ]
    invoices = []
    for amount in AMOUNTS:
        invoices.append(step("post", "/v1/invoices", customer=customer)["id"])
        step("post", "/v1/invoiceitems", customer=customer, invoice=invoices[-1], amount=amount, currency="usd")
        step("post", f"/v1/invoices/{invoices[-1]}/finalize")
    step("get", f"/v1/invoices/{invoices[0]}")
    step("post", f"/v1/invoices/{invoices[0]}/pay")
    step("get", f"/v1/invoices/{invoices[0]}")  # the same request, another answer
    step("post", f"/v1/invoices/{invoices[2]}/void")
    page = step("get", "/v1/invoices", customer=customer, limit=2)
    step("get", "/v1/invoices", customer=customer, limit=2, starting_after=page["data"][-1]["id"])
    return answers


def chosen_client() -> tuple[str, Callable[[str], Ask]]:
    """The official SDK where it is installed, else a client of our own that sends the same requests."""
    try:
        import stripe
    except ImportError:
        return "Python's http.client", _plain_client

    def sdk_client(url: str) -> Ask:
        sdk = stripe.StripeClient(KEY, base_addresses={"api": url})

        def ask(method: str, path: str, **params: Any) -> Answer:
            answer = sdk.raw_request(method, path, **params)
            return Answer(answer.code, answer.headers["Request-Id"], answer.body)

        return ask

    return f"the official stripe SDK {stripe.VERSION}", sdk_client


def _plain_client(url: str) -> Ask:
    def ask(method: str, path: str, **params: Any) -> Answer:
        form = urlencode(list(canonical.flat(params)))
        headers = {"Authorization": f"Bearer {KEY}"}
        connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        if method == "post":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": str(uuid.uuid4())}
            connection.request("POST", path, form, headers)
        else:
            connection.request("GET", f"{path}?{form}" if form else path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.headers["Request-Id"], body)

    return ask
