"""Ids that hold a time are in the same order under their names, in every fresh recording; times in answers in parts."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random

import pytest

from replayer.core.message import Request, Response
from replayer.core.naming import aliases, dated
from replayer.core.rules import Rules, registry
from tests.core.build import EPOCH, answer, req

from .fresh import RULES, body_of, in_every_recording, minted


def test_times_in_an_answer_in_parts_are_named() -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        one = {
            "id": minted(chance),
            "created": int(at),
            "seen": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        part = f"--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{json.dumps(one)}\r\n"
        media = ("Content-Type", "multipart/mixed; boundary=x")
        yield req("POST /batch"), Response(200, "OK", (media,), f"{part}{part}--x--\r\n".encode())

    text = in_every_recording(made).interactions[0].response.body.decode()
    assert text.count("2026-11-22T00:00:01Z") == text.count(f'"created": {EPOCH + 1}') == 2


def ulid(at: float, chance: Random) -> str:
    number, text = int(at * 1000), ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        text = aliases.CROCKFORD[digit] + text
    return text + "".join(chance.choices(aliases.CROCKFORD, k=16))


def uuid7(at: float, chance: Random) -> str:
    text = f"{int(at * 1000):012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def encoded(number: int, alphabet: str, length: int) -> str:
    text = ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text


def ksuid(at: float, chance: Random) -> str:
    return encoded((int(at) - 1_400_000_000 << 128) | chance.getrandbits(128), aliases.BASE62, 27)


def uuid6(at: float, chance: Random) -> str:
    text = f"{int((at + 12_219_292_800) * 10**7):015x}"
    return f"{text[:8]}-{text[8:12]}-6{text[12:]}-8{chance.getrandbits(12):03x}-{chance.getrandbits(48):012x}"


def pushed(at: float, chance: Random) -> str:
    return encoded(int(at * 1000) << 72 | chance.getrandbits(72), dated.PUSHED, 20)


SMALL = "0123456789abcdefghijklmnopqrstuvwxyz"
WITHOUT_SHAPE: dict[str, Callable[[float, Random], str]] = {
    "KSUID": ksuid,
    "dash and ULID": lambda at, chance: f"run-{ulid(at, chance).lower()}",
    "xid": lambda at, chance: encoded(((int(at) << 64) | chance.getrandbits(64)) << 4, SMALL[:32], 20),
    "cuid": lambda at, chance: "c" + encoded(int(at * 1000), SMALL, 8) + "".join(chance.choices(SMALL, k=16)),
    "push id": pushed,
    "small ULID": lambda at, chance: ulid(at, chance).lower(),
    "snowflake": lambda at, chance: str((int(at * 1000) - 1_420_070_400_000 << 22) | chance.getrandbits(22)),
    "snowflake of another epoch": lambda at, chance: str(
        (int(at * 1000) - 1_288_834_974_657 << 22) | chance.getrandbits(22)
    ),
    "object id in capitals": lambda at, chance: f"{int(at):08X}{chance.getrandbits(64):016X}",
}
OF_SECONDS = ("ObjectId", "KSUID", "prefix and KSUID", "prefix and ObjectId", "xid", "object id in capitals")
SORTED: dict[str, Callable[[float, Random], str]] = {
    "ULID": ulid,
    "UUID 7": uuid7,
    "prefix and ULID": lambda at, chance: f"evt_{ulid(at, chance)}",
    "TypeID": lambda at, chance: f"user_{ulid(at, chance).lower()}",
    "ObjectId": lambda at, chance: f"{int(at):08x}{chance.getrandbits(64):016x}",
    "UUID 6": uuid6,
    "UUID 7 without dashes": lambda at, chance: uuid7(at, chance).replace("-", ""),
    "UUID 7 in capitals": lambda at, chance: uuid7(at, chance).upper(),
    "prefix and UUID 7": lambda at, chance: f"msg_{uuid7(at, chance)}",
    "prefix and KSUID": lambda at, chance: f"evt_{ksuid(at, chance)}",
    "prefix and ObjectId": lambda at, chance: f"obj_{int(at):08x}{chance.getrandbits(64):016x}",
}


@pytest.mark.parametrize(
    ("rules", "form"),
    [
        *((rules, form) for form in SORTED for rules in RULES),
        *((registry.GENERIC_RULES, form) for form in WITHOUT_SHAPE),
    ],
)
def test_ids_that_hold_a_time_keep_their_order(rules: Rules, form: str) -> None:
    minted_in = SORTED | WITHOUT_SHAPE

    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        old = [minted_in[form](1_700_000_000 + number, Random(number)) for number in range(3)]
        new = [minted_in[form](at + seconds, chance) for seconds in (0, 1, 2, 2.4, 2.6, 3.2, 3.4)]
        if form in OF_SECONDS:  # what is minted within one second has a number behind that
            new[3:] = sorted(new[3:])
        for number in (0, 1, 2):
            yield req("POST /v1/things"), answer({"id": new[number]})
        standing = [{"id": one, "created": 1_700_000_000 + number} for number, one in enumerate(old)]
        rest = [new[4], new[3]] if form not in OF_SECONDS else [new[3], new[4]]
        yield req("GET /v1/things"), answer({"data": [*standing, *({"id": one} for one in (*rest, *new[2::-1]))]})
        last = (new[6], new[5]) if form not in OF_SECONDS else (new[5], new[6])
        yield req("GET /v1/things?page=2"), answer({"data": [{"id": one} for one in last]})

    found = in_every_recording(made, rules)
    listed = [row["id"] for number in (3, 4) for row in body_of(found, number)["data"]]
    told = [body_of(found, number)["id"] for number in range(3)]
    assert len(set(listed)) == 10
    assert listed[:3] == sorted(listed[:3])
    assert listed[:3] + told == sorted(listed[:3] + told)
    assert max(told) < min(*listed[3:5], *listed[8:])


def test_a_uuid_that_says_that_it_is_old_is_named_by_its_value() -> None:
    def made(*_: object) -> Iterable[tuple[Request, Response]]:
        old = [uuid7(1_700_000_000 + number, Random(number)) for number in (3, 1, 2)]
        yield req("GET /v1/things"), answer({"data": [{"id": one} for one in old]})

    names = [row["id"] for row in body_of(in_every_recording(made))["data"]]
    assert [sorted(names).index(name) for name in names] == [2, 0, 1]


def test_chance_that_has_the_form_of_a_time_is_none() -> None:
    def made(_: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        for number in range(20):
            text = "01" + "".join(chance.choices(aliases.CROCKFORD, k=24))
            yield req(f"POST /v1/things/{number}"), answer({"id": text, "of": chance.randbytes(12).hex()})

    in_every_recording(made)
