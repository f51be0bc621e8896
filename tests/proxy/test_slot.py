"""What happens to the file: by record mode, when a run fails, when two want it, when the recorder is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio import StreamWriter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from replayer.errors import UsageError

from .older import NEW, OLD, old_cassette, targets
from .talking import JSON, Api, Arrived, Lines, Wire, ask, breaking, files, on_disk, player, recorder, reply, request


async def failed_run(
    api: Api,
    root: Path,
    error: type[BaseException] = ZeroDivisionError,
    lines: tuple[str, ...] = ("GET /x",),
    **how: Any,
) -> None:
    """A run that asks for /x and then fails."""
    async with recorder(api, root, **how) as proxy:
        for line in lines:
            await ask(proxy.url, line)
        raise error


# -- record modes -----------------------------------------------------------------------------------------------------


async def test_none_answers_only_what_is_there_and_changes_nothing(api: Api, tmp_path: Path) -> None:
    old = await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="none") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).status == 421
        assert proxy.play_count == 1
    assert api.arrived == []
    assert files(tmp_path) == {"a.yaml": old}


async def test_once_records_a_cassette_that_is_not_there_and_only_plays_one_that_is(api: Api, tmp_path: Path) -> None:
    api["/x"] = OLD
    async with recorder(api, tmp_path, record_mode="once") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
    old = files(tmp_path)["a.yaml"]
    api["/x"] = NEW
    await api.stop()  # an upstream that is not needed need not be there
    async with recorder(api, tmp_path, record_mode="once") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).status == 421
    assert files(tmp_path) == {"a.yaml": old}


async def test_new_episodes_plays_what_is_there_and_adds_what_is_not(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="new_episodes") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).body == b"{}"
        assert str(proxy.receipt).startswith("1 recorded, 1 played")
    assert [arrived.target for arrived in api.arrived] == ["/y"]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).body == b"{}"


async def test_all_records_everything_anew(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x", "GET /y")
    async with recorder(api, tmp_path, record_mode="all") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"new": true}'
    assert targets(tmp_path / "a.yaml") == ["/x"]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"new": true}'


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
async def test_a_recording_of_nothing_leaves_nothing(api: Api, tmp_path: Path, mode: str) -> None:
    async with recorder(api, tmp_path, record_mode=mode):
        assert list(files(tmp_path)) == ["a.yaml.journal"]
    assert files(tmp_path) == {}


async def test_a_recording_of_nothing_leaves_the_old_cassette(api: Api, tmp_path: Path) -> None:
    old = await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="all"):
        pass
    assert files(tmp_path) == {"a.yaml": old}


# -- recordings that failed -------------------------------------------------------------------------------------------


async def test_a_failed_run_leaves_the_old_cassette_and_its_own_recording_beside_it(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path)
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "a.yaml was not saved: the run failed." in caplog.text


async def test_a_first_recording_is_saved_whatever_its_run_asserts(api: Api, tmp_path: Path) -> None:
    for mode in ("once", "all", "new_episodes"):
        with pytest.raises(ZeroDivisionError):
            await failed_run(api, tmp_path / mode, record_mode=mode)
        assert list(files(tmp_path / mode)) == ["a.yaml"]
        async with player(tmp_path / mode) as proxy:
            assert (await ask(proxy.url, "GET /x")).status == 200


async def test_a_first_recording_of_a_failed_run_is_a_journal_where_that_is_wanted(api: Api, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path, record_on_failure=False)
    assert list(files(tmp_path)) == ["a.yaml.journal"]
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_a_first_recording_of_a_run_that_was_aborted_is_a_torso(tmp_path: Path, error: type[BaseException]) -> None:
    async def run() -> None:
        async with Api() as api:
            with suppress(error):
                await failed_run(api, tmp_path, error)

    asyncio.run(run())
    assert list(files(tmp_path)) == ["a.yaml.journal"]


async def test_a_failed_run_with_a_request_that_had_no_answer_is_no_whole_recording(api: Api, tmp_path: Path) -> None:
    api["/y"] = breaking(b"")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path, lines=("GET /x", "GET /y"))
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert list(files(tmp_path)) == ["a.yaml.journal"]


@pytest.mark.parametrize("said", [b"", NEW[:-1], reply(b"%PDF" * 9, ("Content-Type", "application/pdf"))[:-1]])
async def test_a_request_without_an_answer_leaves_the_old_cassette(
    api: Api, tmp_path: Path, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    api["/y"] = breaking(said)
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).status == 200
        await ask(proxy.url, "GET /y")
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "a.yaml was not saved: 1 request could not be recorded." in caplog.text


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_request_that_hangs_when_it_ends_leaves_the_old_cassette(
    api: Api, tmp_path: Path, leaves: bool, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    came = asyncio.Event()

    async def hang(_: Arrived, __: StreamWriter) -> None:
        came.set()
        await asyncio.sleep(60)

    api["/y"] = hang
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /x")
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /y", proxy.url))
        async with asyncio.timeout(5):
            await came.wait()
        if leaves:
            wire.vanish()
    await wire.close()
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "1 request could not be recorded" in caplog.text


async def test_the_next_recording_replaces_what_a_failed_one_left(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /x")
    assert list(files(tmp_path)) == ["a.yaml"]


# -- two at once ------------------------------------------------------------------------------------------------------


async def test_two_recorders_of_one_cassette_are_refused(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as first:
        await ask(first.url, "GET /x")
        with pytest.raises(UsageError, match=r"a\.yaml is being recorded by another replayer"):
            async with recorder(api, tmp_path):
                raise AssertionError
        assert (await ask(first.url, "GET /y")).status == 200
        async with recorder(api, tmp_path, "b.yaml") as other:
            assert (await ask(other.url, "GET /x")).status == 200
    assert targets(tmp_path / "a.yaml") == ["/x", "/y"]


async def test_many_may_replay_what_one_records(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path) as proxy, player(tmp_path) as one, player(tmp_path) as two:
        await ask(proxy.url, "GET /x")
        assert (await ask(one.url, "GET /x")).body == (await ask(two.url, "GET /x")).body == b'{"old": true}'


async def test_parallel_requests_are_all_recorded_and_all_replayed(api: Api, tmp_path: Path, lines: Lines) -> None:
    async def own(arrived: Arrived, writer: StreamWriter) -> None:
        await asyncio.sleep(int(arrived.header("X-Wait") or 0) / 1000)
        writer.write(reply(json.dumps({"you": arrived.target}).encode(), JSON))

    for n in range(32):
        api[f"/v1/{n}"] = own

    async def all_of_them(url: str) -> list[bytes]:
        asked = [ask(url, f"POST /v1/{n}?n={n}", [("X-Wait", str((n * 7) % 32))]) for n in range(32)]
        return [answer.body for answer in await asyncio.gather(*asked)]

    async with recorder(api, tmp_path, tell=lines) as proxy:
        recorded = await all_of_them(proxy.url)
    first = files(tmp_path)["a.yaml"]
    async with recorder(api, tmp_path) as proxy:
        await all_of_them(proxy.url)
    assert files(tmp_path) == {"a.yaml": first}
    async with player(tmp_path) as proxy:
        assert await all_of_them(proxy.url) == recorded
    assert sorted(recorded) == sorted(json.dumps({"you": f"/v1/{n}?n={n}"}).encode() for n in range(32))
    assert {line.outcome for line in lines} == {"recorded"}


# -- kill -9 ----------------------------------------------------------------------------------------------------------

CHILD = """\
import http.client, sys, threading
from replayer import Replayer

