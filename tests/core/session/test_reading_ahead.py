"""What is read of a request before its turn changes nothing of its verdict, and is not read again when that comes."""

import random
import uuid
from dataclasses import replace

import pytest

from replayer.core.cassette import Cassette
from replayer.core.client.holes import Finder
from replayer.core.matching import Index, index
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.session import Session, verdicts
from tests.core.build import NOW, answer, recorded, req, session

ITEMS = 40


def uuids(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(ITEMS)]


def dense(seed: int) -> Request:
    return req("POST /v1/ids", {"of": uuids(seed)})


def plain(seed: int) -> Request:
    return req("POST /v1/items", {"of": [{"number": seed + number} for number in range(ITEMS)]})


def form(seed: int) -> Request:
    return req("POST /v1/form", "&".join(f"a[{number}]={seed}{number}" for number in range(ITEMS)))


def timed(seed: int) -> Request:
    return req("POST /v1/due", {"due_date": int(NOW) + 86_400, "created": "2026-11-22", "id": uuids(seed)[0]})


def keyed(seed: int, key: str = "") -> Request:
    """Its idempotency key stands in its body, too."""
    key = key or f"order-{seed}"
    return req("POST /v1/keyed", {"order": key, "all": uuids(seed)}, ("Idempotency-Key", key))


def older(seed: int) -> Request:
    """It names what was there before the session."""
    return req(f"POST /v1/customers/cus_{seed}NffrFeUfNV2H", "ids[]=cus_" + "ab3" * 8 + "&text=a%20b")


def secret(seed: int) -> Request:
    return req("POST /v1/login", {"password": f"hunter{seed}hunter", "all": uuids(seed)})


def linked(seed: int) -> Request:
    return req("POST /v1/linked", {"to": f"http://127.0.0.1:4000/v1/x/{seed}", "all": uuids(seed)})


MADE = (dense, plain, form, timed, keyed, older, secret, linked)


@pytest.fixture(scope="module")
def cassette() -> Cassette:
    return recorded(*((made(1), answer({"id": name, "told": uuids(100 + number)})) for number, (made, name)
                      in enumerate(zip(MADE, uuids(99), strict=False))))  # fmt: skip


def decided(of: Session, requests: list[Request], *, ahead: bool) -> list[object]:
    """What each of them gets, and what it asked."""
    found: list[object] = []
    for number, request in enumerate(requests):
        request = replace(request)
        if ahead:
            of.read(request)
        verdict = of.decide(request, NOW + number)
        match verdict:
            case verdicts.Replay(response):
                found.append(response)
            case verdicts.Refuse():
                found.append(verdict)
            case _:
                asked = verdict.exchange.question
                found.append((verdict.request, asked.request, asked.asked.text, asked.pairs))
                taken = of.record(verdict.exchange, answer({"id": uuids(number)[0]}), NOW + number)
                of.recorder.keep(verdict.exchange, taken.interaction)
                found.append(taken)
    return found


@pytest.mark.long
@pytest.mark.parametrize("mode", [Mode.NONE, Mode.ALL, Mode.NEW_EPISODES])
@pytest.mark.parametrize("seed", range(4))
def test_what_was_read_ahead_is_decided_as_what_was_not(cassette: Cassette, mode: Mode, seed: int) -> None:
    chance = random.Random(seed)
    requests = [made(chance.choice((1, 2, 3))) for _ in range(3) for made in MADE]
    requests.append(keyed(7, uuids(1)[3]))  # from now on what stands in others is a key
    requests += [made(1) for made in MADE]
    chance.shuffle(requests)
    one, other = (session(cassette, mode) for _ in range(2))
    assert decided(one, requests, ahead=True) == decided(other, requests, ahead=False)
    assert one.receipt() == other.receipt()
    assert one.cassette() == other.cassette()


def test_reading_touches_nothing_of_the_session(cassette: Cassette) -> None:
    one, other = (session(cassette, Mode.NONE) for _ in range(2))
    for made in MADE:
        one.read(made(5))
    assert (one.client.generation, one.player.generation, one.receipt()) == (
        other.client.generation,
        other.player.generation,
        other.receipt(),
    )
    requests = [made(2) for made in MADE]
    assert decided(one, requests, ahead=False) == decided(other, requests, ahead=False)


@pytest.mark.parametrize("made", [dense, plain, form])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_read_is_not_read_again(
    cassette: Cassette, monkeypatch: pytest.MonkeyPatch, made: object, seed: int
) -> None:
    of, request = session(cassette, Mode.NONE), made(seed)  # type: ignore[operator]
    of.read(request)

    def again(*_: object) -> None:
        raise AssertionError("it was read twice")

    monkeypatch.setattr(index, "canonical", again)
    monkeypatch.setattr(Finder, "holes", again)
    monkeypatch.setattr(Finder, "filled", again)
    monkeypatch.setattr(aliases, "standing", again)
    assert isinstance(of.decide(request, NOW), verdicts.Replay | verdicts.Refuse)


def test_who_is_asked_in_another_session_reads_it_anew(cassette: Cassette) -> None:
    request = dense(1)
    one, other = session(cassette, Mode.NONE), session(Cassette(), Mode.NONE)
    one.read(request)
    assert isinstance(other.decide(request, NOW), verdicts.Refuse)
    assert isinstance(one.decide(request, NOW), verdicts.Replay)


def test_the_first_request_that_may_hold_anything_minted_has_the_cassette_looked_through(cassette: Cassette) -> None:
    """How long that takes is known before, once."""
    of = session(cassette, Mode.NONE)
    enough = Index(cassette, of.upstream.spaces.rules).length
    small = req("POST /v1/other", {"id": uuids(9)[0]})
    assert of.length(small, enough) >= enough
    of.decide(small, NOW)
    assert of.length(small, enough) < enough
