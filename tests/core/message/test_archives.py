"""Members of zip archives are changed, and what follows from them is right. Python's own reader is the witness."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import bodies, edit, shapes

REAL, ALIAS = "in_1H7eQk2eZvKYlo2CabcdEFGH", "in_1ZZZZZZZZZZZZZZZZZZZZZZZ"
LINES = b"id,amount\n" + b"".join(b"%s,%d\n" % (REAL.encode(), number) for number in range(40))
Members = Sequence[tuple[str, bytes, int]]


class Unseekable(io.RawIOBase):
    """A stream as a server sends one: whoever writes into it has to tell sizes behind the members."""

    def __init__(self) -> None:
        self.raw = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part: object) -> int:
        self.raw += bytes(part)  # type: ignore[call-overload]
        return len(part)  # type: ignore[arg-type]


def packed(members: Members, comment: bytes = b"", *, streamed: bool = False) -> bytes:
    to = Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.comment = comment
        for name, plain, method in members:
            archive.writestr(zipfile.ZipInfo(name), plain, compress_type=method)
    return bytes(to.raw) if isinstance(to, Unseekable) else to.getvalue()


def unpacked(raw: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return [(one.filename, archive.read(one)) for one in archive.infolist()]


def renamed(raw: bytes) -> bytes:
    return edit.pieced_bytes(raw, lambda piece: ALIAS if piece.text == REAL else piece.text)


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("a.csv", f"{REAL}.csv", "folder/", "ü.txt")),
            st.sampled_from((b"", b"x", LINES, b"\0\xff" + REAL.encode(), REAL.encode() * 2)),
            st.sampled_from(METHODS),
        ),
        unique_by=lambda member: member[0],
        min_size=1,
    ),
    st.sampled_from((b"", b"made by nobody")),
    st.booleans(),
)
def test_ids_in_members_and_in_their_names_are_changed_and_the_archive_is_whole(
    members: list[tuple[str, bytes, int]], comment: bytes, streamed: bool
) -> None:
    raw = packed(members, comment, streamed=streamed)
    whole = {REAL.encode() * 2: REAL.encode() * 2}  # two of them in one run are no id
    expected = [
        (name.replace(REAL, ALIAS), whole.get(plain, plain.replace(REAL.encode(), ALIAS.encode())))
        for name, plain, _ in members
    ]
    assert unpacked(renamed(raw)) == expected
    assert renamed(raw).endswith(comment)
    assert renamed(renamed(raw)) == renamed(raw)
    assert [plain for plain in bodies.unzipped(renamed(raw)) if plain] == [plain for _, plain in expected if plain]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("streamed", [False, True])
def test_an_archive_in_which_nothing_changes_keeps_its_bytes(method: int, streamed: bool) -> None:
    raw = packed([("a.csv", LINES, method), ("b.bin", bytes(range(256)), method)], b"x", streamed=streamed)
    assert edit.pieced_bytes(raw, lambda piece: piece.text) == raw


def test_pieces_of_several_members_stand_at_places_of_their_own() -> None:
    places: list[int] = []

    def seen(piece: shapes.Piece) -> str:
        places.append(piece.start)
        return piece.text

    edit.pieced_bytes(packed([("a", REAL.encode(), 0), ("b", REAL.encode(), 8), ("c", REAL.encode(), 0)]), seen)
    assert len(set(places)) == 3


def with_flag(raw: bytes) -> bytes:
    """As if its only member were encrypted."""
    return raw[:6] + b"\1" + raw[7:].replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1")


STRANGE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda raw: raw[:-4],
    "of two disks": lambda raw: raw[:-18] + b"\1" + raw[-17:],
    "with something behind it": lambda raw: raw + b"more",
    "with something between": lambda raw: raw.replace(b"PK\x01\x02", b"more" + b"PK\x01\x02"),
    "of another checksum": lambda raw: raw.replace(b",39\n", b",40\n"),
    "with a count that is none": lambda raw: raw[:-12] + struct.pack("<H", 7) + raw[-10:],
    "encrypted": with_flag,
}


@pytest.mark.parametrize("how", STRANGE)
def test_an_archive_that_nobody_can_read_stays_as_it_is(how: str) -> None:
    strange = STRANGE[how](packed([("a.csv", LINES, zipfile.ZIP_STORED)]))
    assert strange != packed([("a.csv", LINES, zipfile.ZIP_STORED)])
    assert renamed(strange) == strange


def test_members_are_read_up_to_a_bound() -> None:
    long = packed([("a", bytes(1 << 16), zipfile.ZIP_DEFLATED), ("b", b"xyz", zipfile.ZIP_STORED)])
    assert list(bodies.unzipped(long, 1 << 10)) == [b"xyz"]
    assert list(bodies.unzipped(b"PK\x03\x04")) == list(bodies.unzipped(b"{}")) == []


@given(st.binary(max_size=60), st.integers(0, 120), st.integers(0, 60))
def test_no_damage_breaks_the_reader(noise: bytes, at: int, cut: int) -> None:
    raw = packed([("a.csv", LINES[:40], zipfile.ZIP_DEFLATED)])
    damaged = raw[:at] + noise + raw[at + cut :]
    renamed(damaged)
    list(bodies.unzipped(damaged))
