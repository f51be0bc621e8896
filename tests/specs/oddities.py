"""What is odd about APIs of people's traffic: how ids and times are spelled, what a birth tells, under which names
tokens and links go, what is derived from a body, what an export is. Each is a member of `Oddities`, drawn by itself."""

import base64
import gzip
import hashlib
import io
import json
import uuid
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from hypothesis import strategies as st

from replayer.core.naming import aliases
from tests.specs.world import ORIGIN

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG_AGO = 1_234_567_890
WEEK = 604_800


def _since(at: float, epoch: int) -> int:
    """The milliseconds since then: nobody minted such ids before."""
    return int(max(at - epoch, 1 + at / 100) * 1000)


def _encoded(number: int, alphabet: str, length: int) -> str:
    text = ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text


def _ulid(at: float, chance: Random) -> str:
    number, text = int(at * 1000), ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        text = aliases.CROCKFORD[digit] + text
    return text + "".join(chance.choices(aliases.CROCKFORD, k=16))


def _uuid7(at: float, chance: Random) -> str:
    text = f"{int(at * 1000):012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}"
    return str(uuid.UUID(text))


def of(alphabet: str, length: int, prefix: str = "") -> Callable[[float, Random], str]:
    return lambda _, chance: prefix + "".join(chance.choices(alphabet, k=length))


def token(_: float, chance: Random) -> str:
    return base64.b64encode(b"page " + chance.randbytes(12).hex().encode()).decode()


IDS: Mapping[str, Callable[[float, Random], str]] = {
    "prefix": lambda at, chance: "in_1" + of(aliases.BASE62, 23)(at, chance),
    "UUID": lambda _, chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "UUID 7": _uuid7,
    "ULID": _ulid,
    "prefix and ULID": lambda at, chance: f"evt_{_ulid(at, chance)}",
    "ObjectId": lambda at, chance: f"{int(at):08x}{chance.randbytes(8).hex()}",
    "SID": lambda _, chance: "SM" + chance.randbytes(16).hex(),
    "dash": lambda at, chance: "file-Aa1" + of(aliases.BASE62, 21)(at, chance),
    "capitals": lambda at, chance: "5O1" + of(aliases.BASE62[:36], 14)(at, chance),
    "hex": lambda _, chance: chance.randbytes(16).hex(),
    "small letters": of(LETTERS, 14, "cus_"),
    "KSUID": lambda at, chance: _encoded(
        _since(at, 1_400_000_000) // 1000 << 128 | chance.getrandbits(128), aliases.BASE62, 27
    ),
    "xid": lambda at, chance: _encoded((int(at) << 64 | chance.getrandbits(64)) << 4, aliases.WORD[:32], 20),
    "cuid": lambda at, chance: f"c{_encoded(int(at * 1000), aliases.WORD, 8)}{of(aliases.WORD, 16)(at, chance)}",
    "snowflake": lambda at, chance: str(_since(at, 1_420_070_400) << 22 | chance.getrandbits(22)),
}
HOLD_A_TIME = ("UUID 7", "ULID", "prefix and ULID", "ObjectId", "KSUID", "xid", "cuid", "snowflake")
NUMBERED = ("KSUID", "xid", "cuid", "snowflake")  # these have no shape: only rules for any API know them
TIMES: Mapping[str, Callable[[int], Any]] = {
    "seconds": lambda at: at,
    "milliseconds": lambda at: at * 1000 + 123,
    "fraction": lambda at: at + 0.5,
    "ISO": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.250Z}",
    "basic ISO": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}",
    "mail": lambda at: f"{datetime.fromtimestamp(at, UTC):%a, %d %b %Y %H:%M:%S +0000}",
    ".NET": lambda at: f"/Date({at}000+0000)/",
    "C": lambda at: f"{datetime.fromtimestamp(at, UTC):%a %b %d %H:%M:%S +0000 %Y}",
    "log": lambda at: f"{datetime.fromtimestamp(at, UTC):%d/%b/%Y:%H:%M:%S +0000}",
    "script": lambda at: f"{datetime.fromtimestamp(at, UTC):%a %b %d %Y %H:%M:%S GMT+0000}",
    "elsewhere": lambda at: f"{datetime.fromtimestamp(at, timezone(timedelta(hours=2))):%Y-%m-%dT%H:%M:%S}+02:00",
    "text": lambda at: str(at),
}
TIME_FIELDS = ("seen_at", "capture_before", "renewsOn", "settlement_date", "expires_after")
FILES = "https://files.world.test"
HOST = ORIGIN.partition("//")[2]
ORIGINS = (ORIGIN, f"//{HOST}", f"http://{HOST}", f"HTTPS://{HOST.upper()}:443", "")  # how an API spells its own
CURSORS = ("page", "cursor", "ptr", "x-after-key")
NEXT = ("next_page_url", "next", "nextLink", "_links", "Link")  # the last one is a header
JSONS: Mapping[str, Callable[[Any], bytes]] = {
    "plain": lambda value: json.dumps(value).encode(),
    "narrow": lambda value: json.dumps(value, separators=(",", ":")).encode(),
    "pretty": lambda value: json.dumps(value, indent=2, sort_keys=True).encode() + b"\n",
    "with escapes": lambda value: json.dumps(value).replace("/", "\\/").encode(),
    "packed": lambda value: gzip.compress(json.dumps(value).encode(), mtime=0),
}
SUMS: Mapping[str, Callable[[bytes], str]] = {
    "Content-MD5": lambda raw: base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode(),
    "Digest": lambda raw: f"SHA-256={base64.b64encode(hashlib.sha256(raw).digest()).decode()}",
    "x-amz-checksum-crc32": lambda raw: base64.b64encode(zlib.crc32(raw).to_bytes(4, "big")).decode(),
    "ETag": lambda raw: f'"{hashlib.sha256(raw).hexdigest()}"',
    "Content-Digest": lambda raw: f"sha-512=:{base64.b64encode(hashlib.sha512(raw).digest()[::-1]).decode()}:",  # wrong
}


