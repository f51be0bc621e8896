"""Random lives of a shop against a model of amounts, statuses and lists that is too small to be wrong."""

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from .shop import Shop

STATUSES = st.sampled_from(["draft", "open", "paid", "uncollectible", "void"])
WAYS = st.sampled_from(["default", "out_of_band", "declined"])


@dataclass
class Person:
    """What the model knows of a customer."""

    id: str
    balance: int
    pays: bool
    next_number: int = 1
    pending: list[int] = field(default_factory=list)


@dataclass
class Bill:
    """What the model knows of an invoice. `lines` are amounts, the newest first."""

    id: str
    person: Person
    by_hand: bool
    balance: int
    lines: list[int] = field(default_factory=list)
    status: str = "draft"
    due: int = 0
    paid: int = 0
    left: int = 0
    attempts: int = 0
    number: int | None = None
    paid_by: str = ""

    def summed(self) -> None:
        self.due = self.left = max(0, sum(self.lines) + self.balance)

    def finalized(self) -> None:
        """The balance of this day counts, not that of the draft's."""
        self.balance = self.person.balance
        self.summed()
        self.person.balance = min(0, sum(self.lines) + self.balance)
        self.status = "open" if self.due else "paid"
        self.number, self.person.next_number = self.person.next_number, self.person.next_number + 1

    def settled(self, by: str) -> None:
        self.status, self.paid, self.left, self.paid_by = "paid", self.due, 0, by


