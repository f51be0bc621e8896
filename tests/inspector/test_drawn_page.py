"""What is drawn, as people use it, in a real browser: causes with their slider, lives, lists, and drift."""

import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from replayer import Replayer
from replayer.cassettes import dumps
from replayer.core.cassette import Cassette
from replayer.inspector import Desk
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.looking import nothing, of_file
from replayer.proxy.server import Server, bound, origin
from tests.core.build import answer, recorded, req

from . import browser
from .test_page import LIFE, shop

pytestmark = pytest.mark.installs
THINGS = "/v1/things"
HOSTILE = "<img src=x onerror='window.ran = 1'>"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if why := browser.lacking():
        pytest.skip(why)


@asynccontextmanager
async def shown(desk: Desk, view: str, *, width: int = 1280, scheme: str = "light") -> AsyncIterator[browser.Seen]:
    """That view of a desk."""
    inspecting = Inspecting(desk, "token")
    server = Server(inspecting.alone, limit=0)
    with bound(0) as listener:
        await server.start(listener)
        async with browser.opened(inspecting.address(origin(listener)), width=width, scheme=scheme) as seen:
            await seen.page.locator("#views a", has_text=view).click()
            yield seen
        await server.close()


def things(query: str, letters: str, *, more: bool) -> tuple[object, object]:
    rows = [{"id": f"th_{letter * 4}", "object": "thing"} for letter in letters]
    return req(f"GET {THINGS}?{query}"), answer({"object": "list", "data": rows, "has_more": more, "url": THINGS})


def gaps() -> Cassette:
    """A list with a gap, in which nobody knows what is."""
    return recorded(
        things("limit=8", "abcdefgh", more=True),  # type: ignore[arg-type] # a request and an answer
        things("limit=4&starting_after=th_cccc", "defg", more=True),  # type: ignore[arg-type]
        things("limit=2&starting_after=th_xxxx", "yz", more=False),  # type: ignore[arg-type]
        things("limit=40&colour=red", string.ascii_letters[:40], more=True),  # type: ignore[arg-type]
    )


@pytest.fixture
def listed(tmp_path: Path) -> Desk:
    path = tmp_path / "lists.yaml"
    path.write_text(dumps(gaps()), "utf-8")
    return Desk(of_file(path))


def drift() -> dict[str, object]:
    """What a check tells of one change at two places."""
    place = {"number": 3, "request": "POST /v1/invoices", "place": "amount_due", "recorded": 2000, "live": HOSTILE}
    finding = {
        "kind": "type", "where": "invoice", "field": "amount_due", "recorded": 2000, "live": HOSTILE, "count": 2,
        "example": "#3 POST /v1/invoices", "hint": None, "places": [place, place | {"number": 4}],
    }  # fmt: skip
    gone = finding | {"kind": "field-gone", "field": "tax", "live": None, "places": [place | {"live": None}]}
    skipped = {"number": 9, "request": "GET /v1/x", "reason": "a write", "remedy": None}
    report = {"cassette": "a.yaml", "compared": 5, "skipped": [skipped], "findings": [finding, gone], "unnamed": []}
    return {"same": False, "cassettes": [report, {"cassette": "b.yaml", "error": "b.yaml is none."}]}


def of_drift() -> Desk:
    return Desk(nothing("drift"), {"drawn/drift": lambda _: drift()})


async def test_the_slider_shows_the_session_as_it_stood_after_any_write() -> None:
    async with shown(Desk(of_file(LIFE)), "Causes") as seen:
        page = seen.page
        await page.wait_for_selector("text=2 of 2 reads would be answered")
        how = page.locator(".rows .how")
        assert await how.nth(6).inner_text() == "follows: object"  # of the payment's answer
        await page.locator("#after").fill("6")
        await page.wait_for_selector("output >> text=6 of 15 writes")
        await page.wait_for_selector("text=1 of 2 reads would be answered")
        assert [await how.nth(number).inner_text() for number in (5, 6, 7, 9, 16)] == [
            "played", "answered", "next", "not yet", "miss",
        ]  # fmt: skip
        await page.locator("#after").press("ArrowLeft")
        await page.wait_for_selector(".rows li:nth-child(7) >> text=follows: object")


