"""How lists are walked and filtered, and the words in which a wrong cursor, limit or filter is refused."""

from typing import Any

import pytest

from replayer.sandbox.ledger.paging import Collection
from tests.sandbox.shop import MONDAY, Shop, error, refusal


def names(page: Any) -> list[str]:
    return [row["id"] for row in page["data"]]


def walk(shop: Shop, path: str, **params: Any) -> list[list[str]]:
    """The pages of a forward walk, each cursor being the last id of the page before."""
    pages: list[list[str]] = []
    page = shop.get(path, **params)
    while True:
        pages.append(names(page))
        if not page["has_more"]:
            return pages
        page = shop.get(path, starting_after=pages[-1][-1], **params)


def test_invoices_of_one_second_come_in_the_reverse_order_of_their_making(shop: Shop) -> None:
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(25)]
    pages = walk(shop, "/v1/invoices", limit=10)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [name for page in pages for name in page] == made[::-1]


def test_a_full_last_page_says_that_there_is_no_more(shop: Shop) -> None:
    customer = shop.customer()
    for _ in range(4):
        shop.invoice(customer=customer, amount=0)
    assert [len(page) for page in walk(shop, "/v1/invoices", limit=2)] == [2, 2]


def test_a_page_before_a_cursor_is_newest_first_and_nearest_to_it(shop: Shop) -> None:
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(6)]
    page = shop.get("/v1/invoices", limit=2, ending_before=made[0])
    assert names(page) == [made[2], made[1]]
    assert page["has_more"] is True
    page = shop.get("/v1/invoices", limit=3, ending_before=made[2])
    assert names(page) == [made[5], made[4], made[3]]
    assert page["has_more"] is False


def test_the_envelope_has_four_keys_in_the_order_of_the_wire(shop: Shop) -> None:
    assert list(shop.get("/v1/invoices").items()) == [
        ("object", "list"),
        ("data", []),
        ("has_more", False),
        ("url", "/v1/invoices"),
    ]


@pytest.mark.parametrize(("limit", "size"), [(0, 1), (-1, 1), (101, 100), (200, 100), (7, 7), (None, 10)])
def test_a_limit_out_of_range_is_clamped(shop: Shop, limit: int | None, size: int) -> None:
    for _ in range(102):
        shop.post("/v1/customers")
    page = shop.get("/v1/customers", **({} if limit is None else {"limit": limit}))
    assert (len(page["data"]), page["has_more"]) == (size, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=abc", refusal("Invalid integer: abc", code="parameter_invalid_integer", param="limit")),
        (
            "created[gte]=soon",
            refusal("Invalid integer: soon", code="parameter_invalid_integer", param="created[gte]"),
        ),
        (
            "status=closed",
            refusal("Invalid status: must be one of draft, open, void, paid, or uncollectible", param="status"),
        ),
        (
            "collection_method=x",
            refusal(
                "Invalid collection_method: must be one of charge_automatically or send_invoice",
                param="collection_method",
            ),
        ),
        (
            "customer=cus_nope",
            refusal("No such customer: 'cus_nope'", code="resource_missing", param="customer"),
        ),
        (
            "starting_after=in_x",
            refusal("No such invoice: 'in_x'", code="resource_missing", param="starting_after"),
        ),
        (
            "ending_before=cus_x",
            refusal("No such invoice: 'cus_x'", code="resource_missing", param="ending_before"),
        ),
        (
            "starting_after=in_x&ending_before=in_y",
            refusal("No such invoice: 'in_x'", code="resource_missing", param="starting_after"),
        ),
        (
            "created[foo]=1",
            refusal("Received unknown parameter: created[foo]", code="parameter_unknown", param="created[foo]"),
        ),
    ],
)
def test_a_wrong_question_is_refused_in_the_words_of_the_api(shop: Shop, query: str, expected: dict[str, Any]) -> None:
    assert error(shop.ask("GET", f"/v1/invoices?{query}")) == expected
    assert shop.last.status == 400


def test_both_cursors_together_are_refused(shop: Shop) -> None:
    name = shop.invoice()["id"]
    answer = shop.get("/v1/invoices", starting_after=name, ending_before=name)
    message = "Received both starting_after and ending_before parameters. Please pass in only one."
    assert error(answer) == refusal(message)


