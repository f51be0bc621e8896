"""Recording: ticks of the virtual clock, and the places of what was recorded."""

from typing import Any
from urllib.parse import quote

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.clock import SessionClock
from replayer.core.matching import Index, stamps, turns
from replayer.core.message import instants, wire
from replayer.core.naming import UpstreamSpace
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.recorder import Recorder
from replayer.core.rules import Api, registry
from tests.core.build import EPOCH, KEY, LINKS, NOW, ORIGIN, answer, question, req

FACTS = Facts(ORIGIN, "invoice", EPOCH)


def dated(line: str, tick: int) -> Interaction:
    return Interaction(req(line), answer(line, ("Date", instants.http_date(EPOCH + tick))))


def recorder(*old: Interaction, facts: Facts | None = FACTS) -> Recorder:
    """A recorder over a cassette that holds these."""
    index = Index(Cassette(old), registry.INVOICE_RULES)
    clock = SessionClock(facts.epoch if facts else None, last_recorded=index.last_date)
    space = UpstreamSpace(Api(registry.INVOICE_RULES, LINKS), clock)
    return Recorder(space, index, clock, stamps.Causes(registry.INVOICE_RULES), turns.Turns(lambda _: 0), facts)


def left(to: Recorder, line: str, at: float = NOW, *, key: str | None = None) -> Exchange:
    """A request that was sent on at that time."""
    own = (("Idempotency-Key", key),) if key else ()
    one = question(line, ("Authorization", f"Bearer {KEY}"), *own, at=at)
    return to.forward(one, to.translated(one)).exchange


def kept(to: Recorder, line: str) -> int:
    """Recorded in one go; its virtual second."""
    return done(to, left(to, line))


def done(to: Recorder, exchange: Exchange, said: Any = None) -> int:
    interaction = to.take_in(exchange, answer(said or exchange.asked.path), NOW)
    to.keep(exchange, interaction)
    date = instants.read_http_date(wire.header(interaction.response.headers, "date") or "")
    assert date
    return date.seconds - EPOCH


def test_each_write_moves_the_clock_by_a_second_and_a_read_does_not() -> None:
    to = recorder()
    assert [kept(to, line) for line in ("GET /a", "POST /a", "GET /a", "DELETE /a", "HEAD /a")] == [0, 1, 1, 2, 2]


def test_what_was_recorded_before_keeps_its_second_in_any_order() -> None:
    to = recorder(dated("POST /a", 1), dated("POST /b", 2))
    assert [kept(to, line) for line in ("POST /b", "POST /a")] == [2, 1]


def test_a_new_write_among_old_ones_has_a_second_of_its_own_and_what_comes_next_is_not_before_it() -> None:
    to = recorder(dated("POST /a", 1), dated("POST /b", 2))
    assert [kept(to, line) for line in ("POST /a", "POST /new", "POST /b", "POST /newer")] == [1, 2, 2, 3]


def test_a_program_that_makes_other_things_has_a_second_for_each() -> None:
    to = recorder(dated("POST /a", 1), dated("POST /b", 2), dated("POST /c", 3))
    assert [kept(to, line) for line in ("POST /x", "POST /y", "POST /c", "POST /z")] == [1, 2, 3, 4]


def test_an_exchange_remembers_its_credentials_and_the_stand_in_of_its_key() -> None:
    to = recorder()
    first, second = (left(to, "POST /a", key=key) for key in ("a-key-of-the-client", "another-key"))
    assert first.credentials == {KEY}
    assert first.key is not None
    assert first.keys == {"a-key-of-the-client": first.key}
    assert first.key == left(recorder(), "POST /a", key="another-key").key
    assert first.key != second.key


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        (["GET /a", "GET /b"], ["/a", "/b"]),
        (["GET /b", "GET /a"], ["/a", "/b"]),
        (["GET /b", "GET /new"], ["/b", "/new"]),
        (["GET /new", "GET /b"], ["/new", "/b"]),
        (["GET /a", "GET /new", "GET /newer", "GET /b"], ["/a", "/new", "/newer", "/b"]),
    ],
)
def test_what_was_there_keeps_its_place_and_what_is_new_stands_behind_what_it_came_after(
    asked_for: list[str], expected: list[str]
) -> None:
    to = recorder(dated("GET /a", 0), dated("GET /b", 0))
    for line in asked_for:
        kept(to, line)
    assert targets(to) == expected


def targets(to: Recorder, *, keeping: bool = False) -> list[str]:
    """The file that would be saved now."""
    return [interaction.request.target for interaction in to.arranged(keeping=keeping)]


