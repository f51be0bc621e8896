"""Push and pull, over a folder and over a bucket: what is pushed is what is pulled, and nobody loses anything."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from replayer.cassettes import Journal
from replayer.cassettes.store import checkout
from replayer.cassettes.store.pushing import Looked
from replayer.cassettes.store.survey import Fate
from replayer.errors import CassetteError, UsageError
from tests.cassettes.store.bucket import Bucket
from tests.cassettes.store.workplace import RECORDED, Workplace, text

PUSHED, PULLED, UNCHANGED, KEPT = Fate.PUSHED, Fate.PULLED, Fate.UNCHANGED, Fate.KEPT


ANYWHERE = pytest.mark.parametrize("url", ["folder", "bucket"], indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if getattr(request, "param", "folder") == "folder":
        yield f"file://{tmp_path}/shared store"
        return
    with Bucket().open() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        yield "s3://bucket/some/prefix"


@pytest.fixture
def ada(tmp_path: Path, url: str) -> Workplace:
    return Workplace(tmp_path / "ada", url)


@pytest.fixture
def bob(tmp_path: Path, url: str) -> Workplace:
    (tmp_path / "bob").mkdir()
    return Workplace(tmp_path / "bob", url)


@ANYWHERE
def test_what_one_pushes_another_pulls_as_old_as_it_was(ada: Workplace, bob: Workplace) -> None:
    for name in ("a.yaml", "pay/card.yaml", "pay/ü b.yaml"):
        ada.write(name, name)
    assert ada.push() == dict.fromkeys(("a.yaml", "pay/card.yaml", "pay/ü b.yaml"), PUSHED)
    assert ada.push() == dict.fromkeys(("a.yaml", "pay/card.yaml", "pay/ü b.yaml"), UNCHANGED)
    bob.takes_lock_of(ada)
    assert set(bob.pull("pay").values()) == {PULLED}
    assert bob.states == {"a.yaml": "absent", "pay/card.yaml": "same", "pay/ü b.yaml": "same"}
    assert bob.pull()["a.yaml"] is PULLED
    assert bob.read("pay/ü b.yaml") == text("pay/ü b.yaml")
    assert (bob.home / "cassettes" / "a.yaml").stat().st_mtime == RECORDED


def test_what_was_fetched_once_needs_no_store(ada: Workplace, bob: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    bob.url = "file:///there/is/none"
    (bob.home / "cassettes" / "a.yaml").unlink()
    assert bob.pull() == {"a.yaml": PULLED}
    assert bob.pull() == {"a.yaml": UNCHANGED}


@ANYWHERE
def test_who_is_behind_brings_nothing_back_and_is_brought_forward(ada: Workplace, bob: Workplace) -> None:
    ada.write("a.yaml", "old")
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    ada.write("a.yaml", "new")
    assert ada.push() == {"a.yaml": PUSHED}
    bob.takes_lock_of(ada)
    assert bob.states == {"a.yaml": "behind"}
    assert bob.push() == {"a.yaml": KEPT}
    assert bob.checkout.lock() == ada.checkout.lock()
    assert bob.pull() == {"a.yaml": PULLED}
    assert bob.read("a.yaml") == text("new")


def test_what_was_recorded_and_not_pushed_is_never_written_over(ada: Workplace, bob: Workplace) -> None:
    ada.write("a.yaml", "old")
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    bob.write("a.yaml", "mine")
    assert bob.pull() == {"a.yaml": KEPT}
    ada.write("a.yaml", "theirs")
    ada.push()
    bob.takes_lock_of(ada)
    assert bob.states == {"a.yaml": "conflict"}
    assert bob.pull() == bob.push() == {"a.yaml": Fate.CONFLICT}
    assert bob.read("a.yaml") == text("mine")
    assert bob.checkout.lock() == ada.checkout.lock()
    assert bob.push(forced=True) == {"a.yaml": PUSHED}
    assert bob.states == {"a.yaml": "same"}


def test_forced_what_the_lock_says_is_written_over_what_was_recorded(ada: Workplace) -> None:
    ada.write("a.yaml", "old")
    ada.push()
    ada.write("a.yaml", "mine")
    assert ada.pull(forced=True) == {"a.yaml": PULLED}
    assert ada.read("a.yaml") == text("old")


def test_without_its_memory_a_file_that_came_from_the_store_is_still_known(ada: Workplace, bob: Workplace) -> None:
    ada.write("a.yaml", "old")
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    ada.write("a.yaml", "new")
    ada.push()
    bob.takes_lock_of(ada)
    (bob.home / "cassettes" / ".replayer" / "store.json").unlink()
    assert bob.states == {"a.yaml": "behind"}


def test_what_the_lock_names_no_more_goes_unless_it_was_changed(ada: Workplace, bob: Workplace) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        ada.write(name, name)
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    bob.write("b.yaml", "mine")
    for name in ("a.yaml", "b.yaml"):
        (ada.home / "cassettes" / name).unlink()
    assert ada.push()["a.yaml"] is UNCHANGED
    assert ada.push(drops=True)["a.yaml"] is Fate.REMOVED
    bob.takes_lock_of(ada)
    assert bob.states == {"a.yaml": "dropped", "b.yaml": "conflict", "c.yaml": "same"}
    assert bob.push()["a.yaml"] is KEPT
    assert bob.pull() == {"a.yaml": Fate.REMOVED, "b.yaml": Fate.CONFLICT, "c.yaml": UNCHANGED}
    assert bob.read("a.yaml") is None
    assert bob.read("b.yaml") == text("mine")


def test_a_copy_of_a_cassette_is_a_new_one(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    ada.write("copy.yaml", "1")
    assert ada.states["copy.yaml"] == "new"
    ada.pull()
    assert ada.read("copy.yaml") == text("1")
    assert ada.push()["copy.yaml"] is PUSHED


def test_what_is_refused_is_not_pushed_and_the_others_are(ada: Workplace) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        ada.write(name, name)

    def look(name: str) -> Looked:
        if name == "c.yaml":
            raise CassetteError("c.yaml: cannot be read.")
        return Looked("a key stands in it" if name == "b.yaml" else "", RECORDED)

    assert ada.push(look=look) == {"a.yaml": PUSHED, "b.yaml": Fate.REFUSED, "c.yaml": Fate.REFUSED}
    assert list(ada.checkout.lock().pins) == ["a.yaml"]
    assert "a key stands in it" in ada.why["b.yaml"]


def test_what_is_being_recorded_is_neither_sent_nor_written_over(ada: Workplace, bob: Workplace) -> None:
    ada.write("a.yaml", "old")
    ada.push()
    bob.takes_lock_of(ada)
    bob.pull()
    ada.write("a.yaml", "new")
    journal = Journal.open(ada.home / "cassettes" / "a.yaml")
    assert ada.push() == {"a.yaml": Fate.REFUSED}
    journal.close(keep=False)
    assert ada.push() == {"a.yaml": PUSHED}
    bob.takes_lock_of(ada)
    journal = Journal.open(bob.home / "cassettes" / "a.yaml")
    assert bob.pull() == {"a.yaml": KEPT}
    journal.close(keep=False)


@ANYWHERE
def test_two_publishers_of_one_checkout_lose_nothing_of_each_other(ada: Workplace) -> None:
    """The second one publishes while the first one still looks at what it sends."""
    ada.write("a.yaml", "1")
    other = Workplace(ada.home, ada.url)

    def look(_: str) -> Looked:
        other.write("b.yaml", "2")
        other.push("b.yaml")
        return Looked("", RECORDED)

    assert ada.push("a.yaml", look=look) == {"a.yaml": PUSHED}
    assert sorted(ada.checkout.lock().pins) == ["a.yaml", "b.yaml"]


def test_who_was_overtaken_does_not_swap_the_line_of_the_other(ada: Workplace, bob: Workplace) -> None:
    """Two checkouts of which the lock is one file, as when a folder is shared: the later one finds another line."""
    ada.write("a.yaml", "0")
    ada.push()
    ada.write("a.yaml", "1")

    def look(_: str) -> Looked:
        bob.takes_lock_of(ada)
        bob.pull()
        bob.write("a.yaml", "2")
        bob.push()
        ada.takes_lock_of(bob)
        return Looked("", RECORDED)

    assert ada.push(look=look) == {"a.yaml": Fate.CONFLICT}
    assert ada.checkout.lock() == bob.checkout.lock()


def test_a_name_that_stands_twice_is_told_until_a_line_is_deleted_or_forced(ada: Workplace, bob: Workplace) -> None:
    for place, content in ((ada, "1"), (bob, "2")):
        place.write("a.yaml", content)
        place.push()
    lines = [path.read_text("utf-8") for path in (ada.home / "cassettes.lock", bob.home / "cassettes.lock")]
    (ada.home / "cassettes.lock").write_text(lines[0].replace("# end", lines[1]), "utf-8")
    assert ada.states == {"a.yaml": "conflict"}
    assert ada.pull() == ada.push() == {"a.yaml": Fate.CONFLICT}
    assert "two branches" in ada.why["a.yaml"]
    assert ada.push(forced=True) == {"a.yaml": PUSHED}
    assert ada.states == {"a.yaml": "same"}


def test_a_lock_that_leads_out_of_the_root_is_refused(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    path = ada.home / "cassettes.lock"
    path.write_text(path.read_text("utf-8").replace("a.yaml", "../../x.yaml"), "utf-8")
    with pytest.raises(UsageError, match="leads upwards"):
        ada.pull()
    assert not (ada.home.parent / "x.yaml").exists()


def test_a_name_that_is_no_cassette_is_told(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    with pytest.raises(UsageError, match=r"There is no cassette b\.yaml"):
        ada.push("b.yaml")
    with pytest.raises(UsageError, match=r"There is no .*cassettes\.lock that names cassettes"):
        ada.pull()


def test_what_nobody_touched_is_not_read_again(ada: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    (ada.home / "cassettes" / "a.yaml").unlink()
    ada.pull()
    monkeypatch.setattr(checkout, "file_digest", lambda *_: pytest.fail("it was read"))
    assert ada.states == {"a.yaml": "same"}


def test_a_file_that_was_changed_within_one_tick_is_read_again(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    path = ada.home / "cassettes" / "a.yaml"
    facts = path.stat()
    path.write_bytes(text("2"))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert ada.states == {"a.yaml": "changed"}


def test_what_a_pull_left_that_was_killed_is_swept_away_by_a_later_one(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    old, young = (ada.home / "cassettes" / f".{digit * 16}.tmp" for digit in "ab")
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    ada.pull()
    assert (old.exists(), young.exists()) == (False, True)
