"""A real browser: Chromium as it is installed, led to the API by its environment, and a page that `cors` names."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from replayer import Replayer
from replayer.cli import trusting
from replayer.core.session import verdicts

from .talking import Api, on_disk, player, recorder, reply

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
HOST = "api.example.com"  # which nobody has
THERE = f"https://{HOST}"
HTML = ("Content-Type", "text/html; charset=utf-8")
JSON = ("Content-Type", "application/json")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync",
    "--virtual-time-budget=10000",
)  # fmt: skip
# Asks as a program would, with a header that makes a browser ask whether it may.
PAGE = """<!doctype html><title>page</title><p>waiting</p><script>
const say = (text) => { document.querySelector("p").textContent = text; };
fetch("%s", { headers: { Authorization: "Bearer sk_test_made_up" } })
  .then(async (answer) => say(`${answer.status} ${answer.headers.get("X-Total")} ${await answer.text()}`))
  .catch((error) => say(`not read: ${error.name}`));
</script>"""

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium, which is not installed here")


async def shown(folder: Path, url: str, environment: dict[str, str], *flags: str) -> str:
    """The page's paragraph, when its script has ended."""
    own = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    child = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", url),
        env=own | {"HOME": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, errors = await child.communicate()
    except TimeoutError:
        child.kill()
        raise
    assert b"<p>" in out, errors.decode()
    return out.decode().partition("<p>")[2].partition("</p>")[0]


@pytest.mark.long
async def test_it_records_and_replays_the_apis_own_address_with_nothing_but_its_environment(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    secure_api["/v1/page"] = reply((PAGE % "/v1/data").encode(), HTML)
    secure_api["/v1/data"] = reply(b'{"id": "in_1MtHbELkdIwHu7ixl4OzzPMv"}', JSON, ("X-Total", "3"))

    async def led(proxy: Replayer) -> str:
        environment = trusting.environment(proxy._running.entrance, {}, tmp_path)  # noqa: SLF001 - as exec does
        said = await shown(tmp_path, f"{THERE}/v1/page", environment, "--ignore-certificate-errors")
        assert {miss.reason for miss in proxy.misses} <= {verdicts.Reason.OTHER_HOST}  # of its maker
        return said

    async with recorder(secure_api, tmp_path, ca=ca, origin=THERE, as_proxy=True) as proxy:
        recorded = await led(proxy)
    await secure_api.stop()
    async with player(tmp_path, as_proxy=True) as proxy:
        assert await led(proxy) == recorded
    assert recorded.startswith("200 3 ")
    assert '{"id": "in_' in recorded
    assert {f"{THERE}/v1/page", f"{THERE}/v1/data"} <= {
        each.request.uri for each in on_disk(tmp_path / "a.yaml").interactions
    }


@pytest.mark.long
async def test_a_page_that_cors_names_reads_answers_and_misses_and_another_page_nothing(
    api: Api, tmp_path: Path
) -> None:
    api["/v1/data"] = reply(b'{"a": 1}', JSON, ("X-Total", "3"))
    async with Api() as pages:  # another port is another origin
        for named in (pages.url, "http://localhost:1"):
            async with recorder(api, tmp_path, cors=named, record_mode="once") as proxy:
                pages["/"] = reply((PAGE % f"{proxy.url}/v1/data").encode(), HTML)
                said = await shown(tmp_path, f"{pages.url}/", {})
            assert said == ('200 3 {"a": 1}' if named == pages.url else "not read: TypeError")
        async with player(tmp_path, cors=pages.url) as proxy:
            pages["/"] = reply((PAGE % f"{proxy.url}/v1/other").encode(), HTML)
            missed = await shown(tmp_path, f"{pages.url}/", {})
            assert missed.startswith("421 null ")
            assert "No recorded interaction matches GET /v1/other." in missed
    assert [each.method for each in api.arrived] == ["GET"]  # no preflight was passed on
