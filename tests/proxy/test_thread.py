"""A session in a thread of its own serves callers that block, and tells them what went wrong as if it were theirs."""

import asyncio
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from replayer.errors import UsageError
from replayer.proxy.handler import Line
from replayer.proxy.thread import Threaded, loop_factory
from replayer.settings import Settings

KEY = {"Authorization": "Bearer sk_test_KeyOfTheThread00001"}


def threaded(root: Path, told: list[Line] | None = None, **settings: str) -> Threaded:
    given = {"cassette": "a.yaml", "root": root, "upstream": "sandbox", "record_mode": "once", **settings}
    tell = told if told is not None else []
    return Threaded(Settings.load(given, folder=root, environment={}), remedy="do it", tell=tell.append)


def made(url: str, **form: str) -> requests.Response:
    return requests.post(f"{url}/v1/customers", data=form, headers=KEY, timeout=5)


def replayers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "replayer"]


def test_a_blocking_client_is_served(tmp_path: Path) -> None:
    told: list[Line] = []
    running = threaded(tmp_path, told)
    inserted = running.start()
    assert made(inserted.url, name="Ada").json()["name"] == "Ada"
    ejected = running.eject()
    assert (ejected.receipt.recorded, ejected.kept, len(told)) == (1, None, 1)
    assert replayers() == []
    assert (tmp_path / "a.yaml").exists()


def test_what_it_cannot_start_for_is_raised_where_it_was_started(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no cassette"):
        threaded(tmp_path, record_mode="none").start()
    assert replayers() == []


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    running = threaded(tmp_path)
    url = running.start().url
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: names.append(made(url, name=f"n{n}").json()["name"])) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running.eject().receipt.recorded == 8
    assert sorted(names) == sorted(f"n{n}" for n in range(8))


def test_two_sessions_run_side_by_side(tmp_path: Path) -> None:
    one, two = threaded(tmp_path), threaded(tmp_path, cassette="b.yaml")
    urls = {one.start().url, two.start().url}
    assert len(urls) == 2
    for url in urls:
        assert made(url).ok
    assert [each.eject().receipt.recorded for each in (one, two)] == [1, 1]


def test_a_failed_run_is_told_so(tmp_path: Path) -> None:
    for failed in (False, True):
        running = threaded(tmp_path, record_mode="all")
        made(running.start().url)
        ejected = running.eject(failed=failed)
    assert ejected.kept == "the run failed"


def test_ejecting_takes_less_than_a_second_with_a_client_that_stays(tmp_path: Path) -> None:
    running = threaded(tmp_path)
    url = running.start().url
    with requests.Session() as client:
        client.post(f"{url}/v1/customers", headers=KEY, timeout=5)
        began = time.perf_counter()
        running.eject()
        assert time.perf_counter() - began < 0.5


def test_loops_are_uvloops_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = loop_factory()
    assert factory is not None
    loop = factory()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    assert type(loop).__module__.startswith("uvloop")
    loop.close()
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert loop_factory() is None


def test_it_runs_on_asyncios_own_loop_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    running = threaded(tmp_path)
    assert made(running.start().url).ok
    assert running.eject().receipt.recorded == 1
