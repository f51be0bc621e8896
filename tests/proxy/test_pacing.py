"""An upstream that says 429: whoever asked waits, and all others with him; no cassette shows it, and no client."""

import asyncio
import json
from asyncio import StreamWriter
from pathlib import Path

import pytest

from replayer.errors import UsageError
from replayer.proxy.pacing import LEAST, SLOWEST, STEP, TRIES, Pace, may_come_again, told_wait, wait_for
from replayer.sandbox import Sandbox
from replayer.settings import Settings

from .talking import BEARER, FORM, FRAMING, JSON, Answer, Api, Arrived, Wire, ask, player, recorder, reply, request

ID = "cus_NffrFeUfNV2Hib"
CUSTOMER = reply(json.dumps({"id": ID, "object": "customer"}).encode(), JSON)
SOON = ("Retry-After-Ms", "1")


def limiting(times: int, *headers: tuple[str, str], then: bytes = CUSTOMER) -> Answer:
    """Says 429 so many times, and then what it has to say."""
    left = [times]

    async def answer(_: Arrived, writer: StreamWriter) -> None:
        left[0] -= 1
        limited = reply(b'{"error": {"id": "req_8xK2mQ4vT9wZ1a"}}', JSON, *headers, status="429 Too Many Requests")
        writer.write(limited if left[0] >= 0 else then)
        await writer.drain()

    return answer


async def test_a_request_that_was_limited_is_asked_again_and_nobody_can_tell(api: Api, tmp_path: Path) -> None:
    told, written = [], []
    for times in (0, 2):
        api["/v1/customers"] = limiting(times, SOON)
        async with recorder(api, tmp_path, f"{times}.yaml", epoch="2026-11-22") as proxy:
            told.append((await ask(proxy.url, "POST /v1/customers")).unframed())
        written.append((tmp_path / f"{times}.yaml").read_bytes())
    async with player(tmp_path, "2.yaml") as proxy:
        told.append((await ask(proxy.url, "POST /v1/customers")).unframed())
    assert told[0] == told[1] == told[2]
    assert written[0] == written[1]
    assert [arrived.target for arrived in api.arrived] == ["/v1/customers"] * 4


async def test_recording_again_from_an_upstream_that_limits_changes_no_byte(api: Api, tmp_path: Path) -> None:
    for times in (0, 1):
        api["/v1/customers"] = limiting(times, ("Retry-After", "0"))
        async with recorder(api, tmp_path) as proxy:
            await asyncio.gather(ask(proxy.url, "POST /v1/customers"), ask(proxy.url, "GET /v1/x"))
        if not times:
            first = (tmp_path / "a.yaml").read_bytes()
    assert (tmp_path / "a.yaml").read_bytes() == first


async def test_one_that_is_to_wait_too_long_is_told_its_client_and_is_as_if_never_made(
    api: Api, tmp_path: Path
) -> None:
    api["/v1/customers"] = limiting(1, ("Retry-After", "7200"))
    async with recorder(api, tmp_path) as proxy:
        limited = await ask(proxy.url, "POST /v1/customers")
        assert (limited.status, limited.header("Retry-After")) == (429, "7200")
        assert json.loads(limited.body)["error"]["code"] == "rate_limit"
        assert b"req_8xK2" not in limited.body
        assert (await ask(proxy.url, "POST /v1/customers")).status == 200
    assert proxy.receipt.recorded == 1
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/customers")).status == 200


