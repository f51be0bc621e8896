"""The time of one session, as all its parts share it."""

from replayer.core.clock.facts import Moment
from replayer.core.clock.relative import WRITTEN_AT, Now
from replayer.core.clock.session_clock import SessionClock
from tests.core.build import EPOCH, NOW

DAY = 86_400


def test_it_starts_at_the_midnight_before_the_first_request_and_keeps_that() -> None:
    clock = SessionClock()
    assert (clock.epoch, clock.now, clock.last) == (None, None, 0)
    assert clock.start(NOW) == clock.start(NOW + DAY) == EPOCH
    assert (clock.now, clock.last) == (EPOCH, EPOCH)


def test_a_session_that_adds_to_a_cassette_begins_where_that_ends() -> None:
    clock = SessionClock(EPOCH, ticks=5, last_recorded=EPOCH + 9)
    assert (clock.now, clock.last) == (EPOCH + 5, EPOCH + 9)


def test_it_never_goes_back() -> None:
    clock = SessionClock(EPOCH)
    for second in (3, 1, 2):
        clock.reach(EPOCH + second)
    assert clock.now == EPOCH + 3


def test_it_is_shown_as_much_later_as_its_epoch_is() -> None:
    clock = SessionClock(EPOCH, shifted_to=EPOCH + 400)
    assert (clock.shift, clock.shown) == (400, EPOCH + 400)
    assert SessionClock(shifted_to=EPOCH).shift == 0
    assert SessionClock(EPOCH).shown == EPOCH


def test_a_client_may_take_its_own_clock_or_the_virtual_one_for_now() -> None:
    asked = SessionClock(EPOCH, offsets=(3600,), shifted_to=EPOCH + 400).asked(NOW, NOW + DAY)
    assert asked.real == Now((int(NOW), int(NOW) + DAY), (0, 3600))
    assert asked.virtual == Now((EPOCH + 400, EPOCH), (0, 3600))


def test_what_a_recorded_request_counts_from_now_counts_from_noon_of_the_epoch_or_from_its_date() -> None:
    assert SessionClock(EPOCH).recorded(EPOCH + 7) == Now((EPOCH + WRITTEN_AT,), exact=True)
    assert SessionClock().recorded(EPOCH + 7) == Now((EPOCH + 7,))
    assert SessionClock().recorded(None) == Now(())


def test_a_time_that_an_answer_has_shown_is_no_time_of_the_clients() -> None:
    clock = SessionClock(EPOCH)
    moment = Moment(EPOCH + 1, int(NOW), int(NOW), write=True, epoch=EPOCH)
    clock.facts.enter(moment)
    virtual = clock.facts.name(("in_1", "created"), int(NOW), moment)
    assert clock.asked(NOW).is_shown(virtual)
    assert not clock.asked(NOW).is_shown(virtual + 50)
