"""What goes wrong with a store: each fault has its words, nothing is half-written, and running it again ends well."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore import exceptions

from replayer.cassettes.store import open_store, remote
from replayer.cassettes.store.packing import key_of, packed
from replayer.cassettes.store.remote import Patience
from replayer.cassettes.store.survey import Fate
from replayer.errors import UsageError
from tests.cassettes.store.bucket import Bucket, Wrong
from tests.cassettes.store.workplace import SHORT, Workplace, text

HASTY = Patience(silence=0.5, whole=0.5, tries=0)


@pytest.fixture(scope="module")
def served() -> Iterator[Bucket]:
    with Bucket().open() as bucket:
        yield bucket


@pytest.fixture
def bucket(served: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    served.objects.clear()
    served.asked.clear()
    served.wrong = lambda _method, _key: None
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served


@pytest.fixture
def ada(tmp_path: Path, bucket: Bucket) -> Workplace:
    assert bucket
    return Workplace(tmp_path / "ada", "s3://bucket/prefix")


def emptied(place: Workplace, name: str = "a.yaml") -> None:
    """A cassette that is to be fetched again, and not from the cache."""
    (place.home / "cassettes" / name).unlink()
    for each in (place.home / "cache").rglob("*.zst"):
        each.unlink()


FAULTS = {
    "403": (Wrong(status=403), "refuses it (403): look whether the provider's own credentials"),
    "401": (Wrong(status=401), "refuses it (401)"),
    "404": (Wrong(status=404), "does not have its object"),
    "500": (Wrong(status=500), "answered 500, however often it was asked"),
    "503": (Wrong(status=503), "answered 503"),
    "silence": (Wrong(late=1.5), "took too long to answer"),
    "cut": (Wrong(cut=20), "broke off its answer"),
    "truncated": (Wrong(other=packed(text("1"))[:-3]), "has its object damaged: its content is another"),
    "nothing": (Wrong(other=b""), "has its object damaged"),
    "rubbish": (Wrong(other=b"<html>Please log in</html>"), "has its object damaged"),
    "another": (Wrong(other=packed(text("2"))), "has its object damaged"),
    "a bomb": (Wrong(other=packed(b"\0" * 10_000_000)), "has its object damaged"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_with_a_pull_is_told_and_leaves_nothing(fault: str, ada: Workplace, bucket: Bucket) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    emptied(ada)
    wrong, words = FAULTS[fault]
    bucket.wrong = lambda method, _: wrong if method == "GET" else None
    ada.patience = HASTY if wrong.late else SHORT
    assert ada.pull() == {"a.yaml": Fate.FAILED}
    assert words in ada.why["a.yaml"]
    assert "made-up" not in ada.why["a.yaml"]
    assert [path for path in (ada.home / "cassettes").iterdir() if path.name != ".replayer"] == []
    assert list((ada.home / "cache").rglob("*.zst")) == []
    bucket.wrong = lambda _method, _key: None
    ada.patience = SHORT
    assert ada.pull() == {"a.yaml": Fate.PULLED}
    assert ada.read("a.yaml") == text("1")


@pytest.mark.parametrize("fault", ["403", "500", "silence"])
def test_what_goes_wrong_with_a_push_is_told_and_the_lock_says_nothing_of_it(
    fault: str, ada: Workplace, bucket: Bucket
) -> None:
    for name in ("a.yaml", "b.yaml"):
        ada.write(name, name)
    wrong, words = FAULTS[fault]
    first = key_of(ada.checkout.digests(["a.yaml"])["a.yaml"][0])
    bucket.wrong = lambda method, key: wrong if method == "PUT" and key.endswith(first) else None
    ada.patience = HASTY if wrong.late else SHORT
    assert ada.push() == {"a.yaml": Fate.FAILED, "b.yaml": Fate.PUSHED}
    assert words in ada.why["a.yaml"]
    assert list(ada.checkout.lock().pins) == ["b.yaml"]
    bucket.wrong = lambda _method, _key: None
    ada.patience = SHORT
    assert ada.push() == {"a.yaml": Fate.PUSHED, "b.yaml": Fate.UNCHANGED}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Error performing PUT http://169.254.169.254/latest/api/token: 403 Forbidden", "has no credentials here"),
        ("Generic GCS error: TokenRequest { status: 400 }", "has no credentials here"),
        ("Generic MicrosoftAzure error: Account must be specified", "has to be told more in the environment"),
        ("<Error><Code>NoSuchBucket</Code></Error>", "no such bucket"),
        ("https://x.blob.core.windows.net/c?sig=abc what nobody foresaw", "did not do it (GenericError)"),
    ],
)
def test_what_a_provider_says_becomes_a_sentence_without_an_address(said: str, words: str) -> None:
    reason, _ = remote._reason(exceptions.GenericError(said))  # noqa: SLF001
    assert words in reason
    assert "http" not in reason


def test_a_bucket_that_is_not_there_is_called_so(ada: Workplace, bucket: Bucket) -> None:
    ada.write("a.yaml", "1")
    bucket.wrong = lambda _method, _key: Wrong(status=404)
    assert ada.push() == {"a.yaml": Fate.FAILED}


def test_nobody_there_is_called_so(ada: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    ada.write("a.yaml", "1")
    assert ada.push() == {"a.yaml": Fate.FAILED}
    assert "cannot be reached" in ada.why["a.yaml"]


def test_a_store_that_refuses_all_is_not_asked_for_all(ada: Workplace, bucket: Bucket) -> None:
    for number in range(100):
        ada.write(f"{number}.yaml", str(number))
    bucket.wrong = lambda _method, _key: Wrong(status=403)
    assert set(ada.push().values()) == {Fate.FAILED}
    assert bucket.count("PUT") < 60


def test_a_fault_that_passes_is_not_even_told(ada: Workplace, bucket: Bucket) -> None:
    failed = set[str]()

    def once(method: str, key: str) -> Wrong | None:
        if f"{method} {key}" in failed:
            return None
        failed.add(f"{method} {key}")
        return Wrong(status=503)

    bucket.wrong = once
    ada.patience = Patience(tries=3)
    ada.write("a.yaml", "1")
    assert ada.push() == {"a.yaml": Fate.PUSHED}
    emptied(ada)
    assert ada.pull() == {"a.yaml": Fate.PULLED}


def test_a_damaged_object_is_mended_by_who_has_the_whole_one(ada: Workplace, bucket: Bucket) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    key = next(iter(bucket.objects))
    bucket.objects[key] = (b"half", 0.0)
    assert ada.push(forced=True) == {"a.yaml": Fate.PUSHED}
    emptied(ada)
    assert ada.pull() == {"a.yaml": Fate.PULLED}


def test_a_damaged_cache_is_not_believed(ada: Workplace) -> None:
    ada.write("a.yaml", "1")
    ada.push()
    (ada.home / "cassettes" / "a.yaml").unlink()
    for each in (ada.home / "cache").rglob("*.zst"):
        each.write_bytes(packed(text("2")))
    assert ada.pull() == {"a.yaml": Fate.PULLED}
    assert ada.read("a.yaml") == text("1")


PROGRAMS = 200 if os.environ.get("HYPOTHESIS_PROFILE") in ("ci", "thorough") else 4
KINDS = st.sampled_from(
    [None, None, Wrong(status=500), Wrong(status=403), Wrong(silent=True), Wrong(cut=9), Wrong(other=b"?")]
)


@settings(max_examples=PROGRAMS, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), kinds=st.lists(KINDS, min_size=1, max_size=6))
def test_whatever_goes_wrong_the_lock_names_only_what_is_there_and_files_are_whole(
    tmp_path_factory: pytest.TempPathFactory, bucket: Bucket, seed: int, kinds: list[Wrong | None]
) -> None:
    bucket.objects.clear()
    chance = random.Random(seed)
    home = tmp_path_factory.mktemp("faults")
    ada, bob = Workplace(home / "ada", "s3://bucket/p"), Workplace(home / "bob", "s3://bucket/p")
    names = [f"{number}.yaml" for number in range(6)]
    for name in names:
        ada.write(name, name)
    bucket.wrong = lambda _method, _key: chance.choice(kinds)
    ada.push()
    for pin in ada.checkout.lock().pins.values():
        content, _ = bucket.objects[f"p/{key_of(pin.digest)}"]
        assert content == packed(text(pin.name))
    bucket.wrong = lambda _method, _key: None
    ada.push()
    bob.home.mkdir()
    bob.takes_lock_of(ada)
    bucket.wrong = lambda _method, _key: chance.choice(kinds)
    for name, fate in bob.pull().items():
        assert bob.read(name) == (text(name) if fate is Fate.PULLED else None)
    bucket.wrong = lambda _method, _key: None
    bob.pull()
    assert {name: bob.read(name) for name in names} == {name: text(name) for name in names}


def test_a_store_without_what_it_needs_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "replayer.cassettes.store.remote", raising=False)
    with pytest.raises(UsageError, match=r"the package obstore.*pip install 'replayer-proxy\[store\]'"):
        open_store("s3://bucket")
