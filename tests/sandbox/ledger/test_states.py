"""Every cell of the state machine, each refusal's words, and which fields each transition changes."""

from typing import Any

import pytest

from replayer.sandbox.ledger.states import CHANGES, OUTCOMES, STATUSES
from replayer.sandbox.serving import tables as printed
from tests.sandbox.shop import MONDAY, Shop, error, refusal

PAID = "Invoice is already paid"
NOT_OPEN = "You can only pass in open invoices. This invoice isn't open."
PAYMENTS = "Invoices with `paid` payments cannot be voided."
FINALIZED = "This invoice is already finalized, you can't re-finalize a non-draft invoice."
NO_DRAFT = "You can only delete draft invoices."
MARKED = "This invoice has already been marked uncollectible."
CANNOT_SEND = (
    "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, "
    "so we can help."
)
BY_HAND = "You can only manually send an invoice if its collection method is 'send_invoice'."
FROZEN = "Finalized invoices can't be updated in this way"
NO_METHOD = "There is no `default_payment_method` set on this Customer or Invoice."
NO_LONGER = "Invalid invoice: This invoice is no longer editable"

# What each action leads to: a status, or a sentence. In the order draft, open, paid, uncollectible, void.
TABLE: dict[str, tuple[str, ...]] = {
    "finalize": ("open", FINALIZED, FINALIZED, FINALIZED, FINALIZED),
    "pay": ("paid", "paid", PAID, "paid", NOT_OPEN),
    "void": (NOT_OPEN, "void", PAYMENTS, "void", NOT_OPEN),
    "mark_uncollectible": (NOT_OPEN, "uncollectible", NOT_OPEN, MARKED, NOT_OPEN),
    "send": ("open", "open", CANNOT_SEND, CANNOT_SEND, CANNOT_SEND),
    "delete": ("deleted", NO_DRAFT, NO_DRAFT, NO_DRAFT, NO_DRAFT),
    "update": ("draft", "open", "paid", "uncollectible", "void"),
}
CELLS = [(action, status, out) for action, row in TABLE.items() for status, out in zip(STATUSES, row, strict=True)]


def act(shop: Shop, action: str, name: str) -> Any:
    path = f"/v1/invoices/{name}"
    if action == "delete":
        return shop.delete(path)
    if action == "update":
        return shop.post(path, "metadata[a]=1")
    return shop.post(f"{path}/{action}")


@pytest.mark.parametrize(("action", "status", "outcome"), CELLS, ids=[f"{a}-{s}" for a, s, _ in CELLS])
def test_every_action_in_every_status_leads_to_its_status_or_its_sentence(
    shop: Shop, action: str, status: str, outcome: str
) -> None:
    terms: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 7} if action == "send" else {}
    before = shop.invoice(status, **terms)
    answer = act(shop, action, before["id"])
    if outcome == "deleted":
        assert answer == {"id": before["id"], "object": "invoice", "deleted": True}
    elif outcome in STATUSES:
        assert (shop.last.status, answer["status"]) == (200, outcome)
    else:
        assert (shop.last.status, error(answer)) == (400, refusal(outcome))
        assert shop.get(f"/v1/invoices/{before['id']}") == before


def test_the_table_has_every_action_in_every_status() -> None:
    assert {status for _, status in OUTCOMES} == set(STATUSES)
    assert len(OUTCOMES) == len({action for action, _ in OUTCOMES}) * len(STATUSES)


@pytest.mark.parametrize("status", ["draft", "open"])
def test_an_invoice_that_is_charged_automatically_cannot_be_sent_by_hand(shop: Shop, status: str) -> None:
    name = shop.invoice(status)["id"]
    assert error(shop.post(f"/v1/invoices/{name}/send")) == refusal(BY_HAND)


@pytest.mark.parametrize("action", ["finalize", "pay", "void", "mark_uncollectible", "send", "delete", "update"])
def test_a_deleted_draft_is_gone_for_every_action(shop: Shop, action: str) -> None:
    name = shop.invoice()["id"]
    shop.delete(f"/v1/invoices/{name}")
    answer = act(shop, action, name)
    param = "invoice" if action in ("delete", "send") else "id"
    assert shop.last.status == 404
    assert error(answer) == refusal(f"No such invoice: '{name}'", code="resource_missing", param=param)


