"""The example cassettes are what their programs record today, and play without any upstream."""

import shutil
from pathlib import Path

import pytest

from replayer import Replayer
from tests.examples import CASSETTES, PROGRAMS, client


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


def test_every_example_has_its_program() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == set(PROGRAMS)
