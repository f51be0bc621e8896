"""Values that programs mint and times that they count from now, with the official SDK on other days; and programs that
become longer. Real sandboxes, real clocks, set to another day by time-machine."""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
import time_machine

from replayer import Replayer
from replayer.sandbox import Sandbox
from tests.specs.test_laws_over_the_sandbox import STRIPE

DAY = 86_400
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # httpx of the SDK


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK keeps a file in the user's configuration; HTTP libraries read a proxy from the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def sdk(url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_AnotherDay0000000000001", base_addresses={"api": url})


def billing(url: str) -> list[Any]:
    """What a program asks that bills this month's orders: fresh ids in metadata, windows that end now."""
    shop = sdk(url).v1
    order, trace = str(uuid.uuid4()), uuid.uuid4().hex
    now = int(time.time())
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    customer = shop.customers.create({"name": "Ada", "metadata": {"order": order, "note": f"from {trace}, {order}"}})
    assert customer.to_dict()["metadata"] == {"order": order, "note": f"from {trace}, {order}"}
    draft = shop.invoices.create(
        {
            "customer": customer.id,
            "collection_method": "send_invoice",
            "due_date": now + 7 * DAY,
            "metadata": {"order": order},
        },
        {"idempotency_key": f"bill-{order}"},
    )
    assert draft.due_date == now + 7 * DAY
    told: list[Any] = [customer.id, draft.id]
    for since in (now - 30 * DAY, int(today.timestamp()), int(today.replace(day=1).timestamp())):
        listed = shop.invoices.list({"customer": customer.id, "created": {"gte": since}, "limit": 3})
        rows = [row.to_dict() for row in listed]
        assert [(row["id"], row["due_date"], row["metadata"]["order"]) for row in rows] == [
            (draft.id, now + 7 * DAY, order)
        ]
        told.append([row.id for row in listed])
    found = shop.invoices.search({"query": f"metadata['order']:'{order}'"})
    return [*told, [row.id for row in found]]


def recorded(
    root: Path, name: str = "a.yaml", program: Callable[[str], list[Any]] = billing
) -> tuple[list[Any], bytes]:
    with Replayer(name, root=root, upstream="sandbox", record_mode="all") as proxy:
        told = program(proxy.url)
    return told, (root / name).read_bytes()


@contextmanager
def days_later(days: int) -> Iterator[None]:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=True):
        yield


@pytest.mark.parametrize("how", ["frozen", "shifted"])
def test_what_was_recorded_one_day_is_replayed_400_days_later(how: str, tmp_path: Path) -> None:
    told, _ = recorded(tmp_path)
    with days_later(400), Replayer("a.yaml", root=tmp_path, time=how) as proxy:
        assert billing(proxy.url) == told
        assert (proxy.misses, proxy.receipt.unused) == ([], 0)


def test_recording_again_400_days_later_changes_no_byte(tmp_path: Path) -> None:
    told, kept = recorded(tmp_path)
    with days_later(400):
        assert recorded(tmp_path) == (told, kept)


def test_a_fresh_recording_of_the_same_day_is_the_same_file(tmp_path: Path) -> None:
    assert recorded(tmp_path, "a.yaml") == recorded(tmp_path, "b.yaml")


def test_shifted_times_are_those_of_the_clock(tmp_path: Path) -> None:
    def fresh(url: str) -> list[Any]:
        customer = sdk(url).v1.customers.create({"name": "Ada"})
        return [customer.id, customer.created]

    recorded(tmp_path, program=fresh)
    with days_later(400), Replayer("a.yaml", root=tmp_path, time="shifted") as proxy:
        began = time.time()
        _, created = fresh(proxy.url)
        assert 0 <= created - int(began) <= 2
        assert abs(proxy.clock.time() - created) <= 1


def test_a_clock_that_is_frozen_agrees_with_what_is_told(tmp_path: Path) -> None:
    def fresh(url: str) -> list[Any]:
        shop = sdk(url).v1
        customer = shop.customers.create({"name": "Ada"})
        assert customer.created == int(time.time())
        listed = shop.invoices.list({"customer": customer.id, "created": {"gte": int(time.time()) - 3600}})
        return [customer.id, customer.created, len(list(listed))]

    for _ in range(2):  # recorded, and recorded again
        with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all", freeze=True) as proxy:
            told = fresh(proxy.url)
    real = time.time()
    with Replayer("a.yaml", root=tmp_path, freeze=True) as proxy:
        assert proxy.clock.time() == time.time() == real - real % DAY
        assert fresh(proxy.url) == told
        assert proxy.clock.now() == datetime.now(UTC)
    assert time.time() >= real


async def test_a_program_that_has_become_longer_goes_on_where_it_was_recorded(tmp_path: Path) -> None:
    def longer(url: str, *, more: bool) -> list[Any]:
        shop = sdk(url).v1
        customer = shop.customers.create({"name": "Ada", "metadata": {"order": str(uuid.uuid4())}})
        draft = shop.invoices.create({"customer": customer.id})
        told = [customer.id, draft.id, draft.created]
        if more:
            opened = shop.invoices.finalize_invoice(draft.id)
            listed = shop.invoices.list({"customer": customer.id})
            told += [opened.status, opened.created, [(row.id, row.status) for row in listed]]
        return told

    async with Sandbox() as sandbox:
        settings: dict[str, Any] = {"root": tmp_path, "upstream": sandbox.url, "origin": STRIPE}
        async with Replayer("a.yaml", record_mode="all", **settings) as proxy:
            told = await asyncio.to_thread(longer, proxy.url, more=False)
        assert (tmp_path / ".replayer/a.yaml.names.json").stat().st_mode & 0o777 == 0o600
        async with Replayer("a.yaml", record_mode="new_episodes", **settings) as proxy:
            more = await asyncio.to_thread(longer, proxy.url, more=True)
            assert (proxy.receipt.played, proxy.receipt.recorded) == (2, 2)
        assert more[:3] == told
        assert more[3:] == ["paid", told[2], [(told[1], "paid")]]  # nothing was due
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        assert await asyncio.to_thread(longer, proxy.url, more=True) == more
        assert (proxy.misses, proxy.receipt.unused) == ([], 0)


async def test_without_the_names_a_recorded_object_is_not_asked_for(tmp_path: Path) -> None:
    def create(url: str) -> str:
        return sdk(url).v1.customers.create({"name": "Ada"}).id

    def create_and_update(url: str) -> None:
        sdk(url).v1.customers.update(create(url), {"name": "Grace"})

    async with Sandbox() as sandbox:
        settings: dict[str, Any] = {"root": tmp_path, "upstream": sandbox.url, "origin": STRIPE}
        async with Replayer("a.yaml", record_mode="all", **settings) as proxy:
            await asyncio.to_thread(create, proxy.url)
        (tmp_path / ".replayer/a.yaml.names.json").unlink()
        async with Replayer("a.yaml", record_mode="new_episodes", **settings) as proxy:
            with pytest.raises(stripe.StripeError, match="which an earlier recording gave out"):
                await asyncio.to_thread(create_and_update, proxy.url)
            assert [miss.reason.value for miss in proxy.misses] == ["stale-alias"]
