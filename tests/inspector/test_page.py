"""The page as people use it, in a real browser."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer import Replayer
from replayer.inspector import Desk
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.looking import of_file
from replayer.proxy.server import Server, bound, origin
from tests.proxy.talking import JSON, Api, player, recorder, reply

from . import browser

pytestmark = pytest.mark.installs
LIFE = Path(__file__).parents[2] / "cassettes" / "life.yaml"
KEY = {"Authorization": "Bearer sk_test_made_up"}
HOSTILE = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>\u202e\u0000\u001b[2J"
BIG = 8 * 1024 * 1024 - 100
AS_SOON, STEADY = 3.0, 0.7  # of the time until the first of a hundred rows; of the frames of a page at rest


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if why := browser.lacking():
        pytest.skip(why)


async def shop(url: str) -> str:
    """A customer and two invoices are made; the customer's id."""
    async with httpx.AsyncClient(base_url=url, headers=KEY) as client:
        customer = (await client.post("/v1/customers", data={"name": "Ada"})).json()["id"]
        for _ in range(2):
            await client.post("/v1/invoices", data={"customer": customer})
        await client.get("/v1/invoices", params={"customer": customer})
    return str(customer)


async def test_requests_come_while_the_page_is_open_and_an_alias_tells_its_origin(tmp_path: Path) -> None:
    async with (
        Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy,
        browser.opened(proxy.inspector) as seen,
    ):
        page = seen.page
        await page.wait_for_selector("text=No request has come yet")
        customer = await shop(proxy.url)
        await page.wait_for_selector(".row >> nth=3")
        assert await page.locator(".row .c0").all_inner_texts() == ["● recorded"] * 4
        await page.locator(".row >> nth=1").click()
        await page.locator(".mark.id", has_text=customer).first.hover()
        await page.wait_for_selector("#told >> text=Made by write 1, POST /v1/customers: at id in its answer.")
        await page.locator("#told .places button >> nth=0").click()
        await page.wait_for_selector("#exchange h2 >> text=POST /v1/customers")
        assert await page.locator("#views [aria-current]").inner_text() == "Cassette"
        await page.wait_for_selector("#receipt >> text=4 recorded")


