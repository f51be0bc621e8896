"""How times are written: read, and written back alike."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.instants import (
    SECONDS,
    http_date,
    iso,
    midnight,
    read_any,
    read_http_date,
    read_iso,
    read_number,
    within,
)

NOON = 1_795_348_800  # 2026-11-22T12:00:00Z
seconds = st.integers(SECONDS.start, SECONDS.stop - 1)
zones = st.sampled_from(("", "Z", "+00:00", "-00:00", "+05:30", "-0800", "+14:00"))
WRITERS: dict[str, Callable[[int], str]] = {
    "seconds": str,
    "milliseconds": lambda value: f"{value}000",
    "ISO": iso,
    "HTTP": http_date,
}


@pytest.mark.parametrize("form", WRITERS)
@given(one=seconds, other=seconds)
def test_a_time_is_read_and_another_one_is_written_the_same_way(form: str, one: int, other: int) -> None:
    write = WRITERS[form]
    instant = read_any(write(one), quoted=True)
    assert instant is not None
    assert instant.seconds == one
    assert instant.write(one) == write(one)
    assert instant.write(other) == write(other)


@given(seconds, seconds, zones, st.sampled_from(("T", " ")), st.integers(0, 9))
def test_an_iso_time_keeps_its_zone_and_its_mark_and_has_as_many_digits_as_its_writer_has_at_most(
    one: int, other: int, zone: str, mark: str, digits: int
) -> None:
    fraction = "." + "5" * digits if digits else ""
    width = next(width for width in (0, 3, 6, 7, 9) if digits <= width)
    instant = read_iso(f"{datetime.fromtimestamp(one, UTC):%Y-%m-%d{mark}%H:%M:%S}{fraction}{zone}")
    if instant is None:  # its zone puts it outside the years that count
        return
    text = instant.write(other)
    again = read_iso(text)
    assert again is not None
    assert again.seconds == other
    assert text.endswith(("." + "0" * width if digits else "") + zone)
    assert text[10] == mark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T12:00:00Z", NOON),
        ("2026-11-22 12:00:00", NOON),
        ("2026-11-22T12:00:00.999999Z", NOON),
        ("2026-11-22T13:30:00+01:30", NOON),
        ("2026-11-22T04:00:00-0800", NOON),
    ],
)
def test_an_iso_time_is_this_second(text: str, expected: int) -> None:
    instant = read_iso(text)
    assert instant is not None
    assert instant.seconds == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-02-31T00:00:00Z",
        "2026-11-22T24:00:01Z",
        "2026-11-22T12:00:60Z",
        "2026-11-22T12:00:00+99:99",
        "2026-11-22T12:00:00+24:00",
        "2026-11-22T12:00:00 Z",
        "at 2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00.Z",
        "\uff12\uff10\uff12\uff16-11-22T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_or_means_never_is_none(text: str) -> None:
    assert read_iso(text) is None
    assert read_any(text, quoted=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "12",
        "99999999",
        "10000000000",
        "99999999999",
        "10000000000000",
        "-1795348800",
        "+1795348800",
        "1795348800.5",
        "1e9",
        "01795348800",
        "1_795_348_800",
        " 1795348800",
        "\uff11\uff17\uff19\uff15\uff13\uff14\uff18\uff18\uff10\uff10",
        "²",
        "1" * 5_000,
        str(10**30),
    ],
)
def test_counts_amounts_and_numbers_that_would_not_come_back_are_no_times(text: str) -> None:
    assert read_number(text) is None


def test_seconds_and_milliseconds_are_told_apart_by_their_size() -> None:
    for text in ("1795348800", "1795348800123"):
        instant = read_number(text)
        assert instant is not None
        assert instant.seconds == NOON
    milliseconds = read_number("1795348800123")
    assert milliseconds is not None
    assert milliseconds.write(NOON + 1) == "1795348801000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sun, 22 Nov 2026 12:00:00 +0000",
        "Sun, 22 Foo 2026 12:00:00 GMT",
        "Sun, 31 Feb 2026 12:00:00 GMT",
        "Sun, 22 Nov 2026 25:00:00 GMT",
        "Sunday, 22-Nov-26 12:00:00 GMT",
        "Sun, 22 Nov 2026 12:00:00 GMT; max-age=1",
        "0",
    ],
)
def test_what_is_no_http_date_is_none(text: str) -> None:
    assert read_http_date(text) is None


def test_a_date_is_written_as_rfc_7231_has_it() -> None:
    assert http_date(NOON) == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert iso(NOON) == "2026-11-22T12:00:00Z"


def test_only_digits_are_a_time_without_quotes() -> None:
    assert read_any("1795348800", quoted=False) is not None
    assert read_any("2026-11-22T12:00:00Z", quoted=False) is None


@given(st.floats(0, 9e9))
def test_midnight_is_the_one_before(moment: float) -> None:
    assert midnight(moment) % 86_400 == 0
    assert 0 <= moment - midnight(moment) < 86_400


SPELLINGS = (
    "/Date(1796062576000+0000)/",
    "/Date(1796062576000)/",
    "Mon, 30 Nov 2026 18:16:16 +0000",
    "Mon, 30 Nov 2026 10:16:16 -0800",
    "30 Nov 2026 18:16:16 GMT",
    "20261130T181616Z",
    "20261130T191616+0100",
    "2026-11-30 18:16:16 UTC",
    "2026-11-30 19:16:16 +0100",
    "2026-11-30T20:16:16+02",
    "2026/11/30 18:16:16",
    "Mon Nov 30 18:16:16 +0000 2026",
    "Mon Nov 30 18:16:16 2026",
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_the_spellings_of_json_apis_are_one_instant_and_are_written_back_as_they_stood(text: str) -> None:
    instant = read_any(text, quoted=True)
    assert instant is not None
    assert instant.seconds == 1_796_062_576
    assert instant.write(instant.seconds) == text
    later = read_any(instant.write(instant.seconds + 4 * 86_400), quoted=True)
    assert later is not None
    assert later.seconds == instant.seconds + 4 * 86_400


@pytest.mark.parametrize("text", ["1796062576.5", "1796062576.123456"])
def test_a_number_with_a_fraction_of_a_second_is_a_time_and_written_alike_whatever_zeros_were_left_out(
    text: str,
) -> None:
    instant = read_any(text, quoted=False)
    assert instant is not None
    assert (instant.seconds, instant.write(instant.seconds)) == (1_796_062_576, "1796062576.0")
    assert read_any(text, quoted=True) is None  # a message of a chat has such an id


@pytest.mark.parametrize(
    "text", ["Mon, what a day", "/Date(soon)/", "20261130T1", "30 Nov 2026", "2026/11-30 18:16:16", "20261332T181616Z"]
)
def test_what_only_begins_like_a_time_is_none(text: str) -> None:
    assert read_any(text, quoted=True) is None


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("Sunday, 22-Nov-26 12:20:00 GMT", "Monday, 23-Nov-26 12:20:00 GMT"),
        ("Sun, 22-Nov-2026 12:20:00 GMT", "Mon, 23-Nov-2026 12:20:00 GMT"),
        ("22/Nov/2026:12:20:00 +0000", "23/Nov/2026:12:20:00 +0000"),
        (
            "Sun Nov 22 2026 12:20:00 GMT+0000 (Coordinated Universal Time)",
            "Mon Nov 23 2026 12:20:00 GMT+0000 (Coordinated Universal Time)",
        ),
        ("2026-11-22T12:20Z", "2026-11-23T12:20Z"),
        ("2026-11-22t12:20:00z", "2026-11-23t12:20:00z"),
        ("2026-11-22T12:20:00Z[UTC]", "2026-11-23T12:20:00Z[UTC]"),
        ("2026-11-22 12:20:00.123456789 +0000 UTC", "2026-11-23 12:20:00.000000000 +0000 UTC"),
        ("20261122122000", "20261123122000"),
        ("1795350000123456", "1795436400000000"),
        ("1795350000123456789", "1795436400000000000"),
    ],
)
def test_what_logs_cookies_scripts_and_finer_clocks_write_is_written_back_alike(text: str, later: str) -> None:
    instant = read_any(text, quoted=True)
    assert instant is not None
    assert (instant.seconds, instant.write(1_795_350_000 + 86_400)) == (1_795_350_000, later)


def test_times_are_found_within_a_text_and_no_part_of_a_longer_word_is_one() -> None:
    text = 'until 2026-11-22T12:20:00Z, or "Sun, 22 Nov 2026 12:20:00 GMT"; x2026-11-22T12:20:00Z is a name'
    assert [text[start:end] for start, end, _ in within(text)] == [
        "2026-11-22T12:20:00Z",
        "Sun, 22 Nov 2026 12:20:00 GMT",
    ]


@pytest.mark.parametrize("text", ["20261322122000", "99999999999999", "99/Nov/2026:12:20:00 +0000"])
def test_other_numbers_of_so_many_digits_are_no_times(text: str) -> None:
    assert read_any(text, quoted=True) is None
