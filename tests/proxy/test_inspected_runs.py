"""What the page is told of a run: why it missed, what its rows depend on, what holds a word, and copies that work."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx

from replayer import Replayer
from replayer.cassettes import Journal

KEY = {"Authorization": "Bearer sk_test_made_up"}
RECORDED, NOW = "0b7e0d5e-5f0a-4bb0-9b3f-8a6a5f0e77aa", "77777777-5f0a-4bb0-9b3f-8a6a5f0e77aa"


async def told(proxy: Replayer, path: str, **parameters: object) -> Any:
    async with httpx.AsyncClient(headers={"Replayer-Token": proxy.token}) as client:
        address = f"{proxy.url}/__replayer__/api/{path}"
        return (await client.get(address, params={key: str(value) for key, value in parameters.items()})).json()


async def four(client: httpx.AsyncClient, run: str) -> list[str]:
    """The ids of four invoices of a customer, the first one first."""
    customer = (await client.post("/v1/customers", data={"name": "Ada"})).json()["id"]
    bodies = [{"customer": customer, "description": f"order {n}", "metadata[run]": run} for n in range(4)]
    return [(await client.post("/v1/invoices", data=body)).json()["id"] for body in bodies]


async def recorded(root: Path) -> None:
    async with Replayer("a.yaml", root=root, upstream="sandbox", record_mode="all") as proxy:
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            made = await four(client, RECORDED)
            await client.post(f"/v1/invoices/{made[0]}/finalize")
            await client.get(f"/v1/invoices/{made[0]}")
            for more in ({}, {"starting_after": made[1]}):
                await client.get("/v1/invoices", params={"limit": "1", **more})
        assert (await told(proxy, "search", text="order 0", of="session"))["numbers"] == [2, 6, 7, 9]
        assert await told(proxy, "arcs", row=7) == {"row": 7, "behind": [2, 6], "ahead": []}
        (journal,) = (await told(proxy, "journals"))["journals"]
        assert (journal["path"], journal["running"]) == (str(Journal.path_of(root / "a.yaml")), True)


async def run(*words: str, stdin: str = "") -> str:
    """What that program prints."""
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    return (await program.communicate(stdin.encode()))[0].decode()


async def test_a_run_is_told_with_its_misses_its_causes_and_copies_that_work(tmp_path: Path) -> None:
    await recorded(tmp_path)
    (tmp_path / "left.yaml.journal").write_text("version: 1\n")
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            made = await four(client, NOW)
            await client.get("/v1/invoices", params={"limit": "3"})
            await client.post(f"/v1/invoices/{made[0]}/finalize")
            await client.get("/v1/invoices", params={"limit": "3"})
            await client.get(f"/v1/invoices/{made[0]}")

        page = await told(proxy, "exchange", row=8)
        assert (page["asked"], page["reason"]) == ("GET /v1/invoices?limit=3", "no-match")
        assert page["page"] == {"list": 0, "query": "limit=3"}
        assert page["lack"] in (await told(proxy, "drawn/asked", **page["page"]))["why"]

        bound = (await told(proxy, "exchange", row=2))["bound"]
        assert [(one["live"], one["places"]) for one in bound] == [(NOW, ["metadata[run]"])]
        assert await told(proxy, "arcs", row=9) == {"row": 9, "behind": [2, 7], "ahead": []}
        assert (await told(proxy, "search", text="order 0", of="session"))["numbers"] == [2, 7, 9]
        (journal,) = (await told(proxy, "journals"))["journals"]
        assert "left.yaml.journal is there: a recording that was killed" in journal["words"]

        copies = await told(proxy, "copy", row=9)
        assert '"description": "order 0"' in await run("sh", "-c", copies["curl"])
        assert '"description": "order 0"' in await run(sys.executable, "-", stdin=copies["python"])


async def test_a_miss_of_another_state_names_the_writes_that_were_left_out(tmp_path: Path) -> None:
    async with (
        Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as proxy,
        httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client,
    ):
        made = await four(client, RECORDED)
        for step in ("finalize", "pay"):
            await client.post(f"/v1/invoices/{made[0]}/{step}")
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        async with httpx.AsyncClient(base_url=proxy.url, headers=KEY) as client:
            await four(client, NOW)
            await client.post(f"/v1/invoices/{made[0]}/pay")
        found = await told(proxy, "exchange", row=6)
        assert (found["reason"], found["number"]) == ("unknown-state", 7)
        assert found["behind"]["writes"] == [{"number": 6, "request": f"POST /v1/invoices/{made[0]}/finalize"}]
        assert found["ahead"] == {"writes": [], "more": 0}
