"""Search: its clauses, its pages, and its refusals."""

import pytest

from tests.sandbox.shop import MONDAY, Shop


def found(shop: Shop, query: str) -> list[int]:
    page = shop.get("/v1/invoices/search", query=query)
    assert shop.last.status == 200, page
    return [row["total"] for row in page["data"]]


@pytest.mark.parametrize(
    ("query", "totals"),
    [
        ("status:'paid'", [3, 1]),
        ('status:"draft"', [2]),
        ("-status:'paid'", [2]),
        ("total>1", [3, 2]),
        ("total>=2 AND status:'paid'", [3]),
        ("status:'draft' OR total:1", [2, 1]),
        ("metadata['kind']:'odd'", [3, 1]),
        ("metadata['kind']~'OD'", [3, 1]),
        ("number:null", [2]),
        (f"created>{MONDAY + 1}", [3]),
        ("currency:'usd' status:'paid'", [3, 1]),
    ],
)
def test_clauses_choose_invoices_newest_first(shop: Shop, query: str, totals: list[int]) -> None:
    for total in (1, 2, 3):
        made = shop.invoice("paid" if total % 2 else "draft", amount=total)
        shop.post(f"/v1/invoices/{made['id']}", f"metadata[kind]={'odd' if total % 2 else 'even'}")
        shop.at += 1
    assert found(shop, query) == totals


def test_pages_follow_each_other_by_an_opaque_token(shop: Shop) -> None:
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(5)]
    seen: list[str] = []
    page = shop.get("/v1/invoices/search", query=f"customer:'{customer}'", limit=2)
    assert list(page) == ["object", "data", "has_more", "next_page", "url"]
    while True:
        seen += [row["id"] for row in page["data"]]
        if not page["has_more"]:
            break
        page = shop.get("/v1/invoices/search", query=f"customer:'{customer}'", limit=2, page=page["next_page"])
    assert (seen, page["next_page"]) == (made[::-1], None)


def test_all_that_match_are_counted_when_asked(shop: Shop) -> None:
    for _ in range(3):
        shop.invoice()
    page = shop.ask("GET", "/v1/invoices/search?query=status:'draft'&limit=1&expand[]=total_count")
    assert (page["total_count"], len(page["data"])) == (3, 1)


@pytest.mark.parametrize(
    "query", ["nonsense", "status:open", "wat:'x'", "total>'x'", "status>'a'", "total:1 AND total:2 OR total:3", "a'"]
)
def test_a_wrong_query_is_refused(shop: Shop, query: str) -> None:
    answer = shop.get("/v1/invoices/search", query=query)
    assert (shop.last.status, answer["error"]["param"]) == (400, "query")


@pytest.mark.parametrize("page", ["x", "aW5feA==", "ü"])
def test_a_wrong_page_is_refused(shop: Shop, page: str) -> None:
    answer = shop.get("/v1/invoices/search", query="total:1", page=page)
    assert (shop.last.status, answer["error"]["param"]) == (400, "page")
