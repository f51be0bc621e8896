"""`replayer merge` as a user meets it: a suite that shards recorded is the one that was recorded in one piece."""

import shutil
from functools import cache
from pathlib import Path
from random import Random

import pytest

from replayer.cassettes import Journal, dumps, entry, head, loads
from replayer.cli import run
from replayer.core.cassette import Cassette
from tests.examples import CASSETTES
from tests.specs.shards import times
from tests.specs.shop import Shop

TESTS = 300
PAID = (CASSETTES / "life.yaml").read_text("utf-8")


def _recorded(number: int, seed: int) -> Cassette:
    """One test of the suite, recorded from an account that mints ids of that chance."""
    shop = Shop(seed)
    customer = shop.made("/v1/customers", {"name": f"Customer of test {number}"})
    shop.ask("GET", f"/v1/customers/{customer}")
    return shop.cassette


def _suite(home: Path, parts: list[list[int]], seed: int) -> dict[str, bytes]:
    """The suite recorded in these parts, merged: its files."""
    for shard, tests in enumerate(parts):
        for number in tests:
            path = home / f"shard-{shard}" / f"test_{number % 7}" / f"{number}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text(number, (seed + shard) % 3), "utf-8")
    assert run(["merge", *map(str, sorted(home.glob("shard-*"))), "--out", str(home / "out")]) == 0
    return {str(path.relative_to(home / "out")): path.read_bytes() for path in sorted((home / "out").rglob("*.yaml"))}


@cache
def _text(number: int, seed: int) -> str:
    return dumps(_recorded(number, seed))