def test_filters_combine_with_each_other_and_with_a_cursor(shop: Shop) -> None:
    one, other = shop.customer(), shop.customer()
    wanted: list[str] = []
    for second in range(4):
        shop.at = MONDAY + second
        wanted.append(shop.invoice("open", customer=one)["id"])
        shop.invoice("open", customer=other)
        shop.invoice(customer=one)
    query = f"customer={one}&status=open&created[gt]={MONDAY}&created[lte]={MONDAY + 3}&limit=2"
    first = shop.ask("GET", f"/v1/invoices?{query}")
    assert (names(first), first["has_more"]) == ([wanted[3], wanted[2]], True)
    rest = shop.ask("GET", f"/v1/invoices?{query}&starting_after={wanted[2]}")
    assert (names(rest), rest["has_more"]) == ([wanted[1]], False)
    assert names(shop.get("/v1/invoices", created=MONDAY + 2, status="open", customer=one)) == [wanted[2]]


def test_a_walk_over_drafts_goes_on_while_each_is_finalized(shop: Shop) -> None:
    made = [shop.invoice()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = shop.get("/v1/invoices", status="draft", limit=2, **cursor)
        for name in names(page):
            seen.append(name)
            shop.post(f"/v1/invoices/{name}/finalize")
        if not page["has_more"]:
            break
        cursor = {"starting_after": seen[-1]}
    assert seen == made[::-1]


def test_due_dates_and_subscriptions_are_filters_too(shop: Shop) -> None:
    due = shop.invoice(collection_method="send_invoice", due_date=MONDAY + 99)["id"]
    subscribed = shop.invoice(subscription="sub_1")["id"]
    assert names(shop.ask("GET", f"/v1/invoices?due_date[lt]={MONDAY + 100}")) == [due]
    assert names(shop.get("/v1/invoices", due_date=MONDAY)) == []
    assert names(shop.get("/v1/invoices", subscription="sub_1")) == [subscribed]
    assert names(shop.get("/v1/invoices", collection_method="send_invoice")) == [due]


def test_a_deleted_customer_is_still_a_cursor_and_a_deleted_draft_is_not(shop: Shop) -> None:
    made = [shop.customer() for _ in range(3)]
    shop.delete(f"/v1/customers/{made[1]}")
    assert names(shop.get("/v1/customers", starting_after=made[1])) == [made[0]]
    assert names(shop.get("/v1/customers", ending_before=made[1])) == [made[2]]
    draft = shop.invoice()["id"]
    shop.delete(f"/v1/invoices/{draft}")
    answer = error(shop.get("/v1/invoices", starting_after=draft))
    assert answer == refusal(f"No such invoice: '{draft}'", code="resource_missing", param="starting_after")


def test_an_invoice_shows_ten_lines_and_lists_the_rest(shop: Shop) -> None:
    customer = shop.customer()
    for amount in range(12):
        shop.post("/v1/invoiceitems", customer=customer, amount=amount)
    made = shop.invoice(customer=customer, amount=0, pending_invoice_items_behavior="include")
    nested, path = made["lines"], f"/v1/invoices/{made['id']}/lines"
    assert list(nested) == ["object", "data", "has_more", "total_count", "url"]
    assert [line["amount"] for line in nested["data"]] == list(range(11, 1, -1))
    assert (nested["has_more"], nested["total_count"], nested["url"]) == (True, 12, path)
    rest = shop.get(path, starting_after=nested["data"][-1]["id"])
    assert list(rest) == ["object", "data", "has_more", "url"]
    assert [line["amount"] for line in rest["data"]] == [1, 0]
    answer = error(shop.get(path, starting_after="il_x"))
    assert (answer["param"], answer["code"]) == ("starting_after", "resource_missing")


def test_a_page_of_one_customer_and_status_touches_no_other_invoice(shop: Shop) -> None:
    one, other = shop.customer(), shop.customer()
    wanted = [shop.invoice("open", customer=one, amount=5)["id"] for _ in range(2)]
    for _ in range(30):
        shop.invoice(customer=one, amount=0)
        shop.invoice("open", customer=other, amount=5)
    touched = 0
    walk_over = Collection._walk  # noqa: SLF001 - what a page costs is seen nowhere else

    def counted(self: Collection, keys: list[Any], places: range) -> Any:
        nonlocal touched
        for row in walk_over(self, keys, places):
            touched += 1
            yield row

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Collection, "_walk", counted)
        assert names(shop.get("/v1/invoices", customer=one, status="open")) == wanted[::-1]
    assert touched == 2