FORM = {"Authorization": "Bearer sk_test_Killed0001", "Content-Type": "application/x-www-form-urlencoded"}

def work(number, port):
    wire = http.client.HTTPConnection("127.0.0.1", port)
    for count in range(100_000):
        name = f"{number}-{count}"
        wire.request("POST", "/v1/customers", f"name={name}", FORM)
        answer = wire.getresponse()
        assert answer.status == 200 and name.encode() in answer.read()
        sys.stdout.write(name + "\\n")
        sys.stdout.flush()

with Replayer("a.yaml", root=sys.argv[1], upstream="sandbox", record_mode="all") as replayer:
    port = int(replayer.url.rpartition(":")[2])
    threads = [threading.Thread(target=work, args=(number, port)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.long
def test_kill_9_loses_no_interaction_that_was_answered(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}) as child:  # noqa: PTH109 - our own program
        assert child.stdout is not None
        reported = [child.stdout.readline() for _ in range(60)]
        child.send_signal(signal.SIGKILL)
        reported += child.stdout.readlines()
    answered = [line.strip().decode() for line in reported if line.endswith(b"\n")]
    assert len(answered) >= 60
    left = on_disk(tmp_path / "a.yaml.journal").interactions
    assert set(answered) <= {json.loads(each.response.body)["name"] for each in left}
    assert b"sk_test_Killed" not in files(tmp_path)["a.yaml.journal"]
