"""Times as people write them: each is read as it is meant, and another one is written as it stood."""

from datetime import UTC, datetime

import pytest

from replayer.core.message import instants

AT = int(datetime(2026, 11, 22, 12, 20, 7, tzinfo=UTC).timestamp())
LATER = AT + 86_400 + 11 * 3600 + 1
SPELLED = [
    ("11/22/2026 12:20:07 PM", "11/23/2026 11:20:08 PM"),
    ("11/22/2026 12:20:07.125", "11/23/2026 23:20:08.000"),
    ("22/11/2026 12:20:07", "23/11/2026 23:20:08"),
    ("22.11.2026 12:20:07", "23.11.2026 23:20:08"),
    ("22-11-2026 12:20:07", "23-11-2026 23:20:08"),
    ("22-Nov-2026 12:20:07", "23-Nov-2026 23:20:08"),
    ("22 Nov 2026 12:20:07,125", "23 Nov 2026 23:20:08,000"),
    ("Nov 22, 2026, 12:20:07 PM", "Nov 23, 2026, 11:20:08 PM"),
    ("November 22, 2026 12:20:07", "November 23, 2026 23:20:08"),
    ("Sunday, 22 November 2026 12:20:07", "Monday, 23 November 2026 23:20:08"),
    ("2026:11:22 12:20:07", "2026:11:23 23:20:08"),
    ("2026-11-22_12-20-07", "2026-11-23_23-20-08"),
    ("20261122122007Z", "20261123232008Z"),
    ("20261122-12:20:07.125", "20261123-23:20:08.000"),
]
CUT = [
    ("11/22/2026 12:20 PM", "11/23/2026 11:20 PM"),
    ("22.11.2026 12:20", "23.11.2026 23:20"),
    ("November 22, 2026 at 12:20 pm", "November 23, 2026 at 11:20 pm"),
    ("2026-11-22T12:20Z", "2026-11-23T23:20Z"),
]


@pytest.mark.parametrize(("text", "other"), SPELLED)
def test_a_time_is_read_and_another_is_written_as_it_stood(text: str, other: str) -> None:
    instant = instants.read_spelled(text)
    assert instant
    assert (instant.seconds, instant.unit) == (AT, 1)
    assert instant.write(AT).replace(".000", ".125").replace(",000", ",125") == text
    assert instant.write(LATER) == other


@pytest.mark.parametrize(("text", "other"), CUT)
def test_one_without_its_seconds_stands_for_all_of_its_minute(text: str, other: str) -> None:
    instant = instants.read_spelled(text)
    assert instant
    assert (instant.seconds, instant.unit) == (AT - 7, 60)
    assert instant.write(LATER) == other


@pytest.mark.parametrize(
    "text", ["02/31/2026 12:20:07", "13/13/2026 12:20", "1.2.3.4", "22 Foo 2026 12:20", "2026:11:22"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert instants.read_spelled(text) is None


@pytest.mark.parametrize("text", [text for text, _ in (*SPELLED, *CUT) if ":" in text])
def test_it_is_found_whole_within_a_text(text: str) -> None:
    found = [(start, end) for start, end, _ in instants.within(f"It was at {text}, we think.")]
    assert found == [(10, 10 + len(text))]
