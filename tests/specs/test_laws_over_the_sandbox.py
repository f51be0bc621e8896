"""Laws 1 to 5 over the invoice API, with the clients that people use. One scenario, so that whoever recorded it, any of
them can be answered from the cassette."""

import asyncio
import base64
import json
import logging
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from replayer import Replayer
from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.matching import canonical
from replayer.core.message import Response
from replayer.core.rules import registry
from replayer.sandbox import Sandbox
from tests.specs.clients import CLIENTS, DAY, KEY, Client, Transcript, client, scenario
from tests.specs.lives import strings

NOVEMBER = 1_795_341_600.3  # a Sunday in 2026, in the morning
STRIPE = "https://api.stripe.com"
ID = re.compile(r"(?<![0-9A-Za-z_])(?!test_)(?:[a-z]+_)+[0-9A-Za-z]{14,}")  # behind `test_` is the token of a link

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # httpx of the SDK


# -- worlds -----------------------------------------------------------------------------------------------------------


class Ticking:
    """A clock that is somewhere else, and crosses the end of a second when it likes."""

    def __init__(self, start: float, seed: int) -> None:
        self._now, self._chance = start, random.Random(seed)

    def __call__(self) -> float:
        self._now += self._chance.choice((0.0, 0.01, 0.4, 0.99, 3.0))
        return self._now


@dataclass
class Between:
    """A server between the proxy and its upstream, that reads everything which the upstream says."""

    target: str
    said: list[tuple[dict[str, str], str]] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Between"]:
        async with aiohttp.ClientSession() as self._client:
            runner = web.ServerRunner(web.Server(self._pass))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
            await runner.cleanup()

    async def _pass(self, http: web.BaseRequest) -> web.Response:
        headers = {name: value for name, value in http.headers.items() if name not in ("Host", "Content-Length")}
        target = self.target + http.raw_path
        async with self._client.request(http.method, target, headers=headers, data=await http.read()) as answer:
            body = await answer.read()
        kept = {name: value for name, value in answer.headers.items() if name not in ("Content-Length", "Connection")}
        self.said.append((kept, body.decode()))
        return web.Response(status=answer.status, headers=kept, body=body)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps a file in the user's configuration; HTTP libraries read a proxy from the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


async def run(kind: str, proxy: Replayer) -> Transcript:
    async with client(kind, proxy.url) as shop:
        await scenario(shop)
    return shop.transcript


async def recorded(kind: str, root: Path, upstream: str = "sandbox", name: str = "a.yaml", **more: Any) -> Transcript:
    async with Replayer(name, root=root, upstream=upstream, record_mode="all", **more) as proxy:
        transcript = await run(kind, proxy)
        assert proxy.receipt.recorded == len(transcript)
    return transcript


async def recorded_at(start: float, seed: int, kind: str, root: Path) -> Transcript:
    """Recorded from a sandbox of another time and another chance, which says that it is the real one."""
    async with Sandbox(clock=Ticking(start, seed), seed=seed) as sandbox:
        return await recorded(kind, root, sandbox.url, origin=STRIPE)


FIRST: dict[str, tuple[bytes, Transcript]] = {}


async def first_recording(kind: str, root: Path) -> Transcript:
    """A recording by that client, as `a.yaml`. It is made once, on one Sunday, and copied."""
    if kind not in FIRST:
        seed = CLIENTS.index(kind)
        transcript = await recorded_at(NOVEMBER + 1000 * seed, seed, kind, root)
        FIRST[kind] = (root / "a.yaml").read_bytes(), transcript
    text, transcript = FIRST[kind]
    (root / "a.yaml").write_bytes(text)
    return transcript


def cassette(path: Path) -> Cassette:
    found = folder.read(path)
    assert found is not None
    return found


# -- law 1 ------------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("recorder", CLIENTS)
async def test_law_1_any_client_is_answered_on_replay_as_one_was_in_recording(recorder: str, tmp_path: Path) -> None:
    transcript = await first_recording(recorder, tmp_path)
    for kind in dict.fromkeys((*CLIENTS[:3], recorder)):
        async with Replayer("a.yaml", root=tmp_path) as proxy:  # no upstream, and the sandbox is gone
            assert await run(kind, proxy) == transcript
            assert (proxy.misses, proxy.receipt.unused) == ([], 0)


