"""The virtual clock: equal facts have equal times, order is kept, and names lead back to real times."""

import operator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.clock.facts import Birth, Fact, FactClock, Moment

EPOCH = 1_795_305_600
NOW = 1_795_350_000
DAY = 86_400


def write(tick: int, began: int = 0, took: int = 0, sent: dict[tuple[str, int], int] | None = None) -> Moment:
    """The write of that tick, that many seconds after NOW."""
    return Moment(EPOCH + tick, NOW + began, NOW + began + took, write=True, epoch=EPOCH, sent=sent or {})


def read(tick: int, began: int = 0, took: int = 0) -> Moment:
    return Moment(EPOCH + tick, NOW + began, NOW + began + took, write=False, epoch=EPOCH)


def started(*moments: Moment) -> FactClock:
    """A clock that has seen these exchanges."""
    clock = FactClock()
    for moment in moments:
        took_place(clock, moment)
    return clock


def took_place(clock: FactClock, moment: Moment, *touches: str) -> None:
    clock.enter(moment)
    if moment.write:
        clock.wrote(moment, frozenset(touches))


def fact(name: str = "in_a", place: str = "created") -> Fact:
    return (name, place)


@dataclass(frozen=True)
class Exchange:
    writes: bool
    pause: int
    took: int
    inside: int


