"""What was found out about a cassette is kept, privately, and believed only where it is whole and ours."""

import json
import os
from pathlib import Path

import pytest

from replayer.cassettes import side_file
from replayer.cassettes.side_file import SideFile

RAW = b"version: 1"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "replayer"


def kept(value: object = 1) -> None:
    shelf = SideFile(RAW)
    shelf.keep("a", lambda: value)
    shelf.save()


def only(home: Path) -> Path:
    (found,) = home.iterdir()
    return found


def test_what_was_kept_is_found_by_the_same_bytes_alone(home: Path) -> None:
    kept([1, "é"])
    assert SideFile(RAW).find("a") == [1, "é"]
    assert SideFile(RAW).find("b") is None
    assert SideFile(RAW + b" ").find("a") is None
    assert only(home).stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_nothing_is_written_where_nothing_is_new(home: Path) -> None:
    SideFile(RAW).save()
    assert not home.exists()
    kept()
    before = only(home).stat().st_ino
    SideFile(RAW).save()
    assert only(home).stat().st_ino == before


def test_what_is_new_joins_what_was_known() -> None:
    kept()
    shelf = SideFile(RAW)
    shelf.keep("b", lambda: 2)
    shelf.save()
    assert (SideFile(RAW).find("a"), SideFile(RAW).find("b")) == (1, 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content.replace(b"1}", b"2}"),
        lambda content: b"0" * 64 + content[64:],
        lambda _: b"[" * 100_000,
        lambda content: content.partition(b"\n")[2],
    ],
    ids=["empty", "cut off", "changed", "of another version", "nested", "without its seal"],
)
def test_what_is_not_as_it_was_written_is_passed_over(home: Path, damage) -> None:  # type: ignore[no-untyped-def]
    kept()
    path = only(home)
    path.write_bytes(damage(path.read_bytes()))
    assert SideFile(RAW).find("a") is None
    kept(3)
    assert SideFile(RAW).find("a") == 3


def test_what_others_may_write_is_passed_over(home: Path) -> None:
    kept()
    only(home).chmod(0o666)
    assert SideFile(RAW).find("a") is None


def test_what_another_code_found_out_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    monkeypatch.setattr(side_file, "_code", lambda: b"another")
    assert SideFile(RAW).find("a") is None


def test_without_a_cache_folder_nothing_is_kept_and_nothing_fails(home: Path) -> None:
    home.write_text("a file where the folder would be", "utf-8")
    kept()
    assert SideFile(RAW).find("a") is None


def test_what_was_not_used_for_long_goes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    old = only(home)
    os.utime(old, (1, 1))
    shelf = SideFile(b"another")
    shelf.keep("a", lambda: 1)
    shelf.save()
    assert only(home) != old
    monkeypatch.setattr(side_file, "MOST", 1)
    kept()
    assert SideFile(RAW).find("a") == 1
    assert json.loads(only(home).read_bytes().partition(b"\n")[2]) == {"a": 1}
