"""Whatever is wrong with a file, each command that reads it says so in one line with the remedy, ends with 2, has
printed nothing and has changed nothing. All commands of the table are tried: a new one by itself."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from replayer.cli import cli, run

from . import table
from .servers import CASSETTE

NOBODY = 65534
WRONG = {
    "empty": b"",
    "binary": bytes(range(256)),
    "prose": b"Dear Ada,\n\nthe invoices: see below.\n",
    "another YAML": b"services:\n  web: {image: nginx}\n",
    "another JSON": b'{"openapi": "3.1.0", "paths": {}}\n',
    "half a cassette": CASSETTE[:300].encode(),
    "a list": b"- 1\n- 2\n",
    "UTF-16": CASSETTE.encode("utf-16"),
}
PLACES = list(table.places())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is anybody's; those of pytest are their owner's alone."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        monkeypatch.chdir(place)
        yield Path(place)


@pytest.fixture
def good(here: Path) -> Path:
    (here / "good.yaml").write_text(CASSETTE)
    return here / "good.yaml"


def everything(folder: Path) -> dict[str, bytes | None]:
    """What is in a folder: bytes of files, nothing of folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def assert_refused(words: list[str], printed: pytest.CaptureFixture[str], folder: Path, *, named: str) -> None:
    before = everything(folder)
    with as_somebody():
        code = run(words)
    out, err = printed.readouterr()
    assert (code, out) == (2, ""), err
    assert err.count("\n") == 1, err
    assert err.startswith("replayer: ")
    assert len(re.findall(r"[.?!:] ", err)) >= 2, f"where is the remedy? {err}"  # the first is that of our name
    assert named in err
    assert everything(folder) == before


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without the rights of root, which may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_all_commands_that_take_a_cassette_are_tried() -> None:
    tried = {place.command for place in PLACES}
    assert {"record", "replay", "exec", "inspect", "diff", "audit", "check", "learn"} <= tried <= cli.commands.keys()


@pytest.mark.parametrize("place", [each for each in PLACES if each.command not in table.MAKES], ids=str)
def test_a_file_that_is_not_there(place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert_refused(place.line("nothing.yaml", good), capfd, good.parent, named="nothing.yaml")


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_folder_without_cassettes(place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (good.parent / "folder").mkdir()
    assert_refused(place.line("folder", good), capfd, good.parent, named="folder")


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("kind", WRONG)
def test_a_file_of_another_kind(kind: str, place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (good.parent / "wrong.yaml").write_bytes(WRONG[kind])
    assert_refused(place.line("wrong.yaml", good), capfd, good.parent, named="wrong.yaml")


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_file_that_may_not_be_read(place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    closed = good.with_name("closed.yaml")
    closed.write_text(CASSETTE)
    (good.parent / "none").mkdir()
    with as_somebody():
        run(place.line("none", good))  # what it needs is imported, as long as all may be read
    capfd.readouterr()
    closed.chmod(0)
    before = everything(good.parent) if os.geteuid() == 0 else {}
    assert_unreadable(place.line("closed.yaml", good), capfd, "closed.yaml")
    assert not before or everything(good.parent) == before


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_folder_that_may_not_be_entered(place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = good.with_name("closed")
    folder.mkdir()
    (folder / "x.yaml").write_text(CASSETTE)
    folder.chmod(0)
    try:
        assert_unreadable(place.line("closed/x.yaml", good), capfd, "closed/x.yaml")
    finally:
        folder.chmod(0o700)


def assert_unreadable(words: list[str], printed: pytest.CaptureFixture[str], named: str) -> None:
    with as_somebody():
        code = run(words)
    out, err = printed.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert named in err
    assert "ermission" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_is_no_file_at_all(place: table.Place, good: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(good.with_name("pipe.yaml"))
    with as_somebody():
        code = run(place.line("pipe.yaml", good))
    out, err = capfd.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert "pipe.yaml" in err
