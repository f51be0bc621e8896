"""`cassettes.lock` as text: what is written is what is read, branches merge, and what cannot be merged is told."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.cassettes.store.lock import Lock, Pin
from replayer.errors import CassetteError

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
PINS = st.builds(
    Pin,
    NAMES,
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(0, 10**12),
    st.integers(0, 4 * 10**9),
    st.sampled_from(["", "2026-08-26.dahlia", "v1"]),
)


def pin(name: str, content: str = "a", recorded: int = 0) -> Pin:
    return Pin(name, content * 64, 7, recorded, "v1")


def lock(*pins: Pin) -> Lock:
    return Lock("cassettes", {each.name: each for each in pins})


@given(st.lists(PINS, max_size=6, unique_by=lambda each: each.name))
def test_what_is_written_is_what_is_read(pins: list[Pin]) -> None:
    text = lock(*pins).dumps()
    assert Lock.loads(text, "x") == lock(*pins)
    assert Lock.loads(text, "x").dumps() == text
    assert text.count("\n") == 4 + 3 * len(pins)


@given(NAMES)
def test_a_name_is_one_line_whatever_is_in_it(name: str) -> None:
    assert "\n" not in pin(name).line
    assert list(Lock.loads(f"{pin(name).line}\n# end\n", "x").pins) == [name]


def test_a_version_that_is_none_is_left_out() -> None:
    assert Pin("a", "b" * 64, 1, version="Bearer sk live").line.endswith("  -")


def merged(tmp_path: Path, base: Lock, ours: Lock, theirs: Lock) -> str:
    """What git makes of the two with `merge=union`."""
    for name, each in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(each.dumps(), "utf-8")
    done = subprocess.run(
        ["git", "merge-file", "-p", "--union", "ours", "base", "theirs"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@settings(max_examples=500 if os.environ.get("HYPOTHESIS_PROFILE") in ("ci", "thorough") else 20)
@given(st.data())
def test_two_branches_that_change_other_cassettes_merge(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = list("abcdefgh")
    base = {name: pin(name) for name in data.draw(st.sets(st.sampled_from(names)))}
    mine = data.draw(st.sets(st.sampled_from(names)))
    yours = data.draw(st.sets(st.sampled_from(names))) - mine
    ours = lock(*base.values()).changed([pin(name, "b") for name in mine])
    theirs = lock(*base.values()).changed([pin(name, "c") for name in yours])
    found = Lock.loads(merged(tmp_path_factory.mktemp("merge"), lock(*base.values()), ours, theirs), "x")
    assert found.twice == {}
    assert found.pins == {**base, **{n: pin(n, "b") for n in mine}, **{n: pin(n, "c") for n in yours}}


def test_of_neighbours_that_two_branches_changed_git_keeps_both_even_without_union(tmp_path: Path) -> None:
    base = lock(pin("a"), pin("b"))
    for name, each in (
        ("base", base),
        ("ours", base.changed([pin("a", "b")])),
        ("theirs", base.changed([pin("b", "c")])),
    ):
        (tmp_path / name).write_text(each.dumps(), "utf-8")
    subprocess.run(["git", "merge-file", "ours", "base", "theirs"], cwd=tmp_path, check=True)
    found = Lock.loads((tmp_path / "ours").read_text("utf-8"), "x")
    assert found == lock(pin("a", "b"), pin("b", "c"))


def test_what_both_changed_stands_twice_and_counts_for_neither(tmp_path: Path) -> None:
    base = lock(pin("a"), pin("b"))
    text = merged(tmp_path, base, base.changed([pin("a", "b", 86_400)]), base.changed([pin("a", "c")]))
    found = Lock.loads(text, "x")
    assert found.found("a") is None
    assert [each.digest[0] for each in found.twice["a"]] == ["b", "c"]
    assert found.contents == {"a" * 64, "b" * 64, "c" * 64}
    assert found.changed([pin("a", "d")]).twice == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("<<<<<<< ours", "a merge left its marks"),
        ("a.yaml  sha256:12  7  2026-01-01T00:00:00Z  -", "is no line of a lock"),
        (pin("a").line.replace("1970-01-01", "1970-13-01"), "is no line of a lock"),
        (json.dumps([1]) + pin("a").line[1:], "is no line of a lock"),
    ],
)
def test_a_line_that_is_none_is_told_with_its_number(line: str, words: str) -> None:
    if line.startswith("["):
        line = line.replace("[", '"[', 1)
    with pytest.raises(CassetteError, match=r"^x:3: .*") as error:
        Lock.loads(f"# head\nroot: .\n{line}\n# end\n", "x")
    assert words in str(error.value)


def test_a_lock_that_was_cut_off_is_told() -> None:
    text = lock(pin("a"), pin("b")).dumps()
    with pytest.raises(CassetteError, match=r"^x was cut off"):
        Lock.loads(text[: text.index("# b")], "x")


def test_a_cassette_may_be_called_like_what_is_no_cassette() -> None:
    names = ["root: x", "# end", "#", '"a"', " a ", "a  b", "<<<<<<< ours", "ä", "a\nb"]
    assert Lock.loads(lock(*map(pin, names)).dumps(), "x") == lock(*map(pin, names))
