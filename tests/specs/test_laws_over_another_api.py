"""Laws 1 to 5 over an API that is not the invoice API: UUIDs, ISO times, opaque cursors in bodies, links and headers.
It is recorded through the real proxy by the rules for any JSON API, with two HTTP libraries as its clients."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

import aiohttp
import pytest
import requests

from replayer import Replayer
from replayer.cassettes import folder
from replayer.core.message import shapes
from replayer.core.naming import aliases
from tests.apis.library import PASSWORD, Library

NOVEMBER = 1_795_341_600.3
DAY = 86_400
ORIGIN = "https://api.library.test"
FRAMING = ("content-length", "connection")


@dataclass(frozen=True)
class Told:
    """One answer as its client saw it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    def link(self, relation: str) -> str | None:
        found = re.search(rf'<([^>]*)>; rel="{relation}"', self.header("link"))
        return found[1] if found else None


class Client:
    """Whoever asks. A whole link is followed as it is, one without an origin from where it was told."""

    def __init__(self, url: str) -> None:
        self.url, self.credential = url, ""
        self.transcript: list[Told] = []

    async def ask(self, method: str, link: str, body: Any = None, *headers: tuple[str, str]) -> Told:
        sent = dict(headers) | ({"Authorization": f"Bearer {self.credential}"} if self.credential else {})
        status, answered, text = await self._ask(method, urljoin(self.url, link), body, sent)
        # What differs is the proxy's own port, if the system chose another one.
        kept = [(name.lower(), value.replace(self.url, "PROXY")) for name, value in answered]
        told = Told(status, tuple(sorted(pair for pair in kept if pair[0] not in FRAMING)), text)
        self.transcript.append(told)
        return told

    async def _ask(self, method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, str]:
        raise NotImplementedError

    def said(self) -> list[Told]:
        """The transcript, whatever port the proxy had."""
        return [Told(told.status, told.headers, told.body.replace(self.url, "PROXY")) for told in self.transcript]


class OnRequests(Client):
    async def _ask(self, method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, str]:
        answer = await asyncio.to_thread(requests.request, method, url, json=body, headers=headers, timeout=5)
        return answer.status_code, answer.headers.items(), answer.text


class OnAiohttp(Client):
    async def _ask(self, method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[int, Any, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body, headers=headers) as answer,
        ):
            return answer.status, answer.headers.items(), await answer.text()


CLIENTS = (OnRequests, OnAiohttp)


async def scenario(client: Client) -> None:
    """An afternoon in a library."""
    assert (await client.ask("GET", "/books")).status == 401
    assert (await client.ask("POST", "/login", {"password": "sesame"})).status == 403
    log_in = await client.ask("POST", "/login", {"password": PASSWORD})
    client.credential = log_in.value["access_token"]
    cookie = log_in.header("set-cookie").partition(";")[0]
    assert (await client.ask("GET", "/me", None, ("Cookie", cookie))).value == {"name": "Ada"}
    assert (await client.ask("GET", "/me")).status == 401

    made = [(await client.ask("POST", "/books", {"title": f"Book {number}"})).value for number in range(3)]
    second = await client.ask("POST", "/books", {"title": "Book 3", "follows": made[0]["id"]})
    made.append(second.value)
    assert second.header("location") == f"/books/{made[3]['id']}"
    assert made[3]["follows"] == made[0]["id"]
    books = [book["id"] for book in made[::-1]]

    by_token, by_link, by_header = await pages(client), await linked(client), await in_headers(client)
    assert by_token == by_link == by_header
    assert by_token[:4] == books
    assert len(by_token) == 7

    page = (await client.ask("GET", "/books?limit=2")).value
    high = await client.ask("GET", f"/books?limit=9&cursor={quote(page['nextCursor'])}")
    assert high.value["errors"][0]["detail"] == f"A limit of 9 is too high for the cursor {page['nextCursor']}."
    bad = await client.ask("GET", "/books?cursor=Tm90IG9mIHRoZSBsaWJyYXJ5")
    assert bad.value["errors"][0]["detail"] == "There is no cursor 'Tm90IG9mIHRoZSBsaWJyYXJ5'."

    book = await client.ask("GET", page["items"][0]["links"]["self"])
    assert (await client.ask("GET", f"/books/{books[0]}", None, ("If-None-Match", book.header("etag")))).status == 304
    changed = await client.ask("PATCH", f"/books/{books[0]}", {"title": f"After {books[1]}"})
    assert changed.value["title"] == f"After {books[1]}"
    assert changed.header("etag") != book.header("etag")
    assert (await client.ask("DELETE", f"/books/{books[1]}")).status == 204
    gone = await client.ask("GET", f"/books/{books[1]}")
    assert gone.value["errors"][0]["detail"] == f"There is no book {books[1]}."
    left = [book["id"] for book in (await client.ask("GET", "/books?limit=5")).value["items"]]
    assert left[:3] == [books[0], *books[2:]]


