"""A real browser on the page: Debian's Chromium, led by playwright. What it logs, and whom it asks, is kept."""

import importlib
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests import packages

CHROMIUM = shutil.which("chromium") or ""
PLAYWRIGHT = "playwright==1.49.1"
AXE = "axe-core@4.10.3"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# The whole of what it finds would be read for long.
FINDINGS = """axe.run().then(({violations}) =>
  violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`)))"""


def lacking() -> str:
    """Why there is no browser to lead; empty where there is one."""
    if not CHROMIUM:
        return "needs Chromium, which is not installed here"
    return packages.lacking_of_pip(PLAYWRIGHT) or packages.lacking_of_npm(AXE)


class Seen:
    """One page of the browser: `errors` are what its console and its scripts complained of, `asked` all addresses."""

    def __init__(self, page: Any) -> None:
        self.page, self.errors, self.asked = page, list[str](), list[str]()
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    async def findings(self) -> list[str]:
        """What axe-core finds, each with what shows it."""
        await self.page.evaluate((packages.npm_folder(AXE) / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
        return list(await self.page.evaluate(FINDINGS))

    def check(self, origin: str) -> None:
        """Nothing went wrong, and nobody else was asked."""
        assert self.errors == []
        assert [url for url in self.asked if not url.startswith((f"{origin}/__replayer__/", "data:,"))] == []


@asynccontextmanager
async def opened(address: str, *, width: int = 1280, height: int = 800, scheme: str = "light") -> AsyncIterator[Seen]:
    """The page at that address; when that ends it must have been quiet."""
    place = str(packages.pip_folder(PLAYWRIGHT))
    if place not in sys.path:
        sys.path.append(place)
    driver: Any = importlib.import_module("playwright.async_api")
    async with driver.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            seen = Seen(await context.new_page())
            seen.page.set_default_timeout(15_000)
            await seen.page.goto(address)
            yield seen
            seen.check(address.partition("/__replayer__/")[0])
        finally:
            await browser.close()