async def test_a_miss_stands_beside_its_nearest_recording_with_its_remedy(tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy:
        customer = await shop(proxy.url)
    async with Replayer("a.yaml", root=tmp_path) as proxy, browser.opened(proxy.inspector) as seen:
        page = seen.page
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            await client.get("/v1/invoices", params={"customer": customer, "status": "open"})
        await page.fill("#filter", "is:missed")
        await page.locator(".row").click()
        cells = await page.locator(".nearest tbody tr").all_inner_texts()
        assert [cell.split("\t") for cell in cells] == [["query status", "'open'", "-"]]
        await page.locator(".words summary").click()
        assert "record it with Replayer" in await page.locator(".words pre").inner_text()
        assert (await page.locator(".remedies code").inner_text()).startswith("Replayer('a.yaml'")
        await page.locator(".nearest button").click()
        await page.wait_for_selector("#exchange h2 >> text=GET /v1/invoices?customer=")


async def test_a_miss_shows_the_write_that_was_left_out_and_the_page_that_is_missing(tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy:
        customer = await shop(proxy.url)
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            await client.get("/v1/invoices", params={"customer": customer, "limit": 1})
            invoice = (await client.post("/v1/invoices", data={"customer": customer, "description": "x"})).json()["id"]
            await client.get("/v1/invoices", params={"customer": customer, "limit": 1})
            for step in ("finalize", "pay"):
                await client.post(f"/v1/invoices/{invoice}/{step}")
    async with Replayer("a.yaml", root=tmp_path) as proxy, browser.opened(proxy.inspector) as seen:
        page = seen.page
        await shop(proxy.url)
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            await client.post("/v1/invoices", data={"customer": customer, "description": "x"})
            await client.get("/v1/invoices", params={"customer": customer, "limit": 2})
            await client.post(f"/v1/invoices/{invoice}/pay")
        await page.wait_for_selector("#receipt button >> text=2 missed")
        await page.locator(".row >> nth=3").click()
        await page.wait_for_selector(".arcs path.behind", state="attached")
        await page.keyboard.press("m")
        await page.wait_for_selector(".lists svg path.missing", state="attached")
        await page.locator("#receipt button").click()
        assert await page.locator(".writes .lost .code").all_inner_texts() == [f"POST /v1/invoices/{invoice}/finalize"]
        await page.locator(".writes .lost button").click()
        await page.wait_for_selector("#exchange h2 >> text=/finalize")


async def test_the_keyboard_alone_leads_everywhere(tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy:
        await shop(proxy.url)
        async with browser.opened(proxy.inspector) as seen:
            page, keys = seen.page, seen.page.keyboard
            await page.wait_for_selector(".row >> nth=3")
            for key in "jjk":
                await keys.press(key)
            await page.wait_for_selector("#exchange h2 >> text=POST /v1/customers")
            await keys.press("/")
            await keys.type("is:read")
            await keys.press("Enter")
            await page.wait_for_selector("#exchange h2 >> text=GET /v1/invoices")
            await keys.press("Enter")
            assert await page.evaluate("document.activeElement.id") == "exchange"
            for _ in range(30):
                await keys.press("Tab")
                if await page.evaluate("document.activeElement.classList.contains('id')"):
                    break
            assert await page.locator("#told b").inner_text() == await page.evaluate("document.activeElement.innerText")
            await keys.press("r")
            await page.wait_for_selector(".tools [aria-pressed=true]")
            await keys.press("Escape")
            await keys.press("2")
            assert await page.locator("#views [aria-current]").inner_text() == "Cassette"
            await keys.press("?")
            await page.wait_for_selector("dialog[open]")
            await keys.press("Escape")
            assert await page.locator("dialog[open]").count() == 0


async def test_a_list_that_is_held_stays_and_goes_on_with_all_that_came(tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy:
        await shop(proxy.url)
        async with browser.opened(proxy.inspector) as seen:
            page = seen.page
            await page.wait_for_selector(".row >> nth=3")
            await page.keyboard.press("p")
            await shop(proxy.url)
            await page.wait_for_selector("#receipt >> text=8 recorded")
            assert await page.locator(".row").count() == 4
            await page.keyboard.press("p")
            await page.wait_for_selector(".row >> nth=7")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_any_view(tmp_path: Path, width: int, scheme: str) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy:
        await shop(proxy.url)
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        customer = await shop(proxy.url)
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            await client.get("/v1/invoices", params={"customer": customer, "status": "open"})
        async with browser.opened(proxy.inspector, width=width, scheme=scheme) as seen:
            page = seen.page
            await page.wait_for_selector(".row >> nth=4")
            assert await seen.findings() == []
            for at in ("nth=1", "nth=4"):
                await page.locator(f".row >> {at}").click()
                await page.wait_for_selector("#exchange h2")
                if at == "nth=1":
                    await page.locator(".mark.id").first.focus()
                    await page.wait_for_selector("#told .places")
                assert await seen.findings() == []
                await page.keyboard.press("Escape")
            await page.keyboard.press("?")
            assert await seen.findings() == []
            await page.keyboard.press("Escape")
            views = await page.locator("#views a").all()
            for view in views:
                await view.click()
                await page.wait_for_timeout(150)
                assert await seen.findings() == []
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            dark = "rgb(13, 17, 23)"
            shown = await page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (shown == dark) is (scheme == "dark")


async def test_what_is_hostile_is_only_text(tmp_path: Path) -> None:
    api = Api()
    await api.start()
    text = HOSTILE.encode()
    api["/v1/html"] = reply(text, ("Content-Type", "text/html"), ("X-Evil", "<script>window.ran = 1</script>"))
    api["/v1/json"] = reply(b'{"id": "in_1MtHbELkdIwHu7ixl4OzzPMv", "a": "<svg onload=\'ran=1\'>"}', JSON)
    api["/v1/deep"] = reply(b"[" * 20_000 + b"]" * 20_000, JSON)
    api["/v1/big"] = reply(b"<b>" * (BIG // 3), ("Content-Type", "text/plain"))
    async with recorder(api, tmp_path) as proxy, browser.opened(proxy.inspector) as seen:
        page = seen.page
        for path in ("html", "json", "deep", "big", "html?q=%3Cscript%3Ewindow.ran=1%3C/script%3E"):
            async with httpx.AsyncClient(base_url=proxy.url, timeout=60) as client:  # 8 MiB are named and written
                assert (await client.get(f"/v1/{path}")).status_code == 200
        await page.wait_for_selector(".row >> nth=4")
        for number in range(5):
            await page.locator(f".row >> nth={number}").click()
            await page.wait_for_selector(f"#row-{number + 1}[aria-selected=true]")
            await page.wait_for_selector(".sides .body")
            await page.wait_for_timeout(200)
        run = "[window.ran, document.scripts.length, document.querySelectorAll('img, svg').length]"
        assert await page.evaluate(run) == [None, 1, 0]
        await page.locator(".row >> nth=3").click()
        await page.wait_for_selector("text=Show all")
        assert len(await page.locator(".sides .body").last.inner_text()) <= 200_000
    await api.stop()


async def test_a_page_of_another_origin_reads_nothing(tmp_path: Path) -> None:
    async with player_of_nothing(tmp_path) as proxy, browser.opened(proxy.inspector) as seen:
        await seen.page.wait_for_selector("#views a")
        other = await seen.page.context.new_page()
        async with Api() as pages:
            pages["/"] = reply(b"<!doctype html><title>x</title>", ("Content-Type", "text/html"))
            await other.goto(pages.url)
            asked = "([url, headers]) => fetch(url, {headers}).then(() => 1, () => 0)"
            for address in ("", "api/session", "page/page.js"):
                for headers in ({}, {"Replayer-Token": proxy.token}):
                    assert await other.evaluate(asked, [f"{proxy.url}/__replayer__/{address}", headers]) == 0
        await other.close()


def player_of_nothing(root: Path) -> Replayer:
    return player(root, allow_unused=True)


# How many frames a second are drawn in two seconds, while the list is scrolled by so many pixels in each.
SCROLLED = """(by) => new Promise((done) => {
  const list = document.querySelector(".scroller"), began = performance.now();
  let frames = 0;
  list.scrollTop = 0;
  const step = (now) => {
    frames += 1;
    list.scrollTop += by;
    if (now - began < 2000) requestAnimationFrame(step); else done(frames / ((now - began) / 1000));
  };
  requestAnimationFrame(step);
})"""


async def first_row(page: Any) -> float:
    """Milliseconds until the first row is there: the least of three times that the page is loaded."""
    found = []
    for _ in range(3):
        await page.reload()
        await page.wait_for_selector(".row")
        found.append(await page.evaluate("performance.getEntriesByName('first-row')[0].startTime"))
    return float(min(found))


async def test_a_hundred_thousand_rows_come_as_soon_as_a_hundred_and_scroll_without_a_stutter(tmp_path: Path) -> None:
    async with player_of_nothing(tmp_path) as proxy:
        feed: Any = proxy._inserted._inspecting.desk.source.feed  # type: ignore[union-attr] # noqa: SLF001

        async def grow(begin: int, end: int) -> None:
            for number in range(begin, end):
                feed.add("replayed", "GET", f"/v1/invoices/in_1MtHbELkdIwHu7ixl4O{number:05d}", 200, 0.1, None, "")
                if number % 1000 == 0:
                    await asyncio.sleep(0)  # requests come one by one: others are answered between them

        await grow(0, 100)
        async with browser.opened(proxy.inspector) as seen:
            page = seen.page
            few = await first_row(page)
            await grow(100, 100_000)
            many = await first_row(page)
            await page.wait_for_selector("text=100000 requests", timeout=60_000)
            assert await page.locator(".row").count() < 100
            # What a busy machine takes it takes from both.
            at_rest, scrolled = [await page.evaluate(SCROLLED, by) for by in (0, 300)]
            await page.evaluate("document.querySelector('.scroller').scrollTop = 1e9")
            await page.wait_for_selector("#row-100000")
            await page.fill("#filter", "99998")
            await page.wait_for_selector("text=1 of 100000")
        assert many < AS_SOON * few
        assert scrolled > STEADY * at_rest


async def test_a_file_alone_has_its_page() -> None:
    inspecting = Inspecting(Desk(of_file(LIFE)), "token")
    server = Server(inspecting.alone, limit=0)
    with bound(0) as listener:
        await server.start(listener)
        async with browser.opened(inspecting.address(origin(listener))) as seen:
            await seen.page.wait_for_selector(".row >> nth=16")
            await seen.page.fill("#filter", "text:Hopper path:/v1/customers")
            await seen.page.wait_for_selector("text=/^1 of 17/")
            await seen.page.locator(".row").click()
            await seen.page.wait_for_selector("#exchange h2 >> text=POST /v1/customers")
        async with browser.opened(f"{origin(listener)}/__replayer__/#wrong") as seen:
            await seen.page.wait_for_selector("#state >> text=This needs the token")
            seen.errors.clear()  # the browser tells of each answer that is an error
        await server.close()
