"""Calls: an API of methods, not of objects. What one does stands in its name, and what it is about in its body.

POST /orders.v1.OrderService/GetOrder  {"id": "or_1"}     asks about or_1, and changes nothing
POST /api/orders.cancel                {"id": "or_1"}     writes to or_1, for it answers with it
POST /rpc                              {"method": "orders.get", "params": {"id": "or_1"}}
POST /graphql                          {"query": "{ order(id: \\"or_1\\") { state } }"}
POST /v1/databases/db_1/query          asks what stands there
"""

import re

from replayer.core.matching.canonical import Canonical, unwrapped

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
# What a method only asks by begins with one of these: `GetOrder`, `list_tables`, `batchGet`.
ASKING = frozenset(
    {"get", "list", "describe", "search", "query", "find", "fetch", "lookup", "read", "show", "count", "scan", "exists"}
)
ENDING = ASKING | {"info", "history", "status", "lookup"}  # or ends with: `users.info`, `conversations.history`
# The last segment of a path that is no method, and asks all the same: `/v1/databases/db_1/query`, `/_search`.
SEARCHING = frozenset(
    {"search", "query", "lookup", "count", "find", "filter", "aggregate", "_search", "_count", "_mget"}
)
OPERATION = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?P<kind>query|mutation|subscription|fragment|\{)")
BATCH = "batch"
ALWAYS_ASKING = frozenset({"QUERY", "REPORT", "PROPFIND"})  # methods of HTTP (WebDAV, RFC 4918 and 3253)


def only_asks(asked: Canonical) -> bool:
    """Whether a request that is sent as a write changes nothing, by its name."""
    if asked.method != "POST":
        return asked.method in ALWAYS_ASKING
    if (kind := _operation(asked)) is not None:
        return kind not in ("mutation", "subscription") and "mutation" not in str(asked.body)
    return asked.path.rpartition("/")[2] in SEARCHING or _names_question(method_of(asked))


def method_of(asked: Canonical) -> str:
    """The method that a call names; empty where it is none."""
    if target := asked.chosen.get("x-amz-target"):
        return target.rpartition(".")[2]
    body = unwrapped(asked.body)
    if isinstance(body, dict) and "jsonrpc" in body and isinstance(body.get("method"), str):
        return str(body["method"])
    *_, service, last = ("", *asked.path.split("/"))
    if "." in last or ":" in last:
        return re.split(r"[.:]", last)[-1]
    return last if "." in service and last[:1].isupper() else ""  # /orders.v1.OrderService/GetOrder


def family(asked: Canonical) -> str:
    """What the methods of one kind of object have in common, `/api/orders` of `/api/orders.cancel`; of any other path
    what it lies in."""
    parent, _, last = asked.path.rpartition("/")
    kind = last.rpartition(".")[0] if asked.method == "POST" else ""
    return f"{parent}/{kind}" if kind else parent


def _operation(asked: Canonical) -> str | None:
    """What a query of GraphQL does; None where it is none."""
    body = unwrapped(asked.body)
    text = body.get("query") if isinstance(body, dict) else None
    match = OPERATION.match(text) if isinstance(text, str) and "{" in text else None
    return match["kind"] if match else None


def _names_question(method: str) -> bool:
    words = [word.lower() for word in WORD.findall(re.split(r"[._/:]", method)[-1])]
    if words[:1] == [BATCH]:
        words = words[1:]
    return bool(words) and (words[0] in ASKING or words[-1] in ENDING)
