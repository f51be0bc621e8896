"""A library: a small JSON API that has nothing of the invoice API. Its ids are UUIDs, its times ISO 8601 in two
spellings, its cursors base64 of another length and another text in every answer; it links its pages in three ways, has
ETags, a log-in and errors of its own format."""

import base64
import json
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

OLD = 1_700_000_000  # in 2023: the books that were there before any test
SUMMER = timezone(timedelta(hours=2))
PASSWORD = "open sesame"  # everybody's

Answer = web.Response


@dataclass
class Library:
    """The upstream. `seed` is its chance and `now` its time in this run; the books of the shelf are always the same.

    `minted` is every string in its answers that must never be seen on disk, `arrived` what it was asked for.
    """

    seed: int
    now: float
    minted: set[str] = field(default_factory=set)
    arrived: list[str] = field(default_factory=list)
    url: str = ""
    _books: dict[str, dict[str, Any]] = field(default_factory=dict)
    _cursors: dict[str, str] = field(default_factory=dict)  # to the book that was the last of its page
    _tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random("shelf")
        for number in range(3):
            self._shelve({"title": f"Old book {number}"}, OLD + number)
        self._chance = random.Random(self.seed)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Library"]:
        runner = web.ServerRunner(web.Server(self._answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()

    # -- answering ----------------------------------------------------------------------------------------------

    async def _answer(self, http: web.BaseRequest) -> Answer:
        self.now += self._chance.choice((0.0, 0.004, 0.3, 1.2))
        answer = await self._answered(http)
        answer.headers["Date"] = format_datetime(datetime.fromtimestamp(int(self.now), UTC), usegmt=True)
        return answer

    async def _answered(self, http: web.BaseRequest) -> Answer:
        self.arrived.append(f"{http.method} {http.raw_path}")
        here = f"{http.scheme}://{http.host}"
        if (http.method, http.path) == ("GET", "/me"):
            known = http.cookies.get("sid") in self._tokens
            return self._json({"name": "Ada"}) if known else self._refused(401, "unauthorized", "Who are you?")
        if (http.method, http.path) == ("POST", "/login"):
            return self._log_in(await http.json())
        if http.headers.get("Authorization", "").removeprefix("Bearer ") not in self._tokens:
            return self._refused(401, "unauthorized", "Log in first.")
        match http.method, http.path.strip("/").split("/"):
            case "POST", ["books"]:
                book = self._shelve(await http.json(), self.now)
                return self._one(book, here, 201, {"Location": f"/books/{book['id']}"})
            case "GET", ["books"]:
                return self._page(dict(http.query), here)
            case method, ["books", identity] if identity in self._books:
                return await self._about(http, method, self._books[identity], here)
            case _, ["books", identity]:
                return self._refused(404, "not_found", f"There is no book {identity}.")
            case _:
                return self._refused(404, "not_found", "There is nothing.")

    def _log_in(self, given: dict[str, str]) -> Answer:
        if given.get("password") != PASSWORD:
            return self._refused(403, "forbidden", "That is not the password.")
        parts = (json.dumps({"sub": self._uuid()}).encode(), self._chance.randbytes(24))
        token = self._mint(
            ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"a":1}', *parts))
        )
        session = self._mint(base64.b64encode(self._chance.randbytes(25)).decode())
        self._tokens |= {token, session}
        until = datetime.fromtimestamp(int(self.now) + 30 * 86_400, UTC)
        headers = {"Set-Cookie": f"sid={session}; Expires={until:%a, %d-%b-%Y %T} GMT; Path=/"}
        value = {"access_token": token, "token_type": "bearer", "expiresAt": self._utc(self.now + 3600)}
        return self._json(value, headers=headers)

    async def _about(self, http: web.BaseRequest, method: str, book: dict[str, Any], here: str) -> Answer:
        if method == "PATCH":
            book |= {**await http.json(), "updatedAt": self._local(self.now), "etag": self._etag()}
        elif method == "DELETE":
            del self._books[book["id"]]
            return Answer(status=204, headers={"X-Request-Id": self._uuid()})
        elif http.headers.get("If-None-Match") == book["etag"]:
            return Answer(status=304, headers={"ETag": book["etag"]})
        return self._one(book, here)

    def _one(self, book: dict[str, Any], here: str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        return self._json(self._shown(book, here), status, {"ETag": book["etag"], **(headers or {})})

    def _page(self, query: dict[str, str], here: str) -> Answer:
        """The newest first. The next page is linked in the body, whole, and in the header; the first one without its
        origin."""
        limit, cursor = int(query.get("limit", "2")), query.get("cursor")
        if cursor is not None and cursor not in self._cursors:
            return self._refused(400, "bad_cursor", f"There is no cursor '{cursor}'.")
        if limit > 5:
            return self._refused(400, "bad_limit", f"A limit of {limit} is too high for the cursor {cursor}.")
        books = sorted(self._books.values(), key=lambda book: (book["createdAt"], book["title"]), reverse=True)
        names = [book["id"] for book in books]
        start = names.index(self._cursors[cursor]) + 1 if cursor else 0
        page = books[start : start + limit]
        answer: dict[str, Any] = {"items": [self._shown(book, here) for book in page], "nextCursor": None, "next": None}
        links = [f'</books?limit={limit}>; rel="first"']
        if start + limit < len(books):
            token = self._cursor(page[-1]["id"])
            link = f"{here}/books?limit={limit}&cursor={quote(token, safe='')}"
            answer |= {"nextCursor": token, "next": link}
            links.append(f'<{link}>; rel="next"')
        return self._json(answer, headers={"Link": ", ".join(links)})

    def _refused(self, status: int, code: str, detail: str) -> Answer:
        trace = self._mint(f"{self._chance.getrandbits(128):032x}")
        return self._json({"errors": [{"code": code, "detail": detail, "traceId": trace}]}, status)

    def _json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        headers = {
            "X-Request-Id": self._uuid(),
            "X-RateLimit-Remaining": str(self._chance.randrange(5000)),
            **(headers or {}),
        }
        return web.json_response(value, status=status, headers=headers)

    # -- books --------------------------------------------------------------------------------------------------

    def _shelve(self, given: dict[str, Any], at: float) -> dict[str, Any]:
        book = {
            "id": self._uuid(),
            "title": given["title"],
            "follows": given.get("follows"),
            "price": 10.50,
            "createdAt": self._utc(at),
            "updatedAt": self._local(at),
            "etag": self._etag(),
        }
        self._books[book["id"]] = book
        return book

    def _shown(self, book: dict[str, Any], here: str) -> dict[str, Any]:
        shown = {key: value for key, value in book.items() if key != "etag"}
        return shown | {"links": {"self": f"{here}/books/{book['id']}", "shelf": "/books?limit=2"}}

    # -- chance -------------------------------------------------------------------------------------------------

    def _cursor(self, last: str) -> str:
        """Another one each time, and not of one length: base64 with all of its characters."""
        nonce = self._chance.randbytes(self._chance.randrange(12, 40))
        token = self._mint(base64.b64encode(b"\xfb\xff" + nonce + last.encode()).decode())
        self._cursors[token] = last
        return token

    def _etag(self) -> str:
        return f'W/"{self._mint(base64.b64encode(self._chance.randbytes(10)).decode())}"'

    def _uuid(self) -> str:
        return self._mint(str(uuid.UUID(int=self._chance.getrandbits(128), version=4)))

    def _mint(self, value: str) -> str:
        self.minted.add(value)
        return value

    @staticmethod
    def _utc(at: float) -> str:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def _local(at: float) -> str:
        return datetime.fromtimestamp(at, SUMMER).isoformat(timespec="milliseconds")
