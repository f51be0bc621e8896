"""What a killed recording left is named wherever its cassette is missed, with both ways on; and git passes over it."""

import os
import subprocess
from pathlib import Path

import pytest

from replayer import Replayer, cassettes
from replayer.cassettes import Journal, folder
from replayer.core.cassette import Facts, Interaction
from replayer.core.message import Request, Response
from replayer.errors import CassetteError, ReplayerError

FACTS = Facts("https://api.stripe.com", "invoice", 1_795_305_600)


def left(cassette: Path, count: int, *, saved: bool = False) -> Path:
    """The journal of a recording that was killed, or of one that was closed and not saved."""
    journal = Journal.open(cassette, FACTS)
    for n in range(count):
        asked = Request("GET", f"/v1/invoices/{n}", (), b"", "https://api.stripe.com")
        journal.append(cassettes.entry(Interaction(asked, Response(200, "OK", (), b"{}"))))
    if saved:
        journal.close(keep=True)
    else:
        os.close(journal._descriptor)  # noqa: SLF001 - as a kill does
    return journal.path


def error(path: Path) -> str:
    with pytest.raises(CassetteError) as caught:
        folder.existing(path)
    return str(caught.value)


@pytest.mark.parametrize(("count", "many"), [(1, "1 interaction"), (3, "3 interactions")])
def test_a_killed_recording_is_named_with_what_is_in_it_and_both_ways_on(tmp_path: Path, count: int, many: str) -> None:
    path = tmp_path / "a.yaml"
    journal = left(path, count)
    assert error(path) == (
        f"There is no cassette {path}, but {journal} is there: a recording that was killed, with {many}. "
        f"To fix: use {journal} as the cassette; or record it again, which sets them aside as a.interrupted-1.yaml."
    )
    assert len(folder.existing(journal).interactions) == count  # the first way
    Journal.open(path, FACTS).close(keep=False)  # the second
    assert len(folder.existing(tmp_path / "a.interrupted-1.yaml").interactions) == count


def test_a_recording_that_was_not_saved_is_replaced_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    left(path, 2, saved=True)
    assert "a recording that was not saved, with 2 interactions" in error(path)
    assert "or record it again, which replaces a.yaml.journal." in error(path)


def test_a_recording_that_is_still_running_is_named_as_such(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "a.yaml", FACTS)
    assert "a recording that is still running" in error(tmp_path / "a.yaml")
    journal.close(keep=False)
    assert error(tmp_path / "a.yaml") == f"There is no cassette {tmp_path}/a.yaml. Give the path of one."


def test_a_replay_names_it_with_the_command_that_records(tmp_path: Path) -> None:
    journal = left(tmp_path / "a.yaml", 2)
    with pytest.raises(ReplayerError) as caught, Replayer("a.yaml", root=tmp_path, upstream="https://api.stripe.com"):
        pass
    assert f"use {journal} as the cassette; or record it with Replayer('a.yaml', " in str(caught.value)
    with Replayer("a.yaml.journal", root=tmp_path) as replayer:
        assert replayer.receipt.unused == 2


def test_a_folder_with_a_journal_alone_names_it(tmp_path: Path) -> None:
    journal = left(tmp_path / "a.yaml", 2)
    with pytest.raises(CassetteError, match=f"a recording that was not saved, {journal}: give its path"):
        folder.named(tmp_path)


# -- version control --------------------------------------------------------------------------------------------------


def untracked(checkout: Path) -> list[str]:
    status = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=checkout, capture_output=True, text=True, check=True
    )
    return [line[3:] for line in status.stdout.splitlines()]


def test_git_passes_over_a_journal_that_was_left(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    left(tmp_path / "cassettes" / "a.yaml", 2)
    assert untracked(tmp_path) == []


def test_what_says_so_goes_with_the_last_journal(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    one, two = (Journal.open(tmp_path / name, FACTS) for name in ("a.yaml", "b.yaml"))
    one.close(keep=False)
    assert (tmp_path / ".gitignore").exists()
    two.close(keep=False)
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


@pytest.mark.parametrize("place", [".", "cassettes"])
def test_a_gitignore_of_the_user_is_never_touched(tmp_path: Path, place: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "cassettes").mkdir()
    (tmp_path / place / ".gitignore").write_text("# mine\n*.journal\n", "utf-8")
    journal = Journal.open(tmp_path / "cassettes" / "a.yaml", FACTS)
    assert [path.parent for path in tmp_path.rglob(".gitignore")] == [tmp_path / place]
    journal.close(keep=False)
    assert (tmp_path / place / ".gitignore").read_text("utf-8") == "# mine\n*.journal\n"


def test_where_there_is_no_checkout_nothing_is_written(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "a.yaml", FACTS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml.journal"]
    journal.close(keep=False)
