"""Lists of things, told in pages of many styles: each is a small API, as one function and on loopback.

The things are the same in each. What an answer tells besides them, and how its pages are asked for, is the dialect.
"""

import base64
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from aiohttp import web

DEFAULT, MOST = 5, 100


@dataclass(frozen=True)
class Asked:
    """A page that somebody asks for: it begins behind `start` things and has at most `size` of them."""

    start: int
    size: int
    total: int
    params: Mapping[str, str]
    here: str
    token: Callable[[int], str]

    @property
    def end(self) -> int:
        return min(self.start + self.size, self.total)

    @property
    def more(self) -> bool:
        return self.end < self.total

    @property
    def number(self) -> int:
        return self.start // self.size + 1

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)

    def link(self, **params: Any) -> str:
        """The same request with these parameters in the place of its own."""
        given = dict(self.params) | {
            name.replace("__", "[") + "]" * ("__" in name): value for name, value in params.items()
        }
        return f"{self.here}?{urlencode(given, safe='[]')}"


Told = tuple[Any, dict[str, str]]


@dataclass(frozen=True)
class Dialect:
    """How one API tells its lists. `where` is "token", "offset" or the number of the first page; `tell` makes body and
    headers of the things of a page."""

    name: str
    position: str
    size: str
    where: str | int
    tell: Callable[[Asked, list[Any]], Told]
    spread: int | None = None
    relative: bool = False


def _numbers(page: Asked, rows: list[Any]) -> Told:
    return {
        "page": page.number, "per_page": page.size, "total": page.total, "total_pages": page.pages,
        "has_next": page.more, "things": rows,
    }, {}  # fmt: skip


def _plain_numbers(page: Asked, rows: list[Any]) -> Told:
    return {"results": rows, "has_next": page.more, "has_prev": page.start > 0}, {}


def _spring(page: Asked, rows: list[Any]) -> Told:
    return {
        "content": rows, "number": page.number - 1, "size": page.size, "numberOfElements": len(rows),
        "totalElements": page.total, "totalPages": page.pages, "first": page.start == 0, "last": not page.more,
    }, {}  # fmt: skip


def _django(page: Asked, rows: list[Any]) -> Told:
    following = page.link(page=page.number + 1) if page.more else None
    before = page.link(page=page.number - 1) if page.start else None
    return {"count": page.total, "next": following, "previous": before, "results": rows}, {}


def _drf(page: Asked, rows: list[Any]) -> Told:
    """As Django REST framework links: parameters sorted, and nothing said of the first page."""

    def link(number: int) -> str:
        given = {**page.params, "page": str(number)}
        return f"{page.here}?{urlencode(sorted(one for one in given.items() if one != ('page', '1')))}"

    following, before = link(page.number + 1) if page.more else None, link(page.number - 1) if page.start else None
    return {"count": page.total, "next": following, "previous": before, "results": rows}, {}


def _github(page: Asked, rows: list[Any]) -> Told:
    links = []
    if page.start:
        links += [("prev", page.number - 1)]
    if page.more:
        links += [("next", page.number + 1), ("last", page.pages)]
    if page.start:
        links += [("first", 1)]
    link = ", ".join(f'<{page.link(page=number)}>; rel="{name}"' for name, number in links)
    return rows, {"Link": link} if link else {}


def _gitlab(page: Asked, rows: list[Any]) -> Told:
    return rows, {
        "X-Page": str(page.number), "X-Per-Page": str(page.size), "X-Total": str(page.total),
        "X-Total-Pages": str(page.pages), "X-Next-Page": str(page.number + 1) if page.more else "",
        "X-Prev-Page": str(page.number - 1) if page.start else "",
    }  # fmt: skip


def _bare(page: Asked, rows: list[Any]) -> Told:  # noqa: ARG001 - it tells nothing
    return rows, {}


def _offsets(page: Asked, rows: list[Any]) -> Told:
    return {"offset": page.start, "limit": page.size, "total": page.total, "items": rows}, {}


def _more(page: Asked, rows: list[Any]) -> Told:
    return {"items": rows, "paging": {"more": page.more, "next_offset": page.end if page.more else None}}, {}


def _hal(page: Asked, rows: list[Any]) -> Told:
    links = {"self": {"href": page.link()}}
    if page.more:
        links["next"] = {"href": page.link(offset=page.end)}
    return {"_embedded": {"things": rows}, "_links": links, "count": len(rows)}, {}