def _parts(chance: Random, shards: int) -> list[list[int]]:
    parts: list[list[int]] = [[] for _ in range(shards)]
    for number in chance.sample(range(TESTS), TESTS):
        chance.choice(parts).append(number)
    return [part for part in parts if part]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The suite recorded in one piece."""
    return _suite(tmp_path_factory.mktemp("whole"), [list(range(TESTS))], seed=0)


@pytest.mark.long
def test_a_suite_is_the_same_files_recorded_by_1_4_and_60_shards(tmp_path: Path, whole: dict[str, bytes]) -> None:
    chance = Random(1)
    assert len(whole) == TESTS
    for seed, shards in enumerate((4, 60), 1):
        assert _suite(tmp_path / str(shards), _parts(chance, shards), seed) == whole


@pytest.mark.laws
@pytest.mark.parametrize("number", range(times(20, 1)))
def test_a_suite_is_the_same_files_in_whatever_parts_it_was_recorded(
    number: int, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    chance = Random(f"partition {number}")
    assert _suite(tmp_path / "parts", _parts(chance, chance.randint(2, 80)), number + 1) == whole


def _shared(home: Path) -> list[str]:
    """Two folders with a cassette that two shards wrote."""
    for shard, name in (("a", "Bob"), ("b", "Grace")):
        shop = Shop(len(name))
        shop.made("/v1/customers", {"name": "Ada"})
        own = shop.made("/v1/customers", {"name": name})
        shop.ask("GET", f"/v1/customers/{own}")
        (home / shard).mkdir(parents=True)
        (home / shard / "all.yaml").write_text(dumps(shop.cassette), "utf-8")
    return [str(home / shard) for shard in "ab"]


def test_a_cassette_that_two_shards_wrote_is_united(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = _shared(here)
    assert run(["merge", one, other, "--out", "x"]) == 0
    assert "all.yaml: united of 2 shards" in capsys.readouterr().out
    assert run(["merge", other, one, "--out", "y"]) == 0
    united = (here / "x" / "all.yaml").read_text("utf-8")
    assert united == (here / "y" / "all.yaml").read_text("utf-8")
    assert [united.count(f"name={name}") for name in ("Ada", "Bob", "Grace")] == [1, 1, 1]
    assert run(["audit", "x"]) == 0


def test_what_is_there_from_before_counts_only_where_no_shard_recorded(here: Path) -> None:
    for place, text in (("out", PAID), ("a", PAID), ("b", PAID.replace("Sandbox", "Sandpit"))):
        (here / place).mkdir()
        (here / place / "life.yaml").write_text(text, "utf-8")
    assert run(["merge", "a", "b", "--out", "out"]) == 0
    assert "Sandpit" in (here / "out" / "life.yaml").read_text("utf-8")


def test_what_contradicts_is_named_and_nothing_is_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, text in (("a", PAID), ("b", PAID.replace('"account_name": "Sandbox"', '"account_name": "Sandpit"'))):
        (here / place).mkdir()
        (here / place / "life.yaml").write_text(text, "utf-8")
    shutil.copy(CASSETTES / "paging.yaml", here / "a")
    assert run(["merge", "a", "b", "--out", "out"]) == 1
    told = capsys.readouterr().err
    assert "Sandbox" in told
    assert "Sandpit" in told
    assert "Nothing was written: 1 cassette cannot be united." in told
    assert not (here / "out").exists()


def test_another_epoch_is_no_way_to_unite(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, text in (("a", PAID), ("b", PAID.replace("epoch: '2026", "epoch: '2025"))):
        (here / place).mkdir()
        (here / place / "life.yaml").write_text(text, "utf-8")
    assert run(["merge", "a", "b", "--out", "out"]) == 1
    assert "recorded with another epoch. Record all shards with one --epoch" in capsys.readouterr().err


def test_the_journal_of_a_shard_that_was_killed_counts(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = _recorded(1, seed=1)
    (here / "a").mkdir()
    assert whole.facts is not None
    journal = Journal.open(here / "a" / "one.yaml", whole.facts)
    journal.append(entry(whole.interactions[0]))
    assert run(["merge", "a", "--out", "out"]) == 2
    assert "somebody still records" in capsys.readouterr().err
    journal.close(keep=True)
    assert run(["merge", "a", "--out", "out"]) == 0
    assert "had not been saved" in capsys.readouterr().out
    written = (here / "out" / "one.yaml").read_text("utf-8")
    assert written == head(whole.facts) + entry(whole.interactions[0]) + "...\n"


def test_what_a_killed_shard_completed_is_united_with_what_another_one_saved(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shards = _shared(here)
    saved = (here / "b" / "all.yaml").read_bytes()
    killed = loads(saved, "all.yaml")
    (here / "b" / "all.yaml").unlink()
    assert killed.facts is not None
    torn = head(killed.facts) + "# complete\n" + "".join(f"{entry(one)}# complete\n" for one in killed.interactions[:2])
    (here / "b" / "all.yaml.journal").write_text(
        torn + entry(killed.interactions[2])[:40], "utf-8"
    )  # as kill -9 leaves it
    assert run(["merge", *shards, "--out", "x"]) == 0
    told = capsys.readouterr().out
    assert "all.yaml: united of 2 shards" in told
    assert "all.yaml: 1 recording of it had not been saved" in told
    assert run(["merge", *reversed(shards), "--out", "y"]) == 0
    united = (here / "x" / "all.yaml").read_text("utf-8")
    assert united == (here / "y" / "all.yaml").read_text("utf-8")
    assert [united.count(f"name={name}") for name in ("Ada", "Bob", "Grace")] == [1, 1, 1]
    assert united.count("method: GET") == 1  # the one that was torn is not there
    assert not (here / "x" / "all.yaml.journal").exists()
    assert run(["audit", "x"]) == 0


def test_without_writing_it_says_what_would_change(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["merge", *_shared(here), "--out", "out", "--dry-run"]) == 0
    assert "out: 1 cassette, 1 would change" in capsys.readouterr().out
    assert not (here / "out").exists()


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_folders_without_cassettes_are_refused(folder: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here.exists()
    assert run(["merge", folder, "--out", "out"]) == 2
    assert "Give" in capsys.readouterr().err