async def test_the_arcs_of_a_row_lead_to_its_causes_and_its_row_to_its_exchange() -> None:
    async with shown(Desk(of_file(LIFE)), "Causes") as seen:
        page = seen.page
        await page.locator(".rows button").nth(6).click()
        await page.wait_for_selector("text=depends on #4-6")
        assert await page.locator(".arc.own").count() == 3
        assert await page.locator(".rows li.cause .number").all_inner_texts() == ["4", "5", "6"]
        for _ in range(3):
            await page.keyboard.press("ArrowUp")
        await page.wait_for_selector("text=#5-8, 17 depend on it")
        assert await page.locator(".rows li.effect").count() == 5
        await page.locator("text=show #4").click()
        await page.wait_for_selector("#exchange h2 >> text=POST /v1/invoices")


async def test_the_life_of_an_object_tells_what_changed() -> None:
    async with shown(Desk(of_file(LIFE)), "Objects") as seen:
        page = seen.page
        await page.fill("#object", "in_urhS")
        await page.locator(".objects button", has_text="in_urhS").click()
        await page.wait_for_selector("h2 >> text=in_urhS")
        assert (await page.locator(".steps strong").all_inner_texts())[:4] == ["made", "changed", "changed", "seen"]
        changes = await page.locator(".steps > li").nth(2).locator(".changes li").all_inner_texts()
        assert 'status "draft" → "open"' in changes


async def test_a_list_is_drawn_with_its_ends_and_gaps_and_an_asked_page_over_it(listed: Desk) -> None:
    async with shown(listed, "Lists") as seen:
        page = seen.page
        card = page.locator("article").first
        await page.wait_for_selector("text=Known: 8 objects from the start; 2 objects to the end.")
        assert await card.locator(".stretch").count() == 2
        assert await card.locator(".end").count() == 2
        assert await card.locator(".gap").count() == 1
        assert await card.locator(".page text").all_text_contents() == ["#1", "#2", "#3"]
        await card.locator("input").fill("limit=3")
        await card.locator("input").press("Enter")
        await card.locator("p.verdict >> text=Determined: it follows from the recorded pages.").wait_for()
        assert await card.locator("path.asked.good").count() == 1
        await card.locator("input").fill("limit=30")
        await card.locator("form button").click()
        await card.locator("p.verdict >> text=/Not determined: what comes after th_\\w+ was not recorded/").wait_for()
        assert await card.locator("path.asked.bad").count() == 2
        assert "colour=red" in await page.locator("article h2").nth(1).inner_text()


async def test_a_finding_is_a_card_with_both_sides_and_every_place() -> None:
    async with shown(of_drift(), "Drift") as seen:
        page = seen.page
        await page.wait_for_selector("text=2 differences in 2 cassettes.")
        card = page.locator(".finding").first
        assert [one.strip() for one in await card.locator("pre").all_inner_texts()] == ["2000", HOSTILE]
        assert await card.locator("tbody td.number").all_inner_texts() == ["3", "4"]
        assert await page.locator(".finding >> nth=1 >> .live p").inner_text() == "nothing"
        await page.wait_for_selector("text=b.yaml is none.")
        assert await page.evaluate("[window.ran, document.images.length]") == [None, 0]


async def test_a_session_that_records_is_drawn_as_far_as_it_has_come(tmp_path: Path) -> None:
    async with (
        Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy,
        browser.opened(proxy.inspector) as seen,
    ):
        await seen.page.locator("#views a", has_text="Causes").click()
        await seen.page.wait_for_selector("text=Nothing is recorded yet.")
        await shop(proxy.url)
        await seen.page.locator("#views a", has_text="Lists").click()
        await seen.page.wait_for_selector("text=Known: 2 objects, all of it.")
        await seen.page.locator("#views a", has_text="Causes").click()
        await seen.page.wait_for_selector(".rows li >> nth=3")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_what_is_drawn(listed: Desk, width: int, scheme: str) -> None:
    async with shown(listed, "Lists", width=width, scheme=scheme) as seen:
        await seen.page.locator("article").first.locator("form button").click()
        await seen.page.wait_for_selector(".verdict")
        assert await seen.findings() == []
    async with shown(of_drift(), "Drift", width=width, scheme=scheme) as seen:
        await seen.page.wait_for_selector(".finding")
        assert await seen.findings() == []
        assert await seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    async with shown(Desk(of_file(LIFE)), "Causes", width=width, scheme=scheme) as seen:
        await seen.page.wait_for_selector("output >> text=15 of 15 writes")
        await seen.page.locator("#after").fill("5")
        await seen.page.locator(".rows button").nth(6).click()
        await seen.page.wait_for_selector("text=show #7")
        assert await seen.findings() == []
        await seen.page.locator("#views a", has_text="Objects").click()
        await seen.page.wait_for_selector(".steps")
        assert await seen.findings() == []
        assert await seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