def _json_api(page: Asked, rows: list[Any]) -> Told:
    links = {"first": page.link(page__number=1)}
    if page.more:
        links |= {"next": page.link(page__number=page.number + 1)}
    return {"data": rows, "links": links, "meta": {"totalPages": page.pages, "total": page.total}}, {}


def _page_token(page: Asked, rows: list[Any]) -> Told:
    return {"items": rows} | ({"nextPageToken": page.token(page.end)} if page.more else {}), {}


def _cursor(page: Asked, rows: list[Any]) -> Told:
    return {"data": rows, "has_more": page.more, "next_cursor": page.token(page.end) if page.more else None}, {}


def _next_url(page: Asked, rows: list[Any]) -> Told:
    following = f"{page.here}?limit={page.size}&cursor={quote(page.token(page.end), safe='')}" if page.more else None
    return {"kind": "things", "rows": rows, "links": {"next": following}}, {}


def _both_ways(page: Asked, rows: list[Any]) -> Told:
    def link(place: int) -> str:
        return f"{page.here}?limit={page.size}&cursor={quote(page.token(place), safe='')}"

    following = link(page.end) if page.more else None
    before = link(max(page.start - page.size, 0)) if page.start else None
    return {"links": {"next": following, "prev": before}, "things": rows}, {}


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("numbers", "page", "per_page", 1, _numbers, spread=2),
        Dialect("plain numbers", "page", "limit", 1, _plain_numbers),
        Dialect("spring", "page", "size", 0, _spring),
        Dialect("django", "page", "page_size", 1, _django),
        Dialect("drf", "page", "page_size", 1, _drf),
        Dialect("github", "page", "per_page", 1, _github),
        Dialect("gitlab", "page", "per_page", 1, _gitlab, spread=2),
        Dialect("bare", "offset", "limit", "offset", _bare),
        Dialect("offsets", "offset", "limit", "offset", _offsets, spread=4),
        Dialect("more", "skip", "limit", "offset", _more),
        Dialect("hal", "offset", "limit", "offset", _hal, relative=True),
        Dialect("json:api", "page[number]", "page[size]", 1, _json_api),
        Dialect("page token", "pageToken", "pageSize", "token", _page_token),
        Dialect("cursor", "cursor", "limit", "token", _cursor, spread=2),
        Dialect("next url", "cursor", "limit", "token", _next_url, relative=True),
        Dialect("both ways", "cursor", "limit", "token", _both_ways),
    )
}


@dataclass
class Things:
    """The API, with so many things. `chance` makes its tokens: another one each time for the same place."""

    dialect: Dialect
    count: int
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    origin: str = ""
    tokens: dict[str, int] = field(default_factory=dict)

    @property
    def things(self) -> list[Any]:
        return [
            {"id": number + 1, "name": f"Thing {number}", "tags": ["a", {"b": number}]} for number in range(self.count)
        ]

    def answer(self, target: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body. What is wrong with a request is answered with 400."""
        url = urlsplit(target)
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        size = int(params.get(self.dialect.size, DEFAULT))
        start = self.start(params.get(self.dialect.position), size)
        if url.path != "/things" or not 1 <= size <= MOST or start is None or (start > 0 and start >= self.count):
            return 400, {}, json.dumps({"error": "That is no page."})
        here = url.path if self.dialect.relative else f"{self.origin}{url.path}"
        page = Asked(start, size, self.count, params, here, self.token)
        body, headers = self.dialect.tell(page, self.things[start : start + size])
        return 200, headers, json.dumps(body, indent=self.dialect.spread)

    def start(self, where: str | None, size: int) -> int | None:
        """How many things come before the page that is asked for."""
        match self.dialect.where:
            case _ if where is None:
                return 0
            case "token":
                return self.tokens.get(where)
            case "offset":
                return int(where)
            case first:
                return (int(where) - int(first)) * size if int(where) >= int(first) else None

    def token(self, place: int) -> str:
        nonce = self.chance.randbytes(self.chance.randrange(12, 30))
        token = base64.b64encode(b"\xfb\xff" + nonce).decode()
        self.tokens[token] = place
        return token

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Things"]:
        runner = web.ServerRunner(web.Server(self._handle))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()

    async def _handle(self, http: web.BaseRequest) -> web.Response:
        status, headers, text = self.answer(http.raw_path)
        return web.Response(status=status, headers=headers, text=text, content_type="application/json")
