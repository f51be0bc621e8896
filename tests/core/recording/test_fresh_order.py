"""Ids that hold a time are in the same order under their names, in every fresh recording; times in answers in parts."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random

import pytest

from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from replayer.core.rules import Rules
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


SORTED: dict[str, Callable[[float, Random], str]] = {
    "ULID": ulid,
    "UUID 7": uuid7,
    "prefix and ULID": lambda at, chance: f"evt_{ulid(at, chance)}",
    "TypeID": lambda at, chance: f"user_{ulid(at, chance).lower()}",
    "ObjectId": lambda at, chance: f"{int(at):08x}{chance.getrandbits(64):016x}",
}


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize("form", SORTED)
def test_ids_that_hold_a_time_keep_their_order(rules: Rules, form: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        old = [SORTED[form](1_700_000_000 + number, Random(number)) for number in range(3)]
        new = [SORTED[form](at + seconds, chance) for seconds in (0, 1, 2, 2.4, 2.6, 3.2, 3.4)]
        if form == "ObjectId":  # what is minted within one second has a number behind that
            new[3:] = sorted(new[3:])
        for number in (0, 1, 2):
            yield req("POST /v1/things"), answer({"id": new[number]})
        standing = [{"id": one, "created": 1_700_000_000 + number} for number, one in enumerate(old)]
        rest = [new[4], new[3]] if form != "ObjectId" else [new[3], new[4]]
        yield req("GET /v1/things"), answer({"data": [*standing, *({"id": one} for one in (*rest, *new[2::-1]))]})
        last = (new[6], new[5]) if form != "ObjectId" else (new[5], new[6])
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