exchanges = st.lists(
    st.builds(Exchange, st.booleans(), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


def lived(life: list[Exchange]) -> tuple[FactClock, list[tuple[int, int]]]:
    """A session in which each write makes an object and each read shows all: the real times with their names."""
    clock, now, tick, made, named = FactClock(), NOW, 0, list[tuple[Fact, int]](), list[tuple[int, int]]()
    for number, exchange in enumerate(life):
        now += exchange.pause
        tick += exchange.writes
        moment = Moment(EPOCH + tick, now, now + exchange.took, write=exchange.writes, epoch=EPOCH)
        took_place(clock, moment)
        if exchange.writes:
            made.append((fact(f"in_{number}"), now + min(exchange.inside, exchange.took)))
        for one, real in made if not exchange.writes else made[-1:]:
            named.append((real, clock.name(one, real, moment)))
        now += exchange.took
    return clock, named


@given(exchanges)
def test_order_is_kept(life: list[Exchange]) -> None:
    _, named = lived(life)
    by_real = sorted(named, key=lambda pair: (pair[0], pair[1]))
    assert [virtual for _, virtual in by_real] == sorted(virtual for _, virtual in named)


@given(exchanges)
def test_a_time_inside_the_session_is_named_by_its_write_and_not_by_the_clock_on_the_wall(life: list[Exchange]) -> None:
    slower = [Exchange(one.writes, one.pause * 7, one.took, one.inside) for one in life]
    assert [virtual for _, virtual in lived(life)[1]] == [virtual for _, virtual in lived(slower)[1]]


@given(exchanges)
def test_a_name_leads_back_to_the_ends_of_what_it_names(life: list[Exchange]) -> None:
    clock, named = lived(life)
    for virtual in {virtual for _, virtual in named}:
        reals = [real for real, name in named if name == virtual]
        assert clock.real(virtual, "gte") == clock.real(virtual, "lt") == clock.real(virtual) == min(reals)
        assert clock.real(virtual, "lte") == clock.real(virtual, "gt") == max(reals)


@given(exchanges, st.booleans())
def test_what_is_first_seen_in_a_read_was_made_by_the_write_that_named_it(life: list[Exchange], told: bool) -> None:
    """Or, where nothing did, by the one that ended in that second; if there are such."""
    clock, now, made = FactClock(), NOW, list[tuple[int, int]]()
    for tick, one in enumerate(life, 1):
        now += one.pause + (not told)
        took_place(clock, write(tick, now - NOW, one.took), *([f"in_{tick}"] if told else []))
        now += one.took
        made.append((tick, now - (one.took - min(one.inside, one.took) if told else 0)))
    seen = read(len(life), now - NOW)
    for tick, real in made:
        assert clock.name(fact(f"in_{tick}"), real, seen, standing=False) == EPOCH + tick


def test_what_several_writes_name_was_born_by_the_first_and_changed_by_the_last() -> None:
    clock = FactClock()
    for tick, names in ((1, "in_b"), (2, "in_a"), (3, "in_a"), (4, "in_b")):
        took_place(clock, write(tick), names)
    assert clock.name(fact("in_a"), NOW, read(4), standing=False) == EPOCH + 2
    assert clock.name(fact("in_a", "paid_at"), NOW, read(4)) == EPOCH + 3
    assert clock.name(fact("in_c"), NOW, read(4), standing=False) == EPOCH + 4


@given(exchanges, st.integers(-3, 15), st.sampled_from(("gt", "gte", "lt", "lte")))
def test_a_bound_that_is_seconds_beside_a_name_keeps_apart_what_it_keeps_apart_by_name(
    life: list[Exchange], beside: int, comparison: str
) -> None:
    """As far as the upstream's own seconds do."""
    compare = getattr(operator, {"gte": "ge", "lte": "le"}.get(comparison, comparison))
    clock, named = lived([Exchange(writes=True, pause=0, took=0, inside=0), *life])
    bound = EPOCH + 1 + beside
    real = clock.real(bound, comparison)
    assert real is not None
    together = {one for one, by_name in named for other, name in named if one == other and by_name != name}
    for one, name in named:
        if one not in together:
            assert compare(one, real) == compare(name, bound)


def test_what_a_read_is_about_tells_which_write_of_one_second_made_what_no_write_named() -> None:
    clock = FactClock()
    for tick, touches in ((1, ("/v1/items",)), (2, ("/v1/items", "/v1/items/*")), (3, ("/v1/others",))):
        took_place(clock, write(tick), *touches)
    lists = replace(read(3), about=(frozenset(("/v1/items/*",)), frozenset(("/v1/items",))))
    assert clock.name(fact("ii_a"), NOW, lists, standing=False) == EPOCH + 2
    base = Birth(NOW, EPOCH + 2, standing=False)
    assert clock.name(fact("ii_a", "period"), NOW, lists, base=base) == EPOCH + 2


@pytest.mark.parametrize(("names", "tick"), [("in_a", 2), ("in_b", 4)])
def test_what_a_write_tells_that_is_older_is_from_an_earlier_one_that_names_it(names: str, tick: int) -> None:
    clock = started(write(1))
    clock.name(fact("in_a"), NOW, write(1), standing=False)
    took_place(clock, write(2, 10), names)
    took_place(clock, write(3, 20))
    last, base = write(4, 30), Birth(NOW, EPOCH + 1, standing=False)
    clock.enter(last)
    paid = clock.name(fact("in_a", "paid_at"), NOW + 10, last, base=base)
    assert paid == EPOCH + tick
    assert (
        clock.name(fact("in_c"), NOW + 10, last, standing=False) == EPOCH + 4
    )  # it makes what it is the first to tell


def test_where_an_upstream_has_two_clocks_a_write_is_believed_to_have_made_what_it_tells() -> None:
    clock = started(write(1, 10))
    clock.name(fact("in_a"), NOW + 5, write(1, 10), standing=False)
    took_place(clock, write(2, 15), "in_a")
    base = Birth(NOW + 5, EPOCH + 1, standing=False)
    clock.enter(write(3, 20))
    assert clock.name(fact("in_a", "paid_at"), NOW + 15, write(3, 20), base=base) == EPOCH + 3


def test_the_first_write_is_named_by_its_tick() -> None:
    clock = started(write(1))
    assert clock.name(fact(), NOW, write(1)) == EPOCH + 1


def test_a_fact_that_has_not_changed_keeps_its_name() -> None:
    clock = started(write(1))
    clock.name(fact(), NOW, write(1))
    for later in (write(2, 5), read(2, 9)):
        took_place(clock, later)
        assert clock.name(fact(), NOW, later) == EPOCH + 1


def test_a_fact_that_has_changed_gets_a_new_name() -> None:
    clock = started(write(1), write(2, 5))
    clock.name(fact("in_a", "paid_at"), NOW, write(1))
    assert clock.name(fact("in_a", "paid_at"), NOW + 5, write(2, 5)) == EPOCH + 2
    assert clock.known(fact("in_a", "paid_at"), NOW) is None


def test_two_writes_in_one_second_have_two_names() -> None:
    clock = started(write(1), write(2))
    assert clock.name(fact("in_a"), NOW, write(1)) == EPOCH + 1
    assert clock.name(fact("in_b"), NOW, write(2)) == EPOCH + 2


def test_a_field_that_moves_with_each_write_moves_even_within_one_second() -> None:
    clock = started(write(1), write(2))
    assert clock.name(fact("in_a", "updated"), NOW, write(1), moves=True) == EPOCH + 1
    assert clock.name(fact("in_a", "updated"), NOW, write(2), moves=True) == EPOCH + 2
    assert clock.name(fact("in_a", "updated"), NOW, read(2), moves=True) == EPOCH + 2


def test_what_is_older_than_the_session_stays() -> None:
    clock = started(write(1))
    assert clock.name(fact(), NOW - DAY, write(1)) == NOW - DAY
    assert clock.is_old(NOW - 2)
    assert not clock.is_old(NOW - 1)  # an upstream may round its clock by a second


def test_a_session_begins_with_the_first_request_even_if_that_is_answered_last() -> None:
    slow, fast = write(1, began=0, took=10), write(2, began=5, took=1)
    clock = FactClock()
    clock.open(NOW)
    clock.open(NOW + 5)
    took_place(clock, fast)
    took_place(clock, slow)
    assert clock.name(fact(), NOW + 2, slow) == EPOCH + 1


def test_what_was_there_before_the_first_write_is_older_than_the_session_however_young_it_is() -> None:
    clock = started(read(0))
    assert clock.is_standing(fact(), NOW, existed=True)
    assert not clock.is_standing(fact(), NOW, existed=False)  # the read itself may have made it up
    assert clock.name(fact(), NOW, read(0), standing=True) == NOW
    took_place(clock, write(1))
    assert clock.is_standing(fact(), NOW, existed=True)  # what was known for old stays so
    assert not clock.is_standing(fact("in_b"), NOW, existed=True)


def test_what_was_made_between_the_first_read_and_the_first_write_is_older_than_the_session() -> None:
    clock = started(read(0), write(1, 60))
    assert clock.is_standing(fact(), NOW + 58, existed=True)
    assert not clock.is_standing(fact(), NOW + 59, existed=True)  # an upstream may round its clock by a second


def test_a_time_of_the_same_second_as_an_old_birth_is_old_too() -> None:
    clock, base = started(read(0)), Birth(NOW, NOW, standing=True)
    assert clock.name(fact("in_a", "period.start"), NOW, read(0), base=base) == NOW
    assert clock.name(fact("in_a", "fetched_at"), NOW + 1, read(0), base=base) == EPOCH


def test_what_stood_for_itself_in_an_earlier_recording_does_so_still_when_that_time_has_come() -> None:
    clock = started(read(0))
    assert clock.name(fact("in_a", "due_date"), NOW, read(0)) == EPOCH
    assert clock.name(fact("in_b", "due_date"), NOW, read(0), earlier=NOW) == NOW


def test_nothing_is_old_before_the_session_began() -> None:
    assert not FactClock().is_old(0)


def test_a_time_in_a_read_is_that_of_the_last_write_before_it() -> None:
    clock = started(write(1, 0), write(2, 10), read(2, 20))
    assert clock.name(fact("seen_1"), NOW + 9, read(2, 20)) == EPOCH + 1
    assert clock.name(fact("seen_2"), NOW + 10, read(2, 20)) == EPOCH + 2
    assert clock.name(fact("seen_3"), NOW - 1, read(2, 20)) == EPOCH


def test_writes_that_are_entered_out_of_order_count_in_their_order() -> None:
    clock = FactClock()
    clock.open(NOW)
    for moment in (write(2, 10), write(1, 5), read(2, 20)):
        took_place(clock, moment)
    assert clock.name(fact(), NOW + 7, read(2, 20)) == EPOCH + 1


def test_a_time_in_the_future_keeps_its_distance_from_the_birth_of_its_object() -> None:
    clock = started(write(1))
    due = NOW + 30 * DAY + 17
    assert (
        clock.name(fact("in_a", "due_date"), due, write(1), base=Birth(NOW, EPOCH + 1, standing=False))
        == EPOCH + 1 + 30 * DAY + 17
    )


@pytest.mark.parametrize("rounded", [-1, 0, 1])
def test_without_a_birth_a_distance_of_about_whole_minutes_was_meant_to_be_whole(rounded: int) -> None:
    clock = started(write(1))
    assert clock.name(fact("x", "expires_at"), NOW + 3_600 + rounded, write(1)) == EPOCH + 1 + 3_600


def test_without_a_birth_any_other_distance_stays_as_it_is() -> None:
    clock = started(write(1))
    assert clock.name(fact("x", "expires_at"), NOW + 3_630, write(1)) == EPOCH + 1 + 3_630


def test_an_old_object_has_its_future_counted_from_now() -> None:
    clock = started(write(1))
    assert (
        clock.name(fact("x", "due_date"), NOW + DAY, write(1), base=Birth(NOW - DAY, NOW - DAY, standing=True))
        == EPOCH + 1 + DAY
    )


@pytest.mark.parametrize("age", [DAY, 7 * DAY, 12 * 3_600])
@pytest.mark.parametrize("late", [0, 1])
def test_whole_hours_from_the_birth_of_an_old_object_stand_for_themselves_even_if_they_end_now(
    age: int, late: int
) -> None:
    """Read in that very second, or a moment later: the next recording of the same object comes at another time."""
    clock, born = started(write(1)), Birth(NOW + 5 - age, NOW + 5 - age, standing=True)
    assert clock.name(fact("x", "end"), NOW + 5, read(2, 5 + late), base=born) == NOW + 5


def test_what_a_write_did_to_an_old_object_was_done_then_whatever_its_age() -> None:
    clock = FactClock()
    clock.open(NOW)
    took_place(clock, write(1, 5, 1), "x")
    born = Birth(NOW + 5 - DAY, NOW + 5 - DAY, standing=True)
    assert clock.name(fact("x", "paid_at"), NOW + 5, read(2, 7), base=born) == EPOCH + 1


def test_what_the_client_wrote_stays_as_it_wrote_it() -> None:
    written = write(1, sent={("due_date", NOW + 500): 77})
    clock = started(written)
    assert clock.name(fact("in_a", "due_date"), NOW + 500, written, key="due_date") == 77
    assert clock.name(fact("in_a", "other"), NOW + 500, written, key="other") != 77  # only in a field of that name


def test_a_copy_has_the_name_of_what_it_was_copied_from() -> None:
    clock = started(write(1), write(2, 50))
    clock.name(fact("ii_a", "period.start"), NOW, write(1))
    assert clock.name(fact("il_a", "period.start"), NOW, write(2, 50), source=fact("ii_a", "period.start")) == EPOCH + 1


def test_a_copy_of_something_else_is_a_fact_of_its_own() -> None:
    clock = started(write(1), write(2, 50))
    clock.name(fact("ii_a", "period.start"), NOW, write(1))
    assert (
        clock.name(fact("il_a", "period.start"), NOW + 50, write(2, 50), source=fact("ii_a", "period.start"))
        == EPOCH + 2
    )


def test_a_name_that_stands_at_no_fact_leads_to_the_answer_of_that_second() -> None:
    clock = started(write(1, 3, took=2), read(1, 9))
    assert clock.real(EPOCH + 1) == NOW + 5
    assert clock.real(EPOCH + 2) is None
    assert clock.real(NOW - 30 * DAY) is None


def test_a_clock_tells_how_much_it_knows() -> None:
    clock = started(write(1), read(1))
    clock.name(fact(), NOW, write(1))
    assert repr(clock) == "<Clock 1 writes, 1 facts>"