def test_an_invoice_paid_without_a_payment_is_refused_as_not_open(shop: Shop) -> None:
    nothing = shop.invoice("paid", amount=0)["id"]
    other = shop.invoice("open")["id"]
    shop.post(f"/v1/invoices/{other}/pay", paid_out_of_band="true")
    for name in (nothing, other):
        assert error(shop.post(f"/v1/invoices/{name}/void")) == refusal(NOT_OPEN)


@pytest.mark.parametrize("status", ["draft", "open", "uncollectible"])
def test_paying_needs_a_payment_method(shop: Shop, status: str) -> None:
    name = shop.invoice(status, customer=shop.customer(card=None))["id"]
    before = shop.get(f"/v1/invoices/{name}")
    assert error(shop.post(f"/v1/invoices/{name}/pay")) == refusal(NO_METHOD)
    assert shop.get(f"/v1/invoices/{name}") == before


@pytest.mark.parametrize("form", ["payment_method=pm_card_visa", "source=tok_visa", "paid_out_of_band=true"])
def test_a_way_to_pay_may_come_with_the_payment(shop: Shop, form: str) -> None:
    name = shop.invoice("open", customer=shop.customer(card=None))["id"]
    assert shop.post(f"/v1/invoices/{name}/pay", form)["status"] == "paid"


@pytest.mark.parametrize("status", ["open", "paid", "void", "uncollectible"])
def test_a_finalized_invoice_keeps_its_money_and_takes_metadata(shop: Shop, status: str) -> None:
    path = f"/v1/invoices/{shop.invoice(status)['id']}"
    answer = shop.post(path, "metadata[a]=1&footer=x&collection_method=send_invoice")
    assert error(answer) == refusal(FROZEN, param="footer")
    assert shop.post(path, "metadata[a]=1")["metadata"] == {"a": "1"}


@pytest.mark.parametrize(("status", "allowed"), [("open", True), ("paid", False)])
def test_only_an_open_invoice_still_takes_a_description(shop: Shop, status: str, allowed: bool) -> None:
    shop.post(f"/v1/invoices/{shop.invoice(status)['id']}", description="new")
    assert (shop.last.status == 200) is allowed