async def pages(client: Client) -> list[str]:
    """All books, page by page, by the token in the body."""
    found, target = [], "/books"
    while True:
        page = (await client.ask("GET", target)).value
        found += [book["id"] for book in page["items"]]
        if page["nextCursor"] is None:
            return found
        target = f"/books?cursor={quote(page['nextCursor'], safe='')}"


async def linked(client: Client) -> list[str]:
    """By the whole link in the body."""
    found, link = [], "/books?limit=3"
    while link:
        assert link.startswith(("/", client.url))
        page = (await client.ask("GET", link)).value
        found += [book["id"] for book in page["items"]]
        link = page["next"]
    return found


async def in_headers(client: Client) -> list[str]:
    """By the `Link` header; the first page by the link that names it."""
    found: list[str] = []
    link = (await client.ask("GET", "/books?limit=1")).link("first")
    while link:
        told = await client.ask("GET", link.replace("PROXY", client.url))
        found += [book["id"] for book in told.value["items"]]
        link = told.link("next")
    return found


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP libraries read a proxy from the environment."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


async def run(kind: type[Client], proxy: Replayer) -> list[Told]:
    client = kind(proxy.url)
    await scenario(client)
    return client.said()


@asynccontextmanager
async def recording(root: Path, upstream: str, name: str = "a.yaml", **more: Any) -> AsyncIterator[Replayer]:
    given = {"origin": ORIGIN} | more
    async with Replayer(name, root=root, upstream=upstream, record_mode="all", **given) as proxy:
        yield proxy


async def recorded(kind: type[Client], root: Path, library: Library, **more: Any) -> list[Told]:
    async with library.open(), recording(root, library.url, **more) as proxy:
        return await run(kind, proxy)


# -- laws 1 to 3 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CLIENTS)
async def test_law_1_any_client_is_answered_on_replay_as_one_was_in_recording(
    kind: type[Client], tmp_path: Path
) -> None:
    transcript = await recorded(kind, tmp_path, Library(1, NOVEMBER))
    for other in CLIENTS:
        async with Replayer("a.yaml", root=tmp_path) as proxy:  # the library is gone
            assert await run(other, proxy) == transcript
            assert (proxy.misses, proxy.receipt.unused) == ([], 0)


@pytest.mark.parametrize("days", [0.01, 3.7, 500, -2])
async def test_law_2_recording_a_fresh_library_at_another_time_changes_no_byte(days: float, tmp_path: Path) -> None:
    transcript = await recorded(OnAiohttp, tmp_path, Library(1, NOVEMBER))
    first = (tmp_path / "a.yaml").read_bytes()
    assert await recorded(OnAiohttp, tmp_path, Library(2, NOVEMBER + days * DAY)) == transcript
    assert (tmp_path / "a.yaml").read_bytes() == first


