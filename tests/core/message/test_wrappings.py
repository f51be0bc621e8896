"""Gzip and tar, changed: they open as before, and tell no time; what is not changed stays byte for byte."""

import gzip
import io
import tarfile

import pytest

from replayer.core.message import wrappings

MOST = 1 << 20


def tar(*members: tuple[str, bytes], at: int = 1_795_350_000) -> bytes:
    to = io.BytesIO()
    with tarfile.open(fileobj=to, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), at
            archive.addfile(member, io.BytesIO(content))
    return to.getvalue()


def opened(raw: bytes) -> list[tuple[str, float, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        return [(one.name, one.mtime, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]


def renamed(part: bytes) -> bytes:
    return part.replace(b"in_1", b"in_2")


def test_of_a_tar_members_and_their_names_are_changed_and_it_opens() -> None:
    changed = wrappings.mapped(tar(("a/in_1.txt", b"it is in_1"), ("b", b"n" * 600)), renamed, MOST)
    assert changed
    assert opened(changed) == [("a/in_2.txt", 0, b"it is in_2"), ("b", 0, b"n" * 600)]


@pytest.mark.parametrize("name", ["", "in_1.txt"])
def test_of_gzip_what_is_in_it_is_changed_and_its_time_is_none(name: str) -> None:
    to = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=to, mtime=1_795_350_000) as file:
        file.write(b"it is in_1")
    changed = wrappings.mapped(to.getvalue(), renamed, MOST)
    assert changed
    assert gzip.decompress(changed) == b"it is in_2"
    assert changed[4:8] == bytes(4)


def test_a_tar_within_gzip_is_one() -> None:
    changed = wrappings.mapped(gzip.compress(tar(("a", b"in_1")), mtime=7), renamed, MOST)
    assert changed
    assert opened(gzip.decompress(changed)) == [("a", 0, b"in_2")]


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(b"nothing", mtime=7),
        tar(("a", b"nothing")),
        gzip.compress(b"in_1", mtime=7)[:-3],
        gzip.compress(b"in_1", mtime=7) + b"more",
        gzip.compress(b"in_1 " * MOST, mtime=7),
        gzip.compress(b"in_1", mtime=7)[:3] + b"\x04" + gzip.compress(b"in_1", mtime=7)[4:],
        tar(("a", b"in_1"), ("b", b"c"))[:1024] + b"x" * 512 + bytes(512),
    ],
    ids=range(7),
)
def test_what_is_not_changed_or_not_read_stays_as_it_is(raw: bytes) -> None:
    assert wrappings.mapped(raw, renamed, MOST) == raw


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"in_1 " * 200, bytes(1024)], ids=range(4))
def test_what_is_neither_of_them_is_told_as_none(raw: bytes) -> None:
    assert wrappings.mapped(raw, renamed, MOST) is None