def changes(before: Any, after: Any, place: str = "") -> dict[str, Any]:
    """What differs, by dotted name."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return {} if before == after else {place[1:]: after}
    found: dict[str, Any] = {}
    for key in before:
        found |= changes(before[key], after[key], f"{place}.{key}")
    return found


URLS = {"hosted_invoice_url", "invoice_pdf"}
FINALIZES = {"number", "effective_at", "ending_balance", "rendering.pdf.page_size", "status_transitions.finalized_at"}


def moved(shop: Shop, before: Any, action: str, **params: Any) -> dict[str, Any]:
    """What an action changes, ten seconds later; of the URLs only that they are there."""
    shop.at += 10
    after = shop.post(f"/v1/invoices/{before['id']}/{action}", **params)
    return changes(before, after)


def test_paying_a_draft_changes_these_twelve_fields_and_no_other(shop: Shop) -> None:
    found = moved(shop, shop.invoice(), "pay")
    card = {"amount_paid", "amount_remaining", "attempt_count", "attempted", "status", "status_transitions.paid_at"}
    assert set(found) == card | FINALIZES | URLS
    now = MONDAY + 10
    assert found["status_transitions.finalized_at"] == found["status_transitions.paid_at"] == now
    assert (found["amount_paid"], found["amount_remaining"], found["attempt_count"]) == (2000, 0, 1)
    assert (found["effective_at"], found["ending_balance"], found["rendering.pdf.page_size"]) == (now, 0, "letter")


def test_finalizing_attempts_no_payment(shop: Shop) -> None:
    found = moved(shop, shop.invoice(), "finalize")
    assert set(found) == {"status"} | FINALIZES | URLS


def test_an_invoice_of_nothing_is_paid_by_its_finalization_and_counts_no_attempt(shop: Shop) -> None:
    found = moved(shop, shop.invoice(amount=0), "finalize")
    assert set(found) == {"status", "attempted", "status_transitions.paid_at"} | FINALIZES | URLS
    assert (found["status"], found["attempted"]) == ("paid", True)


def test_an_out_of_band_payment_is_no_attempt_and_stops_auto_advance(shop: Shop) -> None:
    draft = shop.invoice(auto_advance="true")
    opened = shop.post(f"/v1/invoices/{draft['id']}/finalize")
    assert opened["auto_advance"] is True
    found = moved(shop, opened, "pay", paid_out_of_band="true")
    expected = {"status", "status_transitions.paid_at", "amount_paid", "amount_remaining", "auto_advance"}
    assert set(found) == expected | URLS
    assert found["auto_advance"] is False


@pytest.mark.parametrize(
    ("action", "stamp"), [("void", "voided_at"), ("mark_uncollectible", "marked_uncollectible_at")]
)
def test_giving_an_invoice_up_leaves_every_amount_as_it_was(shop: Shop, action: str, stamp: str) -> None:
    assert set(moved(shop, shop.invoice("open"), action)) == {"status", f"status_transitions.{stamp}"} | URLS


def test_a_late_payment_keeps_when_the_invoice_was_written_off(shop: Shop) -> None:
    before = shop.invoice("uncollectible")
    found = moved(shop, before, "pay")
    assert "status_transitions.marked_uncollectible_at" not in found
    assert found["status_transitions.paid_at"] == MONDAY + 10


@pytest.mark.parametrize("status", ["open", "uncollectible"])
@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"])
def test_a_declined_card_leaves_the_status_and_counts_the_attempt(shop: Shop, status: str, card: str) -> None:
    name = shop.invoice(status)["id"]
    answer = shop.post(f"/v1/invoices/{name}/pay", payment_method=card)
    assert shop.last.status == 402
    assert shop.header("Stripe-Should-Retry") == "false"
    assert error(answer) == refusal(
        "Your card was declined.",
        type="card_error",
        code="card_declined",
        decline_code="generic_decline",
        advice_code="try_again_later",
        network_decline_code="01",
    )
    after = shop.get(f"/v1/invoices/{name}")
    assert (after["status"], after["attempted"], after["attempt_count"]) == (status, True, 1)
    assert after["amount_remaining"] == 2000


def test_a_draft_whose_payment_is_declined_is_open_afterwards(shop: Shop) -> None:
    name = shop.invoice(customer=shop.customer("pm_card_chargeDeclined"))["id"]
    shop.post(f"/v1/invoices/{name}/pay")
    assert shop.last.status == 402
    assert shop.get(f"/v1/invoices/{name}")["status"] == "open"


def test_forgiving_settles_what_a_card_without_funds_does_not_pay(shop: Shop) -> None:
    name = shop.invoice("open")["id"]
    card = "pm_card_chargeDeclinedInsufficientFunds"
    shop.post(f"/v1/invoices/{name}/pay", payment_method=card)
    assert shop.last.status == 402
    after = shop.post(f"/v1/invoices/{name}/pay", payment_method=card, forgive="true")
    assert (after["status"], after["amount_paid"], after["attempt_count"]) == ("paid", 0, 2)


def test_a_credit_of_the_customer_is_applied_when_the_invoice_is_finalized(shop: Shop) -> None:
    customer = shop.customer(balance=-1000)
    opened = shop.invoice("open", amount=3000, customer=customer)
    assert (opened["amount_due"], opened["starting_balance"], opened["ending_balance"]) == (2000, -1000, 0)
    assert shop.get(f"/v1/customers/{customer}")["balance"] == 0


def test_numbers_count_per_customer_and_drafts_that_go_use_none(shop: Shop) -> None:
    one, other = shop.customer(), shop.customer()
    prefix = shop.get(f"/v1/customers/{one}")["invoice_prefix"]
    first = shop.invoice("paid", customer=one)["number"]
    shop.delete(f"/v1/invoices/{shop.invoice(customer=one)['id']}")
    assert shop.invoice("open", customer=other)["number"].endswith("-0001")
    second = shop.invoice(customer=one, collection_method="send_invoice", days_until_due=1)
    assert first == f"{prefix}-0001"
    assert shop.post(f"/v1/invoices/{second['id']}/send")["number"] == f"{prefix}-0002"


def test_no_transition_names_a_field_that_an_invoice_does_not_have(shop: Shop) -> None:
    invoice = shop.invoice()
    for names in CHANGES.values():
        for name in names:
            value: Any = invoice
            for step in name.split("."):
                assert step in value
                value = value[step]


# Each sentence as it stands on the wire, written down a second time.
SENTENCES = {
    "E1": PAID,
    "E2": NOT_OPEN,
    "E3": PAYMENTS,
    "E4": FINALIZED,
    "E5": NO_DRAFT,
    "E6": FROZEN,
    "E7": MARKED,
    "E8": BY_HAND,
    "E9": CANNOT_SEND,
    "E10": "No such invoice: 'in_x'",
    "E11": NO_LONGER,
    "E12": "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
    "E13": "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
    "E14": NO_METHOD,
    "E15": "Can't delete an invoice item that is attached to an invoice that is no longer editable",
    "E16": "This invoice item has been deleted.",
}
# How each is provoked: the invoice's status, and what is asked. `{}` is its id, `{item}` its item, `{line}` its line.
PROVOKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "E1": ("paid", "POST /v1/invoices/{}/pay", {}),
    "E2": ("draft", "POST /v1/invoices/{}/void", {}),
    "E3": ("paid", "POST /v1/invoices/{}/void", {}),
    "E4": ("open", "POST /v1/invoices/{}/finalize", {}),
    "E5": ("void", "DELETE /v1/invoices/{}", {}),
    "E6": ("paid", "POST /v1/invoices/{}?description=x", {"param": "description"}),
    "E7": ("uncollectible", "POST /v1/invoices/{}/mark_uncollectible", {}),
    "E8": ("open", "POST /v1/invoices/{}/send", {}),
    "E9": ("paid", "POST /v1/invoices/{}/send", {}),
    "E10": ("draft", "GET /v1/invoices/in_x", {"code": "resource_missing", "param": "invoice"}),
    "E11": ("open", "POST /v1/invoices/{}/add_lines?lines[0][amount]=1", {"code": "invoice_not_editable"}),
    "E12": ("draft", "POST /v1/invoices?customer={customer}&collection_method=send_invoice", {}),
    "E13": ("draft", "POST /v1/invoices?customer={customer}&days_until_due=1", {}),
    "E14": ("open", "POST /v1/invoices/{}/pay", {}),
    "E15": ("open", "DELETE /v1/invoiceitems/{item}", {}),
    "E16": ("draft", "POST /v1/invoiceitems/{item}?amount=1", {}),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_each_refusal_has_its_exact_sentence_and_members(shop: Shop, name: str) -> None:
    status, request_line, members = PROVOKED[name]
    made = shop.invoice(status, customer=shop.customer(None if name == "E14" else "pm_card_visa"))
    item = shop.get("/v1/invoiceitems", invoice=made["id"])["data"][0]["id"]
    if name == "E16":
        shop.delete(f"/v1/invoices/{made['id']}")
    method, target = request_line.split(" ")
    answer = shop.ask(method, target.format(made["id"], item=item, customer=made["customer"]))
    assert (shop.last.status, error(answer)) == (404 if name == "E10" else 400, refusal(SENTENCES[name], **members))


def test_the_printed_sentences_are_those_of_the_wire() -> None:
    assert printed.SENTENCES == SENTENCES
    table = printed.sentences_table().splitlines()[2:]
    assert [row.split(" | ")[0] for row in table] == [f"| {name}" for name in SENTENCES]


def test_the_printed_table_has_a_row_for_each_action_with_all_its_outcomes() -> None:
    rows = [[cell.strip(" `") for cell in row.strip("|\n").split("|")] for row in printed.states_table().splitlines()]
    assert rows[0] == ["action", *STATUSES]
    shown = {row[0]: row[1:] for row in rows[2:]}
    assert shown["retrieve"] == ["same"] * 5
    assert shown["edit_lines"] == ["same", *["E11"] * 4]
    names = {sentence: name for name, sentence in SENTENCES.items()} | {"deleted": "gone"}
    for action, outcomes in TABLE.items():
        if action != "update":
            assert shown[action] == [names.get(outcome, outcome) for outcome in outcomes]


def test_what_must_not_come_together_is_refused_before_the_object_is_looked_for(shop: Shop) -> None:
    for target, one, other in (
        ("/v1/invoiceitems/ii_x", "amount", "quantity"),
        ("/v1/invoices/in_x", "days_until_due", "due_date"),
        ("/v1/invoices/in_x/pay", "payment_method", "source"),
    ):
        answer = error(shop.post(target, f"{one}=1&{other}=1"))
        assert answer == refusal(f"You may only specify one of these parameters: {one}, {other}.", param=one)
    answer = error(shop.post("/v1/invoices/in_x/add_lines", "lines[0][amount]=1&lines[0][quantity]=1"))
    pair = "You may only specify one of these parameters: amount, quantity."
    assert answer == refusal(pair, param="lines[0][amount]")