def test_what_was_not_asked_again_is_dropped_or_kept() -> None:
    def again() -> Recorder:
        to = recorder(dated("GET /a", 0), dated("GET /b", 0), dated("POST /c", 1))
        kept(to, "GET /b")
        return to

    assert targets(again()) == ["/b"]
    assert [entry.asked.path for entry in again().dropped] == ["/a", "/c"]
    assert targets(again(), keeping=True) == ["/a", "/b", "/c"]


def test_what_was_recorded_beside_what_was_played_stands_behind_it() -> None:
    to = recorder(dated("GET /a", 0), dated("GET /b", 0), dated("GET /c", 0))
    to.played(to._index.entries[1])  # noqa: SLF001 - what a session would play
    kept(to, "GET /new")
    assert targets(to, keeping=True) == ["/a", "/b", "/new", "/c"]


def test_a_read_that_is_asked_before_a_write_now_moves_before_it() -> None:
    """The program has changed: the old places would say that the read saw the write."""
    to = recorder(dated("POST /a", 1), dated("GET /a", 1), dated("GET /b", 1))
    for line in ("GET /a", "POST /a", "GET /b"):
        kept(to, line)
    assert [interaction.request.method for interaction in to.arranged(keeping=False)] == ["GET", "POST", "GET"]


@pytest.mark.parametrize("order", ["abab", "aabb", "bbaa", "baab"])
def test_clients_beside_each_other_get_the_same_seconds_in_any_order(order: str) -> None:
    """Two clients create a thing each and pay it; nobody waits for the other."""
    to, seconds = recorder(facts=None), dict[str, list[int]]()
    under_way = {name: left(to, f"POST /{name}") for name in "ab"}
    for name in order:
        real = f"in_1{name * 23}"
        seconds.setdefault(name, []).append(done(to, under_way[name], {"id": real}))
        under_way[name] = left(to, f"POST /pay/{to.space.names.alias_of(real)}")
    assert seconds == {"a": [1, 2], "b": [1, 2]}


def test_an_abandoned_request_takes_no_second() -> None:
    to = recorder()
    to.abandon(left(to, "POST /a"))
    assert to.unanswered == 1
    assert kept(to, "POST /b") == 1


def test_a_recorder_tells_how_much_it_has() -> None:
    to = recorder()
    kept(to, "GET /a")
    assert repr(to) == "<Recorder 1 recorded>"
    assert len(to) == 1


def test_a_token_that_was_left_is_found_though_it_is_no_piece_of_a_text() -> None:
    to = recorder()
    token = "ab+cd/ef_gh-ij=="  # as a cursor of a search
    done(to, left(to, "GET /v1/invoices/search"), {"next_page": token})
    clean, left_in = f"a: {to.space.names.alias_of(token)}", f"a: 1\nb: /pages/{token}\nc: {quote(token, safe='')}"
    assert list(to.space.still_real(clean, frozenset())) == []
    assert [str(finding) for finding in to.space.still_real(left_in, frozenset())] == [
        "line 2: a token of the upstream",
        "line 3: a token of the upstream",
    ]


@pytest.mark.parametrize("field", ["id", "next_page"], ids=["an id", "a token"])
def test_an_answer_that_is_kept_nowhere_names_nothing(field: str) -> None:
    """Its request comes again, and is answered with other values: these get the names, and nobody else's is one."""
    to, clean = recorder(), recorder()
    known = {"id": "in_1UI6qsHIBYZYyePrZqHAeqdY", "next_page": "ab+cd/ef_gh-ij=="}
    values = {"id": ["in_1UI6qtHIBYZYyePrAbCdEfGh", "in_1UI6quHIBYZYyePrIjKlMnOp"], "next_page": ["0b+12==", "99+98=="]}
    for each in (to, clean):
        done(each, left(each, "GET /v1/invoices"), known)
    refused = left(to, "POST /v1/invoices")
    to.take_in(refused, answer({"a": known["id"], field: f"{values[field][0]}{'x' * (field == 'next_page')}"}), NOW)
    to.abandon(refused)
    for each in (to, clean):
        done(each, left(each, "POST /v1/invoices"), {"a": known["id"], field: values[field][1]})
    assert to.space.names.collisions == []
    assert to.space.names.remembered() == clean.space.names.remembered()
    assert to.space.names.alias_of(known["id"])


def test_names_that_others_may_use_by_now_stay() -> None:
    to = recorder()
    slow = left(to, "POST /v1/a")
    to.take_in(slow, answer({"id": "in_1UI6qtHIBYZYyePrAbCdEfGh"}), NOW)
    done(to, left(to, "GET /v1/b"), {"of": "in_1UI6qtHIBYZYyePrAbCdEfGh"})
    to.abandon(slow)
    assert to.space.names.alias_of("in_1UI6qtHIBYZYyePrAbCdEfGh")
