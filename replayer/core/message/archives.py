"""A zip archive: its members as bytes, each changed, and with it the checksums, sizes and offsets that follow from it.

local header, name, data [, descriptor]    for each member
central header, name, comment              for each member again
end                                        how many there are, and where the central headers begin

(PKWARE's APPNOTE 4.3.) An archive of another structure, of 64 bits or of several disks, stays as it is. Of a member
that is encrypted, or packed in another way than deflate, only the name is changed. One that is changed tells no time.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

MAGIC = b"PK\x03\x04"
DESCRIPTOR = b"PK\x07\x08"
LOCAL, CENTRAL, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
SUMS = struct.Struct("<3L")  # checksum, packed size, plain size: as they stand in all headers
SUMS_OF_LOCAL, SUMS_OF_CENTRAL, OFFSET_OF_CENTRAL = 14, 16, 42
TIME_OF_LOCAL, TIME_OF_CENTRAL = 10, 12
NO_TIME = struct.pack("<2H", 0, 1 << 5 | 1)  # the first of January 1980: when it was packed is another time each time
ENCRYPTED, DESCRIBED = 1, 8  # flags
STORED, DEFLATED = 0, 8  # methods
BARE = -zlib.MAX_WBITS
LONGEST_COMMENT = 1 << 16
LEVEL = 6  # zlib's own default, said so that it stays: the same bytes give the same archive

Change = Callable[[bytes], bytes]


class Central(NamedTuple):
    """A central header as it stands, with what it tells, and the offset at which it stands."""

    at: int
    flags: int
    method: int
    sums: tuple[int, int, int]
    name: int  # lengths
    rest: int
    local: int  # where its local header begins

    @property
    def end(self) -> int:
        return self.at + CENTRAL.size + self.name + self.rest


@dataclass(frozen=True, slots=True)
class Packed:
    """One member: its central header, where its name, what is between that and its data, and its data begin, and where
    these end. Up to `next` there may be a descriptor."""

    central: Central
    name: int
    extra: int
    data: int
    end: int
    next: int

    @property
    def described(self) -> bool:
        """Whether its checksum and its sizes stand in a descriptor behind it, too."""
        return bool(self.central.flags & DESCRIBED)

    def described_at(self, raw: bytes) -> int:
        """Where these stand in it."""
        return self.end + len(DESCRIPTOR) * raw.startswith(DESCRIPTOR, self.end)

    def unpacked(self, raw: bytes, most: int) -> bytes | None:
        """What is in it; None where nobody here can read it, or it is not what its headers say, or longer."""
        checksum, _, size = self.central.sums
        if self.central.flags & ENCRYPTED or self.central.method not in (STORED, DEFLATED) or size > most:
            return None
        at = self.described_at(raw) if self.described else self.central.local + SUMS_OF_LOCAL
        if at + SUMS.size > self.next or not raw.startswith(SUMS.pack(*self.central.sums), at):
            return None  # its sizes stand elsewhere, as those of 64 bits do
        packed = raw[self.data : self.end]
        plain = packed if self.central.method == STORED else _inflated(packed, size)
        return plain if len(plain) == size and zlib.crc32(plain) == checksum else None


@dataclass(frozen=True, slots=True)
class Archive:
    """The bytes of one, with its members in the order in which they lie; none where its structure is another one."""

    raw: bytes
    members: Sequence[Packed]

    def contents(self, most: int) -> Iterator[bytes]:
        """What is in its members, up to that many bytes in all."""
        for member in self.members:
            plain = member.unpacked(self.raw, most)
            if plain is not None:
                most -= len(plain)
                yield plain

    def mapped(self, change: Change, most: int) -> bytes:
        """The same with each name, and each member up to that many bytes in all, changed; the same bytes where none is
        another one then."""
        return _rebuilt(self.raw, self.members, change, most) if self.members else self.raw


def read(raw: bytes) -> Archive | None:
    """The archive that begins so; None where the bytes are none."""
    return Archive(raw, _members(raw) or ()) if raw.startswith(MAGIC) else None


def _members(raw: bytes) -> list[Packed] | None:
    """The members in the order in which they lie; None where that is no archive, or one of another structure."""
    end = raw.rfind(b"PK\x05\x06", max(0, len(raw) - END.size - LONGEST_COMMENT))
    if end < 0 or end + END.size > len(raw):
        return None
    _, disk, first, here, count, size, start, comment = END.unpack_from(raw, end)
    if (disk, first, here, start + size, end + END.size + comment) != (0, 0, count, end, len(raw)):
        return None
    headers = _centrals(raw, start, end)
    if not headers or len(headers) != count:
        return None
    ordered = sorted(headers, key=lambda one: one.local)
    found: list[Packed] = []
    for header, following in zip(ordered, [*(one.local for one in ordered[1:]), start], strict=True):
        member = _member(raw, header, following)
        if member is None or (not found and header.local != 0):
            return None
        found.append(member)
    return found


def _centrals(raw: bytes, start: int, end: int) -> list[Central] | None:
    found: list[Central] = []
    while start < end:
        if end - start < CENTRAL.size or not raw.startswith(b"PK\x01\x02", start):
            return None
        _, _, _, flags, method, _, _, *sums, name, extra, comment, _, _, _, local = CENTRAL.unpack_from(raw, start)
        found.append(Central(start, flags, method, (sums[0], sums[1], sums[2]), name, extra + comment, local))
        start = found[-1].end
    return found if start == end else None


def _member(raw: bytes, central: Central, following: int) -> Packed | None:
    if following - central.local < LOCAL.size or not raw.startswith(MAGIC, central.local):
        return None
    *_, name, extra = LOCAL.unpack_from(raw, central.local)
    at = central.local + LOCAL.size
    data = at + name + extra
    end = data + central.sums[1]
    same = raw[at : at + name] == raw[central.at + CENTRAL.size : central.at + CENTRAL.size + central.name]
    return Packed(central, at, at + name, data, end, following) if same and end <= following else None


def _rebuilt(raw: bytes, found: Sequence[Packed], change: Change, most: int) -> bytes:
    parts: list[bytes] = []
    centrals: dict[int, bytes] = {}
    length = 0
    changed = False
    for member in found:
        plain = member.unpacked(raw, most)
        most -= len(plain or b"")
        new = None if plain is None else change(plain)
        name = change(raw[member.name : member.extra])
        if len(name) != member.extra - member.name:  # an alias has its length; what is not one is not looked at here
            name = raw[member.name : member.extra]
        packed, sums = raw[member.data : member.end], member.central.sums
        if new is not None and new != plain:
            packed = new if member.central.method == STORED else _deflated(new)
            sums = (zlib.crc32(new), len(packed), len(new))
        changed |= sums != member.central.sums or name != raw[member.name : member.extra]
        local = _local(raw, member, name, packed, sums)
        centrals[member.central.at] = _central(raw, member.central, name, sums, length)
        parts.append(local)
        length += len(local)
    if not changed:
        return raw
    parts += (centrals[at] for at in sorted(centrals))
    end = max(member.central.end for member in found)
    *head, _, _, comment = END.unpack_from(raw, end)
    parts += (END.pack(*head, sum(map(len, centrals.values())), length, comment), raw[end + END.size :])
    return b"".join(parts)


def _inflated(packed: bytes, most: int) -> bytes:
    """What is in a stream, and whether it is no more: one byte of that is enough."""
    with suppress(zlib.error):
        return zlib.decompressobj(BARE).decompress(packed, most + 1)
    return b""


def _deflated(plain: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, BARE)
    return packer.compress(plain) + packer.flush()


def _local(raw: bytes, member: Packed, name: bytes, packed: bytes, sums: tuple[int, int, int]) -> bytes:
    head, behind = bytearray(raw[member.central.local : member.name]), bytearray(raw[member.end : member.next])
    head[TIME_OF_LOCAL : TIME_OF_LOCAL + len(NO_TIME)] = NO_TIME
    if sums != member.central.sums:  # so it was read, and these stand where they belong
        if SUMS.unpack_from(head, SUMS_OF_LOCAL) == member.central.sums:  # where a descriptor has them, they may be 0
            SUMS.pack_into(head, SUMS_OF_LOCAL, *sums)
        if member.described:
            SUMS.pack_into(behind, member.described_at(raw) - member.end, *sums)
    return b"".join((head, name, raw[member.extra : member.data], packed, behind))


def _central(raw: bytes, central: Central, name: bytes, sums: tuple[int, int, int], local: int) -> bytes:
    head = bytearray(raw[central.at : central.at + CENTRAL.size])
    head[TIME_OF_CENTRAL : TIME_OF_CENTRAL + len(NO_TIME)] = NO_TIME
    SUMS.pack_into(head, SUMS_OF_CENTRAL, *sums)
    struct.pack_into("<L", head, OFFSET_OF_CENTRAL, local)
    return bytes(head) + name + raw[central.at + CENTRAL.size + central.name : central.end]
