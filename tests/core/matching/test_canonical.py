"""The canonical request: equal questions have equal digests, and different ones have not."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.matching.canonical import canonical, describe, spelling
from replayer.core.message import Request, bodies
from replayer.core.rules import registry
from replayer.core.session.nearest import differences
from tests.core.build import FORM, JSON, KEY, asked, req, values

# One list call as five clients send it, measured; ruby and node bracket and escape in their own ways.
SPELLINGS = {
    "python requests": "limit=2&created%5Bgte%5D=1&created%5Blt%5D=2&expand%5B0%5D=data.customer"
    "&expand%5B1%5D=data.charge&status=open&customer=cus_%C3%BC+%26%2F1",
    "python httpx": "limit=2&created[gte]=1&created[lt]=2&expand[0]=data.customer&expand[1]=data.charge"
    "&status=open&customer=cus_%C3%BC+%26%2F1",
    "python aiohttp": "limit=2&created%5Bgte%5D=1&created%5Blt%5D=2&expand%5B0%5D=data.customer"
    "&expand%5B1%5D=data.charge&status=open&customer=cus_%C3%BC+%26/1",
    "node": "limit=2&status=open&created[gte]=1&created[lt]=2&expand[0]=data.customer&expand[1]=data.charge"
    "&customer=cus_%C3%BC%20%26%2F1",
    "ruby": "customer=cus_%C3%BC+%26%2F1&limit=2&created%5Bgte%5D=1&created%5Blt%5D=2"
    "&expand%5B%5D=data.charge&expand%5B%5D=data.customer&status=open",
}

names = st.text("abcdefgü", min_size=1, max_size=4).filter(lambda name: name != "metadata")
scalars = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
trees: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    names,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(names, inner, min_size=1, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


def pairs_of(tree: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(tree, dict):
        return [pair for key, child in tree.items() for pair in pairs_of(child, f"{name}[{key}]" if name else key)]
    if isinstance(tree, list):
        return [pair for index, child in enumerate(tree) for pair in pairs_of(child, f"{name}[{index}]")]
    return [(name, tree)]


def spelled(pairs: list[tuple[str, str]], client: str) -> str:
    match client:
        case "requests":
            return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs)
        case "httpx":
            return "&".join(f"{quote(key, safe='[]')}={quote_plus(value)}" for key, value in pairs)
        case "aiohttp":
            return "&".join(f"{quote_plus(key)}={quote_plus(value, safe='/:@')}" for key, value in pairs)
        case _:
            return "&".join(f"{quote(key, safe='[]')}={quote(value, safe='')}" for key, value in pairs)


clients = st.sampled_from(("requests", "httpx", "aiohttp", "node"))


def test_five_clients_ask_one_question() -> None:
    assert len({asked(f"GET /v1/invoices?{query}").digest for query in SPELLINGS.values()}) == 1
    assert len({asked("POST /v1/invoices", form).digest for form in SPELLINGS.values()}) == 1


@given(trees, clients, clients, st.randoms())
def test_a_question_has_one_digest_whoever_spells_it_in_whatever_order(
    tree: dict[str, Any], one: str, other: str, chance: Any
) -> None:
    pairs = pairs_of(tree)
    shuffled = chance.sample(pairs, len(pairs))
    first, second = spelled(pairs, one), spelled(shuffled, other)
    assert asked(f"GET /v1/x?{first}").query == tree
    assert asked(f"GET /v1/x?{first}").digest == asked(f"GET /v1/x?{second}").digest
    assert asked("POST /v1/x", first).digest == asked("POST /v1/x", second).digest


@given(trees.filter(bool), clients, st.integers(0, 99), scalars)
def test_another_value_is_another_question(tree: dict[str, Any], client: str, which: int, value: str) -> None:
    pairs = pairs_of(tree)
    key, old = pairs[which % len(pairs)]
    if old == value:
        return
    changed = [(name, value if name == key else kept) for name, kept in pairs]
    assert asked(f"GET /x?{spelled(pairs, client)}").digest != asked(f"GET /x?{spelled(changed, client)}").digest


@given(values, st.sampled_from((None, 2)))
def test_json_is_compared_by_its_value(value: Any, indent: int | None) -> None:
    spaced = json.dumps(value, indent=indent).encode()
    dense = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
    one, other = (canonical(Request("POST", "/x", JSON, raw), registry.INVOICE_RULES) for raw in (spaced, dense))
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /v1/invoices?limit=3", "GET /v1/invoices?limit=4"),
        ("GET /v1/invoices?limit=3", "GET /v1/invoices"),
        ("GET /v1/invoices?a=", "GET /v1/invoices"),
        ("GET /v1/invoices?a=", "GET /v1/invoices?a=null"),
        ("GET /v1/invoices?a[]=1&a[]=2", "GET /v1/invoices?a[]=2&a[]=1"),
        ("GET /v1/invoices?a[]=1", "GET /v1/invoices?a=1"),
        ("GET /v1/invoices?a=True", "GET /v1/invoices?a=true"),
        ("GET /v1/invoices?a=1", "GET /v1/invoices?a=1.0"),
        ("GET /v1/invoices?a=%2B", "GET /v1/invoices?a=+"),
        ("GET /v1/invoices?a=%FF", "GET /v1/invoices?a=%FE"),
        ("GET /v1/%FF", "GET /v1/%FE"),
        ("GET /v1/invoices", "POST /v1/invoices"),
        ("GET /v1/invoices/in_1", "GET /v1/invoices/in_12"),
        ("GET /v1/Invoices", "GET /v1/invoices"),
    ],
)
def test_these_are_different_questions(one: str, other: str) -> None:
    assert asked(one).digest != asked(other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GET /v1/invoices?", "GET /v1/invoices"),
        ("GET /v1/invoices?&", "GET /v1/invoices"),
        ("get /v1/invoices", "GET /v1/invoices"),
        ("GET /v1/invoices?a", "GET /v1/invoices?a="),
        ("GET /v1/invoices?a=1&a=2", "GET /v1/invoices?a=2"),
        ("GET /v1/in%76oices", "GET /v1/invoices"),
        ("GET /v1/x?expand[]=b&expand[]=a", "GET /v1/x?expand[0]=a&expand[1]=b"),
        ("GET /v1/x?a[]=1&a[]=2", "GET /v1/x?a%5B7%5D=2&a[3]=1"),
    ],
)
def test_these_are_one_question(one: str, other: str) -> None:
    assert asked(one).digest == asked(other).digest


def test_the_body_counts_with_its_kind() -> None:
    bodies = [b"", "a=1", {"a": "1"}, {"a": 1}, {"a": None}, {"a": ""}, {"a": True}, {"a": 10**30}, {"a": 10**30 + 1}]
    assert len({asked("POST /v1/x", body).digest for body in bodies}) == len(bodies)  # type: ignore[arg-type]


def test_a_body_in_gzip_asks_the_same() -> None:
    packed = bodies.encode_content(b"a=1&b=2", "gzip")
    assert packed is not None
    request = Request("POST", "/v1/x", (*FORM, ("Content-Encoding", "gzip")), packed)
    assert canonical(request, registry.INVOICE_RULES).digest == asked("POST /v1/x", "b=2&a=1").digest


def test_the_boundary_of_a_multipart_body_is_no_part_of_the_question() -> None:
    def upload(boundary: str, content: str) -> Request:
        kind = ("Content-Type", f'multipart/form-data; boundary="{boundary}"')
        return Request("POST", "/v1/files", (kind,), f"--{boundary}\r\n\r\n{content}\r\n--{boundary}--".encode())

    one, again, other = (
        canonical(upload(*parts), registry.INVOICE_RULES).digest
        for parts in (("AaB03x", "a"), ("zzz", "a"), ("AaB03x", "b"))
    )
    assert one == again != other


def test_version_and_account_are_part_of_the_question_and_the_rest_is_noise() -> None:
    plain = asked("GET /v1/invoices")
    assert plain.digest != asked("GET /v1/invoices", b"", ("Stripe-Version", "2026-10-28")).digest
    assert plain.digest != asked("GET /v1/invoices", b"", ("stripe-account", "acct_1")).digest
    noise = [("Authorization", f"Bearer {KEY}"), ("Idempotency-Key", "k"), ("User-Agent", "x"), ("Accept", "*/*")]
    assert plain.digest == asked("GET /v1/invoices", b"", *noise).digest
    assert asked("GET /x", b"", ("STRIPE-VERSION", "1")).digest == asked("GET /x", b"", ("stripe-version", "1")).digest


@pytest.mark.parametrize("depth", [100, 101, 480, 600, 900, 3_000, 100_000])
def test_a_body_of_any_depth_can_be_asked(depth: int) -> None:
    deep = Request("POST", "/x", JSON, b"[" * depth + b"]" * depth)
    deeper = Request("POST", "/x", JSON, b"[" * (depth + 1) + b"]" * (depth + 1))
    assert canonical(deep, registry.INVOICE_RULES).digest != canonical(deeper, registry.INVOICE_RULES).digest


def test_a_key_that_is_given_several_times_asks_for_all_of_them_but_in_the_invoice_api() -> None:
    both, last = req("GET /t?state=open&state=closed"), req("GET /t?state=closed")
    assert canonical(both, registry.GENERIC_RULES).digest != canonical(last, registry.GENERIC_RULES).digest
    assert canonical(both, registry.INVOICE_RULES).digest == canonical(last, registry.INVOICE_RULES).digest
    assert describe(canonical(both, registry.GENERIC_RULES)) == "GET /t?state=open&state=closed"
    assert differences(canonical(last, registry.GENERIC_RULES), canonical(both, registry.GENERIC_RULES)) == [
        "query state 'closed', recorded 'open&state=closed'"
    ]
    one, other = req("GET /t?fields=a&fields=b"), req("GET /t?fields=b&fields=a")
    assert canonical(one, registry.GENERIC_RULES).digest == canonical(other, registry.GENERIC_RULES).digest


@pytest.mark.parametrize("depth", [50, 500, 5_000])
def test_a_query_of_any_depth_can_be_asked(depth: int) -> None:
    assert asked(f"GET /x?a{'[b]' * depth}=1").digest != asked(f"GET /x?a{'[b]' * depth}=2").digest


def test_the_digest_of_a_question_never_changes() -> None:
    # Every alias in every cassette is derived from one.
    one = asked("POST /v1/invoices?x=1", "customer=cus_1&expand[]=b&expand[]=a", ("Stripe-Version", "2026-10-28"))
    assert one.text == (
        '["POST","/v1/invoices",{"x":"1"},{"form":{"customer":"cus_1","expand":["a","b"]}},{"stripe-version":"2026-10-28"}]'
    )
    assert one.digest == "716b92e181dbe35b0382c6d767e3f61b"


def test_requests_that_are_spelled_alike_ask_alike() -> None:
    one = req("POST /v1/x?a=1", "b=2", ("Stripe-Version", "1"), ("User-Agent", "a"), ("stripe-version", "2"))
    same = req("POST /v1/x?a=1", "b=2", ("stripe-version", "1"), ("User-Agent", "b"))
    assert spelling(one, registry.INVOICE_RULES) == spelling(same, registry.INVOICE_RULES)
    assert canonical(one, registry.INVOICE_RULES) == canonical(same, registry.INVOICE_RULES)
    others = [
        req("POST /v1/x?a=1", b"b=2", ("stripe-version", "1")),
        req("POST /v1/x?a=1", "b=3", ("stripe-version", "1")),
        req("POST /v1/x?a=2", "b=2", ("stripe-version", "1")),
        req("PUT /v1/x?a=1", "b=2", ("stripe-version", "1")),
        req("POST /v1/x?a=1", "b=2", ("stripe-version", "2")),
        req("POST /v1/x?a=1", "b=2", ("stripe-version", "1"), ("Content-Encoding", "gzip")),
    ]
    assert spelling(one, registry.INVOICE_RULES) not in [spelling(other, registry.INVOICE_RULES) for other in others]


@pytest.mark.parametrize("line", ["/v1/chat%s", "/v1/chat?limit=1%s", "/%s"])
@pytest.mark.parametrize("fragment", ["#stream", "#", "#a?b=c", "#a/b"])
def test_a_fragment_is_no_part_of_the_question(line: str, fragment: str) -> None:
    asked_with, without = (asked(f"GET {line % end}") for end in (fragment, ""))
    assert asked_with.digest == without.digest


def test_equal_paths_on_two_hosts_are_two_questions_where_both_are_asked() -> None:
    here, there = (
        req("GET /v1/files?limit=1"),
        replace(req("GET /v1/files?limit=1"), origin="https://files.example.com"),
    )
    one = registry.INVOICE_RULES
    assert canonical(here, one).digest == canonical(there, one).digest  # where there is one host, its name is chance
    assert spelling(here, one) == spelling(there, one)
    both = replace(one, others=frozenset({"https://files.example.com"}))
    assert canonical(here, both).digest == canonical(here, one).digest
    assert canonical(there, both).digest != canonical(here, both).digest
    assert spelling(there, both) != spelling(here, both)
    assert describe(canonical(there, both)) == "GET //files.example.com/v1/files?limit=1"
