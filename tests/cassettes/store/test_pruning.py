"""Pruning: what no lock names and is old goes, and nothing that somebody is about to name."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from replayer.cassettes.store import branches, pruning
from replayer.cassettes.store.packing import key_of, packed
from replayer.cassettes.store.pruning import Pruned, prune
from replayer.cassettes.store.remote import Remote, StoredObject
from replayer.errors import UsageError
from tests.cassettes.store.workplace import Workplace, text

DAY = 86_400
AGE = 30 * DAY


@pytest.fixture
def ada(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "ada", f"file://{tmp_path}/store")


def later(days: int) -> float:
    return time.time() + days * DAY


def pruned(place: Workplace, *, days: int = 40, deletes: bool = True) -> Pruned:
    named = pruning.named(place.checkout, (), 30)
    return prune(place.remote, named, AGE, lambda: None, deletes=deletes, now=lambda: later(days))


def pushed_twice(place: Workplace) -> tuple[str, str]:
    """A cassette that was recorded anew: the digests of the old one and of the new one."""
    found = []
    for content in ("old", "new"):
        place.write("a.yaml", content)
        place.push()
        found.append(place.checkout.lock().pins["a.yaml"].digest)
    return found[0], found[1]


def test_only_what_is_old_and_not_named_goes_and_only_if_asked(ada: Workplace) -> None:
    old, new = pushed_twice(ada)
    assert pruned(ada, days=20) == Pruned((), 0, 2)
    assert pruned(ada, deletes=False).deleted == (old,)
    assert ada.remote.look(key_of(old)) is not None
    assert pruned(ada).deleted == (old,)
    assert ada.remote.look(key_of(old)) is None
    assert ada.remote.look(key_of(new)) is not None
    assert list(ada.remote.listed("prunes")) == []


def test_an_age_that_would_take_what_is_on_its_way_is_refused(ada: Workplace) -> None:
    with pytest.raises(UsageError, match="within two days"):
        prune(ada.remote, (), DAY, lambda: None, deletes=True)


def git(place: Path, *words: str) -> None:
    named = ["-c", "user.email=a@example.com", "-c", "user.name=A", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *named, *words], cwd=place, check=True, capture_output=True)


def test_what_another_branch_or_a_young_commit_names_stays(ada: Workplace) -> None:
    ada.home.mkdir()
    git(ada.home, "init")
    ada.write("a.yaml", "first")
    ada.push()
    assert (ada.home / ".gitattributes").read_text("utf-8") == "cassettes.lock merge=union\n"
    git(ada.home, "add", "cassettes.lock")
    git(ada.home, "commit", "-m", "first")
    git(ada.home, "branch", "other")
    ada.write("a.yaml", "second")
    ada.push()
    git(ada.home, "commit", "-am", "second")
    assert len(branches.digests(ada.checkout.lock_path, 30)) == 2
    git(ada.home, "branch", "-D", "other")
    assert len(branches.digests(ada.checkout.lock_path, 30)) == 2  # a commit of today has changed it
    assert pruned(ada).deleted == ()


def test_a_shallow_clone_does_not_know_and_says_so(ada: Workplace, tmp_path: Path) -> None:
    ada.home.mkdir()
    git(ada.home, "init")
    for content in ("1", "2"):
        ada.write("a.yaml", content)
        ada.push()
        git(ada.home, "add", "cassettes.lock")
        git(ada.home, "commit", "-m", content)
    git(tmp_path, "clone", "--depth=1", f"file://{ada.home}", "clone")
    clone = Workplace(tmp_path / "clone", ada.url)
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        pruned(clone)
    assert pruning.named(clone.checkout, [ada.home / "cassettes.lock"], 30) == clone.checkout.lock().contents


class Aged(Remote):
    """A store in which objects are as old as it is told, until they are put again, and that waits before it deletes."""

    ages: dict[str, float]
    before: Callable[[str], None]

    @classmethod
    def of(cls, remote: Remote, ages: dict[str, float], before: Callable[[str], None] = lambda _: None) -> "Aged":
        aged = cls(remote.name, remote._reading, remote._writing)  # noqa: SLF001
        aged.ages, aged.before = ages, before
        return aged

    def _aged(self, found: StoredObject) -> StoredObject:
        return replace(found, at=self.ages.get(found.key, found.at))

    def look(self, key: str) -> StoredObject | None:
        found = super().look(key)
        return self._aged(found) if found else None

    def listed(self, prefix: str) -> Iterator[StoredObject]:
        return map(self._aged, super().listed(prefix))

    def put(self, key: str, content: bytes) -> None:
        super().put(key, content)
        self.ages.pop(key, None)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.before(key)
            super().delete([key])


def test_what_is_pushed_while_it_is_pruned_is_there_afterwards(ada: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst moment: the pruner has looked, the object is old, and now it is pushed, before it is deleted."""
    monkeypatch.setattr(pruning, "POLL", 0.01)
    old, new = pushed_twice(ada)
    ages, waits, thread = {key_of(old): time.time() - 100 * DAY}, threading.Event(), list[threading.Thread]()
    pusher = Aged.of(ada.remote, ages)
    pruned_now = pruning._pruned_now  # noqa: SLF001

    def looked(remote: Remote, digests: set[str]) -> set[str]:
        found = pruned_now(remote, digests)
        waits.set()
        return found

    monkeypatch.setattr(pruning, "_pruned_now", looked)
    monkeypatch.setattr(Workplace, "remote", property(lambda _: pusher))

    def push(key: str) -> None:
        if key == key_of(old):
            ada.write("a.yaml", "old")
            thread.append(threading.Thread(target=ada.push))
            thread[0].start()
            assert waits.wait(10)

    pruner = Aged.of(ada.remote, ages, push)
    assert prune(pruner, {new}, AGE, lambda: None, deletes=True).deleted == (old,)
    thread[0].join()
    assert ada.checkout.lock().pins["a.yaml"].digest == old
    assert ada.remote.get(key_of(old)) == packed(text("old"))


def test_a_pruner_that_was_killed_is_waited_for_no_longer_than_it_said(ada: Workplace) -> None:
    old, _ = pushed_twice(ada)
    ada.remote.put("prunes/1.json", f'{{"after": ["{old}"]}}'.encode())
    ages = {"prunes/1.json": time.time() - pruning.LEASE - pruning.SLACK - 1}
    assert pruning._pruned_now(Aged.of(ada.remote, {}), {old}) == {old}  # noqa: SLF001
    assert pruning._pruned_now(Aged.of(ada.remote, ages), {old}) == set()  # noqa: SLF001