def _parts(ids: list[str], chance: Random) -> tuple[str, bytes]:
    boundary = f"=_Part_{chance.randrange(10**9)}"
    parts = "".join(f"--{boundary}\r\n\r\n{one}\r\n" for one in ids)
    return f'multipart/mixed; boundary="{boundary}"', f"{parts}--{boundary}--\r\n".encode()


def _zip(ids: list[str], _: Random) -> tuple[str, bytes]:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr(zipfile.ZipInfo("all.txt"), "\n".join(ids * 2), zipfile.ZIP_DEFLATED)
        for one in ids:
            archive.writestr(zipfile.ZipInfo(one), one)
    return "application/zip", to.getvalue()


EXPORTS: Mapping[str, Callable[[list[str], Random], tuple[str, bytes]]] = {
    "lines": lambda ids, _: ("application/octet-stream", "\n".join(ids).encode()),
    "bytes": lambda ids, _: ("application/octet-stream", b"\0\xff" + b"\0".join(one.encode() for one in ids)),
    "half a text": lambda ids, _: ("text/plain", b"\xfcber: " + ", ".join(ids).encode()),
    "parts": _parts,
    "zip": _zip,
    "events": lambda ids, _: ("application/x-ndjson", "".join(f'{{"id":"{one}"}}\n' for one in ids).encode()),
}


@dataclass(frozen=True)
class Oddities:
    """What is odd about one API."""

    ids: str
    times: str
    time_field: str
    born: str  # "now", "constant" or nothing
    origin: str  # how it spells its own
    next: str
    cursor: str
    sums: tuple[str, ...]
    export: str
    shared: bool  # an order and its invoice have one id
    echoes: bool  # the idempotency key, in a header and in the body
    requests: str  # the header that names a request
    reference: bool
    json: str
    elsewhere: bool  # exports are another host's
    secret: bool  # things have one that their user has declared
    sends_on: bool  # whoever makes something is sent on to it
    standing: int  # how many objects were there before


oddities = st.builds(
    Oddities,
    ids=st.sampled_from(sorted(IDS)),
    times=st.sampled_from(sorted(TIMES)),
    time_field=st.sampled_from(TIME_FIELDS),
    born=st.sampled_from(("now", "constant", "")),
    origin=st.sampled_from(ORIGINS),
    next=st.sampled_from(NEXT),
    cursor=st.sampled_from(CURSORS),
    sums=st.lists(st.sampled_from(sorted(SUMS)), unique=True, max_size=2).map(tuple),
    export=st.sampled_from(sorted(EXPORTS)),
    shared=st.booleans(),
    echoes=st.booleans(),
    requests=st.sampled_from(("Request-Id", "X-Request-Id", "X-Correlation-ID")),
    reference=st.booleans(),
    json=st.sampled_from(sorted(JSONS)),
    elsewhere=st.booleans(),
    secret=st.booleans(),
    sends_on=st.booleans(),
    standing=st.integers(0, 2),
)