async def test_an_upstream_that_wants_nobody_to_try_again_is_not_asked_again(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = limiting(9, SOON, ("X-Should-Retry", "false"))
    async with recorder(api, tmp_path) as proxy:
        limited = await ask(proxy.url, "GET /v1/x")
    assert (limited.status, limited.header("X-Should-Retry")) == (429, "false")
    assert len(api.arrived) == 1
    assert not (tmp_path / "a.yaml").exists()


async def test_who_wants_to_have_them_has_them_recorded(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = limiting(1, ("Retry-After", "60"))
    async with recorder(api, tmp_path, keep_429=True) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 429
    async with player(tmp_path) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert (answer.status, answer.header("Retry-After")) == (429, "60")


async def test_all_sessions_of_the_process_wait_together(api: Api, tmp_path: Path) -> None:
    limited, came, loop = asyncio.Event(), list[float](), asyncio.get_running_loop()

    async def limit(_: Arrived, writer: StreamWriter) -> None:
        writer.write(
            reply(b"{}", ("Retry-After-Ms", "150"), status="429 Slow Down") if not limited.is_set() else CUSTOMER
        )
        await writer.drain()
        limited.set()

    async def come(_: Arrived, writer: StreamWriter) -> None:
        came.append(loop.time())
        writer.write(CUSTOMER)
        await writer.drain()

    api["/v1/limited"], api["/v1/x"] = limit, come
    async with recorder(api, tmp_path, "a.yaml") as one, recorder(api, tmp_path, "b.yaml") as other:
        first = asyncio.ensure_future(ask(one.url, "GET /v1/limited"))
        await limited.wait()
        since = loop.time()
        await asyncio.sleep(0.05)  # until the session of that one knows it
        assert (await ask(other.url, "GET /v1/x")).status == (await first).status == 200
    assert came[0] - since >= 0.1


async def test_the_sandbox_behind_a_limit_is_recorded_as_without_one(api: Api, tmp_path: Path) -> None:
    async def program(url: str) -> None:
        body = json.loads((await ask(url, "POST /v1/customers", (BEARER, FORM), b"name=Ada")).body)
        await asyncio.gather(
            *(ask(url, f"GET /v1/customers/{body['id']}") for _ in range(2)),
            ask(url, "POST /v1/invoices", (BEARER, FORM), f"customer={body['id']}".encode()),
        )
        await ask(url, "GET /v1/invoices")

    for limited in (False, True):
        async with Sandbox() as sandbox:
            seen = set[str]()

            async def forward(arrived: Arrived, writer: StreamWriter, url: str = sandbox.url) -> None:
                asked = f"{arrived.method} {arrived.target}"
                if limited and asked not in seen:  # noqa: B023 - it is gone before the next round
                    seen.add(asked)  # noqa: B023
                    writer.write(reply(b"{}", SOON, status="429 Too Many Requests"))
                else:
                    headers = [pair for pair in arrived.headers if pair[0].lower() in ("authorization", "content-type")]
                    heard = await ask(url, asked, headers, arrived.body)
                    kept = [f"{name}: {value}" for name, value in heard.headers if name.lower() not in FRAMING]
                    head = "\r\n".join(["HTTP/1.1 200 OK", *kept, f"Content-Length: {len(heard.body)}", "", ""])
                    writer.write(head.encode() + heard.body)
                await writer.drain()

            api.otherwise = forward
            async with recorder(api, tmp_path, f"{limited}.yaml", epoch="2026-12-01", rules="invoice") as proxy:
                await program(proxy.url)
    assert (tmp_path / "True.yaml").read_text("utf-8") == (tmp_path / "False.yaml").read_text("utf-8")


async def test_nobody_waits_longer_for_another_ones_no_than_for_an_answer(api: Api, tmp_path: Path) -> None:
    api["/v1/limited"] = limiting(1, ("Retry-After", "30"))
    async with recorder(api, tmp_path, "a.yaml") as one, recorder(api, tmp_path, "b.yaml", timeout=2.0) as other:
        wire = await Wire.to(one.url)
        await wire.send(request("GET /v1/limited", one.url))
        await asyncio.sleep(0.2)  # until the session of that one knows it
        told = await ask(other.url, "GET /v1/x")
        wire.vanish()
    assert (told.status, told.header("Retry-After")) == (429, "30")
    assert [arrived.target for arrived in api.arrived] == ["/v1/limited"]


async def test_a_rate_holds_from_one_session_to_the_next(api: Api, tmp_path: Path) -> None:
    began = asyncio.get_running_loop().time()
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        async with recorder(api, tmp_path, name, rate=20.0) as proxy:
            await ask(proxy.url, "GET /v1/x")
    assert asyncio.get_running_loop().time() - began >= 2 / 20


# -- in time of their own ---------------------------------------------------------------------------------------------


class Clock:
    """A clock that somebody moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_places_are_as_far_apart_as_the_rate_says() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [round(pace.place(4), 2) for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    clock.now += 10
    assert pace.place(4) == 0


def test_without_a_rate_nobody_waits() -> None:
    pace = Pace(Clock())
    assert [pace.place() for _ in range(100)] == [0.0] * 100


def test_after_a_no_all_wait_and_then_leave_one_by_one_and_slower_each_time_until_there_is_time_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.hold(2)
    assert [round(pace.place(), 2) for _ in range(3)] == [2, 2 + STEP, 2 + 2 * STEP]
    pace.hold(1)  # of one that was under way: it neither shortens the wait nor counts
    assert pace.held
    clock.now += 5
    for _ in range(9):
        pace.hold(0.1)
        clock.now += 1
    pace.place()
    assert pace.place() == pytest.approx(SLOWEST)
    for _ in range(30):
        pace.answered()
    clock.now += 5
    assert [pace.place(), pace.place()] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("Retry-After", "3")], 3),
        ([("retry-after", " 2.5 ")], 2.5),
        ([("Retry-After", "9"), ("Retry-After-Ms", "20")], 0.02),
        ([("Retry-After", "Sun, 22 Nov 2026 10:00:30 GMT"), ("Date", "Sun, 22 Nov 2026 10:00:00 GMT")], 30),
        ([("Retry-After", "Sun, 22 Nov 2026 10:00:30 GMT")], 10),
        ([("Retry-After", "Sun, 22 Nov 2026 09:00:00 GMT")], 0),
        ([("Retry-After", "-1")], None),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "1e9")], None),
        ([("Retry-After", "٣")], None),
        ([("Retry-After", "9" * 400)], None),
        ([("Retry-After", "Sun, 99 Nov 99999 10:00:30 GMT")], None),
        ([], None),
    ],
)
def test_when_to_come_again_is_read_as_seconds_and_as_a_date(
    headers: list[tuple[str, str]], seconds: float | None
) -> None:
    assert told_wait(tuple(headers), now=1_795_341_620) == seconds


def test_a_wait_is_bounded_and_where_nobody_says_how_long_so_are_the_tries() -> None:
    assert [wait_for(None, tries, 80) for tries in (1, 2, 3)] == [0.5, 1, 2]
    assert wait_for(None, TRIES + 1, 80) is None
    assert wait_for(60, 1, 80) == 60
    assert wait_for(60, 2, 20) is None
    assert wait_for(0, 1, 80) == LEAST


@pytest.mark.parametrize(("name", "value", "may"), [("Stripe-Should-Retry", "false", False), ("X", "false", True)])
def test_some_say_that_it_will_not_help(name: str, value: str, may: bool) -> None:
    assert may_come_again(((name, value),)) is may


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_is_a_number_of_requests(rate: float) -> None:
    with pytest.raises(UsageError, match="The rate must be a number of requests in a second"):
        Settings(rate=rate).validated()