@pytest.mark.long
async def test_law_1_holds_for_the_sandbox_that_comes_with_the_proxy(tmp_path: Path) -> None:
    transcript = await recorded("sdk on httpx", tmp_path)
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        assert await run("sdk on httpx", proxy) == transcript


# -- law 2 ------------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(("kind", "days"), list(zip(CLIENTS, (3.7, 500, -2, 0.01, 31), strict=True)))
async def test_law_2_recording_a_fresh_sandbox_at_another_time_changes_no_byte(
    kind: str, days: float, tmp_path: Path
) -> None:
    transcript = await first_recording(kind, tmp_path)
    first = (tmp_path / "a.yaml").read_bytes()
    assert await recorded_at(NOVEMBER + days * DAY, 77, kind, tmp_path) == transcript
    assert (tmp_path / "a.yaml").read_bytes() == first


async def test_law_2_holds_whoever_records(tmp_path: Path) -> None:
    kept = []
    for kind in CLIENTS:
        await first_recording(kind, tmp_path)
        kept.append(told_and_asked(tmp_path / "a.yaml"))
    assert all(each == kept[0] for each in kept)


def told_and_asked(path: Path) -> list[tuple[str, Response]]:
    """A cassette without the spelling of its requests, which is their client's."""
    return [
        (canonical.canonical(each.request, registry.INVOICE_RULES).text, each.response)
        for each in cassette(path).interactions
    ]


@pytest.mark.long
async def test_law_2_holds_in_whatever_order_requests_are_answered(tmp_path: Path) -> None:
    async def month(shop: Client, number: int, chance: random.Random) -> None:
        customer = await shop.call("customers.create", name=f"Customer {number}")
        for amount in range(3):
            await asyncio.sleep(chance.random() / 50)
            await shop.call(
                "invoice_items.create", customer=customer["id"], amount=number * 10 + amount + 1, currency="usd"
            )
        invoice = await shop.call("invoices.create", customer=customer["id"], pending_invoice_items_behavior="include")
        await asyncio.sleep(chance.random() / 50)
        assert (await shop.call("invoices.retrieve", invoice["id"]))["total"] == number * 30 + 6
        await shop.call("invoices.pay", invoice["id"], paid_out_of_band=True)
        assert (await shop.call("invoices.list", customer=customer["id"]))["data"][0]["status"] == "paid"

    async def months(url: str, seed: int) -> list[bytes]:
        chance = random.Random(seed)
        async with client("bare aiohttp", url) as shop:
            await asyncio.gather(*(month(shop, number, chance) for number in range(5)))
        return sorted(told.body for told in shop.transcript)

    kept = []
    for seed in (1, 2):
        async with (
            Sandbox(clock=Ticking(NOVEMBER + seed * DAY, seed), seed=seed) as sandbox,
            Replayer("a.yaml", root=tmp_path, upstream=sandbox.url, record_mode="all") as proxy,
        ):
            kept.append(await months(proxy.url, seed))
        kept.append([(tmp_path / "a.yaml").read_bytes()])
    assert kept[0] == kept[2]
    assert kept[1] == kept[3]
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        assert await months(proxy.url, 9) == kept[0]


# -- law 3 ------------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("kind", CLIENTS[:2])
async def test_law_3_recording_from_a_replay_gives_the_same_file(kind: str, tmp_path: Path) -> None:
    transcript = await first_recording(kind, tmp_path)
    async with Replayer("a.yaml", root=tmp_path) as replay:
        assert await recorded(kind, tmp_path, replay.url, "b.yaml", origin=STRIPE) == transcript
    assert (tmp_path / "b.yaml").read_bytes() == (tmp_path / "a.yaml").read_bytes()


# -- laws 4 and 5 -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def overheard(kind: str, root: Path) -> AsyncIterator[tuple[Between, Transcript]]:
    """A recording, still open, of which everything is known that its upstream said."""
    async with (
        Sandbox(clock=Ticking(NOVEMBER, 5)) as sandbox,
        Between(sandbox.url).listening() as between,
        Replayer("a.yaml", root=root, upstream=between.url, record_mode="all") as proxy,
    ):
        yield between, await run(kind, proxy)


