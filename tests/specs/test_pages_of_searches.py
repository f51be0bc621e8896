"""The search of the invoice API: recorded in pages of one size, it is answered in all others."""

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from replayer import Replayer
from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.session import Session, verdicts
from tests.core import build

COUNT = 23
SIZES = (7, 1, 4, 10, 22, 23, 100, None)
SEARCH = "/v1/invoices/search?query=" + quote("status:'draft'")
ORIGIN = "https://api.stripe.com"
KEY = {"Authorization": "Bearer sk_test_any"}


def target_of(size: int | None, page: str | None) -> str:
    limit = "" if size is None else f"&limit={size}"
    return SEARCH + limit + (f"&page={quote(page, safe='')}" if page else "")


@dataclass(frozen=True)
class Recording:
    """A cassette of drafts and of walks through them, and what these walks were answered, by their sizes."""

    cassette: Cassette
    walks: dict[int | None, list[str]]

    def session(self, drafts: int = COUNT, size: int = 7) -> Session:
        """A replay that knows the search in pages of that size only; so many drafts have been made."""
        writes = [one for one in self.cassette.interactions if one.request.method == "POST"]
        pages = [one for one in self.cassette.interactions if f"limit={size}" in one.request.target.split("&")]
        session = build.session(Cassette((*writes, *pages), self.cassette.facts), Mode.NONE)
        for one in writes[: 1 + drafts]:
            assert isinstance(session.decide(one.request, 0), verdicts.Replay)
        return session


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Made once: nothing of it is ever changed."""
    return asyncio.run(recorded_in(tmp_path_factory.mktemp("searches")))


async def recorded_in(root: Path) -> Recording:
    walks: dict[int | None, list[str]] = {}
    async with (
        Replayer("all.yaml", root=root, upstream="sandbox", record_mode="all") as proxy,
        aiohttp.ClientSession(proxy.url, headers=KEY) as session,
    ):
        async with session.post("/v1/customers") as answer:
            customer = (await answer.json())["id"]
        for _ in range(COUNT):
            await session.post("/v1/invoices", data={"customer": customer})
        for size in SIZES:
            page = None
            while page is not None or size not in walks:
                async with session.get(target_of(size, page)) as answer:
                    walks.setdefault(size, []).append(await answer.text())
                page = json.loads(walks[size][-1])["next_page"]
    cassette = folder.read(root / "all.yaml")
    assert cassette is not None
    return Recording(cassette, walks)


def told(session: Session, target: str) -> str | None:
    """The body of an answer; None where it is a miss."""
    verdict = session.decide(Request("GET", target, origin=ORIGIN), 0)
    assert isinstance(verdict, verdicts.Replay | verdicts.Refuse)
    return verdict.response.body.decode() if isinstance(verdict, verdicts.Replay) else None


def plain(text: str) -> str:
    return re.sub(r'(?<="next_page": )"[^"]+"', "TOKEN", text)


@pytest.mark.long
def test_a_search_is_answered_in_pages_of_any_size(recording: Recording) -> None:
    session = recording.session()
    for size, walk in recording.walks.items():
        page = None
        for text in walk:
            found = told(session, target_of(size, page)) or ""
            assert plain(found) == plain(text)
            page = json.loads(found)["next_page"]
        assert page is None
    assert session.receipt().synthesized == sum(len(recording.walks[size]) for size in SIZES if size != 7)
    assert session.misses == []


def test_a_page_of_a_search_leads_nowhere_in_another_state(recording: Recording) -> None:
    page = json.loads(told(recording.session(), target_of(3, None)) or "")["next_page"]
    assert told(recording.session(), target_of(3, page)) is not None
    assert told(recording.session(COUNT - 1), target_of(3, page)) is None


def test_a_size_out_of_range_is_pulled_into_it(recording: Recording) -> None:
    session = recording.session()
    assert told(session, target_of(0, None)) == told(session, target_of(1, None))
    assert told(session, target_of(1000, None)) == told(session, target_of(100, None)) is not None


@pytest.mark.parametrize("recorded", [COUNT, 100])
def test_a_search_that_is_one_page_is_that_in_any_size_that_it_fits(recording: Recording, recorded: int) -> None:
    session = recording.session(size=recorded)
    for size in (COUNT, COUNT + 1, 100, 1000):
        assert told(session, target_of(size, None)) == recording.walks[recorded][0]
    assert told(session, target_of(COUNT - 1, None)) is None
    assert "what next_page tells of that page does not follow" in session.misses[0].message