class Machine(RuleBasedStateMachine):
    people = Bundle("people")
    bills = Bundle("bills")

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.made: list[Bill] = []

    def post(self, bill: Bill, action: str, expected: int, **params: Any) -> None:
        self.shop.post(f"/v1/invoices/{bill.id}/{action}", **params)
        assert self.shop.last.status == expected, (action, bill, self.shop.last.body)

    @rule(target=people, balance=st.sampled_from([0, 0, -700, 300]), pays=st.booleans())
    def a_customer(self, balance: int, pays: bool) -> Person:
        return Person(self.shop.customer("pm_card_visa" if pays else None, balance=balance), balance, pays)

    @rule(target=bills, person=people, by_hand=st.booleans(), include=st.booleans())
    def a_draft(self, person: Person, by_hand: bool, include: bool) -> Bill:
        terms: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 3} if by_hand else {}
        behavior = "include" if include else "exclude"
        made = self.shop.post("/v1/invoices", customer=person.id, pending_invoice_items_behavior=behavior, **terms)
        bill = Bill(made["id"], person, by_hand, person.balance)
        if include:
            bill.lines, person.pending = person.pending, []
        bill.summed()
        self.made.append(bill)
        return bill

    @rule(person=people, amount=st.integers(-500, 3000))
    def a_pending_item(self, person: Person, amount: int) -> None:
        self.shop.post("/v1/invoiceitems", customer=person.id, amount=amount)
        person.pending.insert(0, amount)

    @rule(bill=bills, amount=st.integers(-500, 3000), edit=st.booleans())
    def a_line(self, bill: Bill, amount: int, edit: bool) -> None:
        if edit:
            self.shop.post(f"/v1/invoices/{bill.id}/add_lines", f"lines[0][amount]={amount}")
        else:
            self.shop.post("/v1/invoiceitems", customer=bill.person.id, invoice=bill.id, amount=amount)
        draft = bill.status == "draft"
        assert self.shop.last.status == (200 if draft else 400)
        if draft:
            bill.lines.insert(0, amount)
            bill.summed()

    @rule(bill=bills)
    def finalize(self, bill: Bill) -> None:
        draft = bill.status == "draft"
        self.post(bill, "finalize", 200 if draft else 400)
        if draft:
            bill.finalized()

    @rule(bill=bills)
    def send(self, bill: Bill) -> None:
        possible = bill.by_hand and bill.status in ("draft", "open")
        self.post(bill, "send", 200 if possible else 400)
        if possible and bill.status == "draft":
            bill.finalized()

    @rule(bill=bills, way=WAYS)
    def pay(self, bill: Bill, way: str) -> None:
        params = {"out_of_band": {"paid_out_of_band": "true"}, "declined": {"payment_method": "tok_chargeDeclined"}}
        draft, finished = bill.status == "draft", bill.status in ("paid", "void")
        free = draft and not max(0, sum(bill.lines) + bill.person.balance)
        unable = way == "default" and not bill.person.pays and not free
        expected = 400 if finished or unable else 402 if way == "declined" and not free else 200
        self.post(bill, "pay", expected, **params.get(way, {}))
        if expected == 400:
            return
        if draft:
            bill.finalized()
        if bill.status == "paid":
            return
        bill.attempts += way != "out_of_band"
        if expected == 200:
            bill.settled(way)

    @rule(bill=bills)
    def void(self, bill: Bill) -> None:
        possible = bill.status in ("open", "uncollectible")
        self.post(bill, "void", 200 if possible else 400)
        if possible:
            bill.status = "void"

    @rule(bill=bills)
    def mark_uncollectible(self, bill: Bill) -> None:
        possible = bill.status == "open"
        self.post(bill, "mark_uncollectible", 200 if possible else 400)
        if possible:
            bill.status = "uncollectible"

    @rule(bill=consumes(bills))
    def delete(self, bill: Bill) -> None:
        draft = bill.status == "draft"
        self.shop.delete(f"/v1/invoices/{bill.id}")
        assert self.shop.last.status == (200 if draft else 400)
        if draft:
            self.made.remove(bill)

    @rule()
    def a_second_passes(self) -> None:
        self.shop.at += 1

    @rule(bill=bills)
    def look_at(self, bill: Bill) -> None:
        shown = self.shop.get(f"/v1/invoices/{bill.id}")
        names = ("status", "total", "amount_due", "amount_paid", "amount_remaining", "attempt_count")
        model = (bill.status, sum(bill.lines), bill.due, bill.paid, bill.left, bill.attempts)
        assert tuple(shown[name] for name in names) == model
        assert [line["amount"] for line in shown["lines"]["data"]] == bill.lines[:10]
        assert shown["lines"]["total_count"] == len(bill.lines)
        assert (shown["number"] or "-0000")[-4:] == f"{bill.number or 0:04d}"
        assert shown["subtotal"] == shown["total"]

    @rule(person=people)
    def look_at_customer(self, person: Person) -> None:
        shown = self.shop.get(f"/v1/customers/{person.id}")
        assert (shown["balance"], shown["next_invoice_sequence"]) == (person.balance, person.next_number)
        pending = self.shop.get("/v1/invoiceitems", customer=person.id, pending="true", limit=100)["data"]
        assert [item["amount"] for item in pending] == person.pending

    @rule(status=st.none() | STATUSES, person=st.none() | people, limit=st.integers(1, 4), forward=st.booleans())
    def walk(self, status: str | None, person: Person | None, limit: int, forward: bool) -> None:
        """All pages of a list, from its newest or towards it from its oldest."""
        kept = [b.id for b in self.made if b.status == (status or b.status) and b.person is (person or b.person)]
        filters = {name: value for name, value in (("status", status), ("customer", person and person.id)) if value}
        cursor = {} if forward or not kept else {"ending_before": kept[0]}
        seen: list[str] = []
        while True:
            page = self.shop.get("/v1/invoices", limit=limit, **filters, **cursor)
            names = [row["id"] for row in page["data"]]
            seen += names if forward or not kept else names[::-1]
            if not page["has_more"]:
                break
            cursor = {"starting_after": names[-1]} if forward else {"ending_before": names[0]}
        assert seen == (kept[::-1] if forward or not kept else kept[1:])

    @invariant()
    def the_newest_page_is_that_of_the_model(self) -> None:
        page = self.shop.get("/v1/invoices", limit=3)
        assert [(row["id"], row["status"], row["amount_due"]) for row in page["data"]] == [
            (bill.id, bill.status, bill.due) for bill in self.made[:-4:-1]
        ]


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=int(os.environ.get("MACHINE_EXAMPLES", "25")),
    stateful_step_count=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