async def test_law_2_holds_on_loopback_where_the_rules_are_chosen(tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"origin": "", "rules": "generic"}
    transcript = await recorded(OnAiohttp, tmp_path, Library(1, NOVEMBER), **chosen)
    first = (tmp_path / "a.yaml").read_bytes()
    assert await recorded(OnAiohttp, tmp_path, Library(2, NOVEMBER + DAY), **chosen) == transcript
    assert (tmp_path / "a.yaml").read_bytes() == first


async def test_law_3_recording_from_a_replay_gives_the_same_file(tmp_path: Path) -> None:
    transcript = await recorded(OnAiohttp, tmp_path, Library(1, NOVEMBER))
    async with Replayer("a.yaml", root=tmp_path) as replay, recording(tmp_path, replay.url, "b.yaml") as proxy:
        assert await run(OnAiohttp, proxy) == transcript
    assert (tmp_path / "b.yaml").read_bytes() == (tmp_path / "a.yaml").read_bytes()


# -- laws 4 and 5 -----------------------------------------------------------------------------------------------------


async def test_law_4_every_id_has_one_alias_of_its_own(tmp_path: Path) -> None:
    library = Library(1, NOVEMBER)
    async with library.open(), recording(tmp_path, library.url) as proxy:
        await run(OnAiohttp, proxy)
        session = proxy._inserted.session if proxy._inserted else None  # noqa: SLF001 - nobody else needs its table
    assert session is not None
    named = {real: name for real in library.minted if (name := session.upstream.names.alias_of(real)) is not None}
    assert len(named) == len(set(named.values())) > 50
    assert not set(named) & set(named.values())


async def test_what_the_library_is_asked_with_is_what_it_minted(tmp_path: Path) -> None:
    library = Library(1, NOVEMBER)
    async with library.open(), recording(tmp_path, library.url) as proxy:
        await run(OnAiohttp, proxy)
    cursors = [unquote(line.partition("cursor=")[2].partition("&")[0]) for line in library.arrived if "cursor=" in line]
    assert len(cursors) == 13
    assert [cursor for cursor in cursors if cursor not in library.minted] == ["Tm90IG9mIHRoZSBsaWJyYXJ5"]
    assert {mark for mark in "+/=" if any(mark in cursor for cursor in cursors)} == {"+", "/", "="}


def spellings(secret: str) -> Iterator[str]:
    """How a secret, or a part of it, may stand in a file: as it is, percent-encoded, and in base64 at any place of a
    text, which is also how an id stands in a cursor."""
    for start in range(0, len(secret) - 15, 8):
        yield secret[start : start + 16]
        yield quote(secret[start : start + 16], safe="")
    for before in range(3):
        encoded = base64.b64encode(b"-" * before + secret.encode()).decode().rstrip("=")
        yield encoded[(0, 2, 3)[before] : len(encoded) - 1]


async def test_law_5_nothing_minted_is_in_the_cassette_the_journal_or_the_answers(tmp_path: Path) -> None:
    library = Library(1, NOVEMBER)
    async with library.open(), recording(tmp_path, library.url) as proxy:
        transcript = await run(OnAiohttp, proxy)
        journal = (tmp_path / "a.yaml.journal").read_text()
    assert len(library.minted) > 60
    for text in ((tmp_path / "a.yaml").read_text(), journal, repr(transcript)):
        assert [secret for secret in library.minted for form in spellings(secret) if form in text] == []


async def test_a_cassette_of_another_api_says_by_which_rules_it_was_recorded(tmp_path: Path) -> None:
    await recorded(OnAiohttp, tmp_path, Library(1, NOVEMBER))
    cassette = folder.read(tmp_path / "a.yaml")
    assert cassette is not None
    assert cassette.facts is not None
    assert cassette.facts.rules == "generic"
    found = [piece for each in cassette.interactions for piece in shapes.ids(each.response.body.decode())]
    assert found
    assert all(aliases.is_alias(piece.shape, piece.text) for piece in found)
