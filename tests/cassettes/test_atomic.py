"""A file is replaced as a whole or not at all, and not touched where nothing changed."""

import os
from pathlib import Path

import pytest

from replayer.cassettes import atomic


def test_a_new_file_is_readable_to_all_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.yaml"
    before = os.umask(0o022)
    try:
        atomic.replace(path, b"one")
        assert path.stat().st_mode & 0o777 == 0o644
        path.chmod(0o600)
        atomic.replace(path, b"two")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "two"


def test_equal_bytes_leave_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    atomic.replace(path, b"one")
    os.utime(path, ns=(1, 1))
    before = path.stat()
    atomic.replace(path, b"one")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("one")
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    atomic.replace(tmp_path / "a.yaml", b"two")
    assert (tmp_path / "a.yaml").is_symlink()
    assert (tmp_path / "b.yaml").read_text() == "two"


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    atomic.replace(path, b"one")

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        atomic.replace(path, b"two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]
