"""What a client's time was counted from."""

import pytest

from replayer.core.client.now import seconds_of
from replayer.core.clock import relative
from tests.core.build import EPOCH

LAST = EPOCH + 9
NINE = relative.Now((EPOCH + 9 * relative.HOUR + 3,))  # three seconds past nine


@pytest.mark.parametrize(
    ("seconds", "counted"),
    [
        (
            EPOCH + 1 + 7 * relative.DAY,
            True,
        ),  # days from a time that was told, though it is whole hours from now as well
        (EPOCH + 2 + relative.HOUR, True),
        (
            EPOCH + 9 * relative.HOUR + 3 - relative.HOUR,
            False,
        ),  # an hour before now is nearer than eight behind what was told
        (EPOCH + 9 * relative.HOUR + 3 - 30 * relative.DAY, False),
        (EPOCH + 70, False),  # no time that was told, nor one within a minute of it
        (EPOCH + 10, True),  # a second after the last that was told
        (EPOCH + 69, True),
        (EPOCH - 2, True),
        (EPOCH - 1, False),  # the end of the day before
        (EPOCH, False),  # the start of the day
        (EPOCH + 3 + 8 * relative.DAY + relative.HOUR, False),  # so many hours nobody counts
    ],
)
def test_what_a_time_was_counted_from(seconds: int, counted: bool) -> None:
    assert relative.is_counted(seconds, EPOCH, LAST, NINE) is counted


@pytest.mark.parametrize(("ago", "counted"), [(600, True), (360, True), (240, False), (60, False), (0, False)])
def test_of_seconds_from_what_was_told_and_a_distance_from_now_the_nearer_one_is_meant(ago: int, counted: bool) -> None:
    beside = LAST + 60
    assert relative.is_counted(beside, EPOCH, LAST, relative.Now((beside + ago,))) is counted


@pytest.mark.parametrize("text", ["1795305601", "2026-11-22T00:00:01Z", "Sun, 22 Nov 2026 00:00:01 GMT"])
def test_a_hole_holds_a_time_in_any_form(text: str) -> None:
    instant = seconds_of(text)
    assert instant is not None
    assert instant.seconds == EPOCH + 1
    assert seconds_of("soon") is None
