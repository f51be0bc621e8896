"""The example cassettes are what their programs record today, and play without any upstream."""

import asyncio
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from replayer import Replayer
from replayer.sandbox import Sandbox
from tests.examples import CASSETTES, PROGRAMS, client

# What each program gives when it is recorded for the first time, from a sandbox whose ids, clock and epoch are fixed.
# Names and times follow from where a value was first seen: neither a moved module nor a faster one may change a byte.
# Whoever means to change them says so in CHANGELOG, because every cassette of every user changes with them.
MONDAY = 1_795_305_600
FRESH = {
    "paging": "f7c818e7720b38e9a454a9b9868d43dc05dafe2843fc496702918ec5333f4f84",
    "life": "cb4964c4fc7fbac0069856df4d6720c3ae36612b7e7f6ce11697dcfa7e78a7c6",
    "refusals": "ae29b99cfd2bcd2f6254052690c1a446c5c2d36c7f006bad8ee39392742f47f4",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_example_plays_its_program_offline(name: str) -> None:
    with Replayer(f"{name}.yaml", root=CASSETTES) as replayer:
        told = list(PROGRAMS[name](client(replayer.url)))
        assert replayer.misses == []
        assert replayer.receipt.unused == 0
    assert told
    assert not any(line.startswith("not refused") for line in told)


@pytest.mark.parametrize("name", PROGRAMS)
def test_recording_an_example_again_changes_no_byte(name: str, tmp_path: Path) -> None:
    copy = Path(shutil.copy(CASSETTES / f"{name}.yaml", tmp_path))
    before = copy.read_bytes()
    with Replayer(copy.name, root=tmp_path, upstream="sandbox", record_mode="all") as replayer:
        list(PROGRAMS[name](client(replayer.url)))
    assert copy.read_bytes() == before


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_first_recording_of_an_example_has_the_bytes_that_it_always_had(name: str, tmp_path: Path) -> None:
    def record(url: str) -> None:
        origin, epoch = "https://api.stripe.com", "2026-11-22T00:00:00Z"
        with Replayer("a.yaml", root=tmp_path, upstream=url, origin=origin, record_mode="all", epoch=epoch) as replayer:
            list(PROGRAMS[name](client(replayer.url)))

    async with Sandbox(seed=7, clock=lambda: MONDAY, step=True) as sandbox:
        await asyncio.to_thread(record, sandbox.url)
    assert sha256((tmp_path / "a.yaml").read_bytes()).hexdigest() == FRESH[name]


def test_every_example_has_its_program() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == set(PROGRAMS)