@pytest.mark.parametrize("kind", ["sdk on aiohttp"])
async def test_law_4_no_alias_is_for_two_ids_and_no_id_has_two(kind: str, tmp_path: Path) -> None:
    async with overheard(kind, tmp_path) as (between, transcript):
        pass
    named: set[tuple[str, str]] = set()
    for (headers, body), told in zip(between.said, transcript, strict=True):
        named.add((headers["Request-Id"], dict(told.headers)["request-id"]))
        for real, name in zip(strings(json.loads(body)), strings(json.loads(told.body)), strict=True):
            named |= set(zip(ID.findall(real), ID.findall(name), strict=True))
    assert len(named) > 100
    assert len({real for real, _ in named}) == len({name for _, name in named}) == len(named)
    changed = [(real, name) for real, name in named if real != name]
    assert len(changed) > 100
    assert all(len(real) == len(name) and real.split("_")[:-1] == name.split("_")[:-1] for real, name in changed)


def minted(between: Between) -> set[str]:
    """Everything in the upstream's answers that is chance, or somebody's: ids, what is inside them, tokens, links."""
    found: set[str] = set()
    for headers, body in between.said:
        text = "\n".join([*headers.values(), body])
        ids = {each for each in ID.findall(text) if not each.startswith(("pm_card", "charge_", "paid_out"))}
        accounts = {each for each in ids if each.startswith("acct_")}
        found |= ids | {each[-10:] for each in accounts}
        found |= set(re.findall(r"q=([0-9A-Za-z]{20,})", text))
        found |= set(re.findall(r'"(?:fingerprint|invoice_prefix|next_page)": "([^"]+)"', body))
        found |= set(re.findall(r'"number": "([0-9A-Z]{8})-', body))
        for token in re.findall(r"/test_([0-9A-Za-z+/_=,%-]{20,})", body):
            inside = base64.b64decode(token[:-10] + "=" * (-len(token[:-10]) % 4)).decode("ascii", "ignore")
            found |= {token, *re.findall(r"_([0-9A-Za-z]{31}),", inside)}
    return found


def spellings(secret: str) -> Iterator[str]:
    """How a secret may stand in a file: as it is, percent-encoded, and in base64 at any place of a text."""
    yield secret
    yield quote(secret, safe="")
    for before in range(3):
        encoded = base64.b64encode(b"-" * before + secret.encode()).decode().rstrip("=")
        yield encoded[(0, 2, 3)[before] : len(encoded) - 1]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sdk on requests"])
async def test_law_5_nothing_real_is_in_the_cassette_the_journal_or_the_log(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "replayer")
    async with overheard(kind, tmp_path) as (between, transcript):
        journal = (tmp_path / "a.yaml.journal").read_text()
    kept = (tmp_path / "a.yaml").read_text()
    assert journal.count("# complete") == len(transcript) + 1
    assert "POST /v1/customers 200 recorded" in caplog.text
    secrets = minted(between) | {KEY, base64.b64encode(f"{KEY}:".encode()).decode()}
    kinds = {secret.partition("_")[0] for secret in secrets if ID.fullmatch(secret)}
    assert {"acct", "cus", "in", "ii", "il", "pm", "req", "price", "prod"} <= kinds
    assert len([secret for secret in secrets if len(secret) == 31]) > 5  # of links that anybody can open
    for place, text in (("cassette", kept), ("journal", journal), ("log", caplog.text), ("answers", repr(transcript))):
        found = [secret for secret in secrets for form in spellings(secret) if form in text]
        assert found == [], place


async def test_law_5_holds_for_keys_that_the_upstream_repeats(tmp_path: Path) -> None:
    live = "sk_live_NeverInTheSandbox0001"
    more: dict[str, Any] = {"upstream": "sandbox", "record_mode": "all", "allow_live": True}
    async with Replayer("a.yaml", root=tmp_path, **more) as proxy, aiohttp.ClientSession() as session:
        for key in (live, "pk_test_Published00000001", "Basic", "sk_test_" + "x" * 90):
            headers = {"Authorization": f"Bearer {key}"}
            async with session.get(f"{proxy.url}/v1/invoices", headers=headers) as answer:
                assert live[-4:] not in await answer.text()
    kept = (tmp_path / "a.yaml").read_text()
    assert len(cassette(tmp_path / "a.yaml").interactions) == 4
    for secret in (live, live[-4:], "Published00000001", "x" * 80):
        assert secret not in kept
