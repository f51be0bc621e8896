"""The example cassettes and the programs that they are recordings of: `scripts/record` runs these against the sandbox.

Each program takes the official client and returns what it was told, as text.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import stripe
from stripe.params import InvoiceCreateParams

from replayer import Replayer

CASSETTES = Path(__file__).parents[1] / "cassettes"
KEY = "sk_test_OnlyAnExample"
VERSION = "2026-08-26.dahlia"  # else each release of the SDK would ask for another one, and miss


def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": url}, stripe_version=VERSION)


def paging(invoices: stripe.StripeClient) -> Iterator[str]:
    """Five invoices of one customer, walked forward and backward two at a time."""
    customer = invoices.v1.customers.create({"name": "Ada Lovelace", "email": "ada@example.com"})
    made = [
        invoices.v1.invoices.create({"customer": customer.id, "description": f"Lesson {number}"})
        for number in range(1, 6)
    ]
    yield from (str(invoice) for invoice in made)
    forward = invoices.v1.invoices.list({"customer": customer.id, "limit": 2})
    yield from (f"forward {invoice.description} {invoice.id}" for invoice in forward.auto_paging_iter())
    backward = invoices.v1.invoices.list({"customer": customer.id, "limit": 2, "ending_before": made[0].id})
    yield from (f"backward {invoice.description} {invoice.id}" for invoice in backward.auto_paging_iter())


def life(invoices: stripe.StripeClient) -> Iterator[str]:
    """An invoice from its draft to its payment, and what became of two others."""
    customer = invoices.v1.customers.create({"name": "Grace Hopper", "email": "grace@example.com"})
    for amount in (2000, 1500):
        yield str(
            invoices.v1.invoice_items.create(
                {"customer": customer.id, "amount": amount, "currency": "usd", "description": f"{amount // 100} hours"}
            )
        )
    terms: InvoiceCreateParams = {
        "customer": customer.id,
        "collection_method": "send_invoice",
        "days_until_due": 30,
        "pending_invoice_items_behavior": "include",
    }
    draft = invoices.v1.invoices.create(terms)
    yield str(draft)
    yield str(invoices.v1.invoices.update(draft.id, {"metadata": {"order": "6735"}}))
    yield str(invoices.v1.invoices.finalize_invoice(draft.id))
    yield str(invoices.v1.invoices.retrieve(draft.id))
    yield str(invoices.v1.invoices.pay(draft.id, {"paid_out_of_band": True}))
    for end in (invoices.v1.invoices.void_invoice, invoices.v1.invoices.mark_uncollectible):
        invoices.v1.invoice_items.create({"customer": customer.id, "amount": 700, "currency": "usd"})
        other = invoices.v1.invoices.create(terms)
        invoices.v1.invoices.finalize_invoice(other.id)
        yield str(end(other.id))
    yield str(invoices.v1.invoices.list({"customer": customer.id, "status": "paid"}))


def refusals(invoices: stripe.StripeClient) -> Iterator[str]:
    """What the API refuses, and how it says so."""
    customer = invoices.v1.customers.create({"name": "Alan Turing"})
    paid = invoices.v1.invoices.create({"customer": customer.id})
    yield str(invoices.v1.invoices.finalize_invoice(paid.id))  # nothing is due: it is paid at once
    draft = invoices.v1.invoices.create({"customer": customer.id})
    yield str(invoices.v1.invoices.delete(draft.id))
    yield from map(
        _refused,
        (
            lambda: invoices.v1.invoices.retrieve(draft.id),
            lambda: invoices.v1.invoices.pay(paid.id),
            lambda: invoices.v1.invoices.void_invoice(paid.id),
            lambda: invoices.v1.invoices.finalize_invoice(paid.id),
            lambda: invoices.v1.invoices.delete(paid.id),
            lambda: invoices.v1.invoices.list({"starting_after": "in_nobody"}),
            lambda: invoices.v1.invoices.create({"customer": "cus_nobody"}),
            lambda: invoices.v1.invoices.retrieve("in_nobody"),
        ),
    )


def _refused(call: Callable[[], object]) -> str:
    try:
        return f"not refused: {call()}"
    except stripe.StripeError as error:
        return f"{type(error).__name__} {error.http_status} {error.http_body}"


PROGRAMS = {"paging": paging, "life": life, "refusals": refusals}


def main() -> None:
    """Record them all, over what is there."""
    for name, program in PROGRAMS.items():
        with Replayer(f"{name}.yaml", root=CASSETTES, upstream="sandbox", record_mode="all") as replayer:
            list(program(client(replayer.url)))
            sys.stderr.write(f"cassettes/{name}.yaml: {replayer.receipt}\n")


if __name__ == "__main__":
    main()
