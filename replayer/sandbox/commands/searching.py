"""Search: `status:'open' AND total>1000`. The words of a wrong query's refusal are ours; the API's are not known."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import limit
from replayer.sandbox.ledger import Ledger, objects, paging
from replayer.sandbox.wire import Wire, kinds, refusals

SEARCH: Final[kinds.ParamTable] = {"query": kinds.NAME, "limit": kinds.INTEGER, "page": kinds.NAME}

Test = Callable[[Wire], bool]

_CLAUSE: Final = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_]+)(?:\[(?P<quote>["'])(?P<key>.*?)(?P=quote)\])?"""
    r"""\s*(?P<sign>>=|<=|[:~><])\s*(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>[^\s"']+))"""
)
_JOINT: Final = re.compile(r"\s+(AND|OR)\s+|\s+", re.IGNORECASE)

TEXTS: Final[Mapping[str, Callable[[Wire], str | None]]] = {
    "currency": lambda row: row["currency"],
    "customer": lambda row: row["customer"],
    "last_finalization_error_code": lambda _: None,
    "number": lambda row: row["number"],
    "receipt_number": lambda row: row["receipt_number"],
    "status": lambda row: row["status"],
    "subscription": objects.subscription_of,
}
NUMBERS: Final[Mapping[str, Callable[[Wire], int]]] = {
    "created": lambda row: row["created"],
    "total": lambda row: row["total"],
}
_SIGNS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    ":": lambda have, want: have == want,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
}


def search(ledger: Ledger, command: Command) -> Wire:
    test = parsed(command.params["query"])
    before, after = _place(ledger, command.get("page"), test)
    rows, has_more = ledger.invoices.page(
        paging.PageQuery({}, keep=test, limit=limit(command, ledger.switches), after=after)
    )
    counted: dict[str, Any] = {}
    if "total_count" in command.expand:
        counted["total_count"] = len(ledger.invoices.page(paging.PageQuery({}, keep=test, limit=paging.END))[0])
    return {
        "object": "search_result",
        "data": rows,
        "has_more": has_more,
        "next_page": _token(ledger, before + len(rows), rows[-1]["id"]) if has_more else None,
        **counted,
        "url": command.path,
    }


def _token(ledger: Ledger, count: int, name: str) -> str:
    """Opaque to a client. A switch tells whether it holds how many invoices came before, or the last one's id."""
    plain = f"[{count}]" if ledger.switches["search_page"] == "offset" else name
    return base64.urlsafe_b64encode(plain.encode()).decode()


def _place(ledger: Ledger, token: str | None, test: Test) -> tuple[int, str | None]:
    """How many invoices came before the page, as far as the token tells, and the last of them."""
    if token is None:
        return 0, None
    plain = _opened(token)
    if ledger.invoices.places(plain):
        return 0, plain
    if re.fullmatch(r"\[[1-9][0-9]{0,8}\]", plain) and ledger.switches["search_page"] == "offset":
        count = int(plain[1:-1])
        rows, _ = ledger.invoices.page(paging.PageQuery({}, keep=test, limit=count))
        return len(rows), rows[-1]["id"] if rows else None
    raise refusals.invalid("Invalid page: it must be the `next_page` of an earlier search.", "page")


def _opened(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def parsed(query: str) -> Test:
    """The query as a test of one invoice. Clauses are joined by AND (or a space), or all by OR."""
    tests: list[Test] = []
    joints: set[str] = set()
    place = 0
    while True:
        found = _CLAUSE.match(query, place)
        if found is None:
            raise refusals.invalid(
                f"We were unable to parse your search query near '{query[place : place + 20]}'.", "query"
            )
        tests.append(_clause(found))
        place = found.end()
        if not query[place:].strip():
            break
        joint = _JOINT.match(query, place)
        if joint is None:
            raise refusals.invalid(
                f"We were unable to parse your search query near '{query[place : place + 20]}'.", "query"
            )
        joints.add((joint[1] or "AND").upper())
        place = joint.end()
    if len(joints) > 1:
        raise refusals.invalid("A search query cannot mix AND and OR.", "query")
    join = any if joints == {"OR"} else all
    return lambda row: join(test(row) for test in tests)


def _clause(found: re.Match[str]) -> Test:
    quoted = found["double"] if found["double"] is not None else found["single"]
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else None
    field, sign, bare = found["field"], found["sign"], found["bare"]
    if field in NUMBERS and found["key"] is None:
        test = _number(field, sign, bare if value is None else value)
    else:
        test = _text(field, found["key"], sign, value, bare)
    return (lambda row: not test(row)) if found["not"] else test


def _number(field: str, sign: str, value: str | None) -> Test:
    if sign not in _SIGNS or value is None or not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise refusals.invalid(f"The search field `{field}` compares with an integer by one of : > < >= <=.", "query")
    wanted = int(value)
    return lambda row: _SIGNS[sign](NUMBERS[field](row), wanted)


def _text(field: str, key: str | None, sign: str, value: str | None, bare: str | None) -> Test:
    if (field == "metadata") is (key is None) or (field != "metadata" and field not in TEXTS):
        raise refusals.invalid(f"Field `{field}` is an unsupported search field for resource `invoices`.", "query")
    if sign not in (":", "~") or (value is None and bare != "null"):
        raise refusals.invalid(f"The search field `{field}` compares with a quoted text by one of : ~.", "query")

    def read(row: Wire) -> str | None:
        shown: str | None = TEXTS[field](row) if key is None else row["metadata"].get(key)
        return shown

    if value is None:
        return lambda row: read(row) is None
    if sign == ":":
        return lambda row: read(row) == value
    return lambda row: value.lower() in (read(row) or "").lower()
