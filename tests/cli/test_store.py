"""`push`, `pull`, `status` and `prune` as a user meets them; and a root that is a store."""

import os
import shutil
from pathlib import Path

import pytest

from replayer import CassetteError, Replayer, UsageError
from replayer.cassettes.store import Checkout
from replayer.cli import run
from replayer.cli.auditing import Auditor
from replayer.settings import Settings
from tests.examples import CASSETTES

LIFE = (CASSETTES / "life.yaml").read_text("utf-8")


@pytest.fixture
def project(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two cassettes and a store."""
    monkeypatch.setenv("REPLAYER_STORE", f"file://{here}/store")
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "cache"))
    (here / "cassettes" / "pay").mkdir(parents=True)
    (here / "cassettes" / "pay" / "life.yaml").write_text(LIFE, "utf-8")
    (here / "cassettes" / "paging.yaml").write_text((CASSETTES / "paging.yaml").read_text("utf-8"), "utf-8")
    return here


def test_what_is_pushed_is_in_the_lock_with_its_time_and_version(project: Path) -> None:
    os.utime(project / "cassettes" / "pay" / "life.yaml", (0, 1_767_225_600))
    assert run(["push", "--root", "cassettes"]) == 0
    lines = (project / "cassettes.lock").read_text("utf-8").splitlines()
    life = next(line.split("  ") for line in lines if line.startswith("pay/life.yaml"))
    assert life[2:] == [str(len(LIFE.encode())), "2026-01-01T00:00:00Z", "2026-08-26.dahlia"]
    assert [line for line in lines if "  sha256:" in line] == sorted(line for line in lines if "  sha256:" in line)


def test_the_root_need_be_named_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["push", "--root", "cassettes"]) == 0
    (project / "cassettes" / "paging.yaml").unlink()
    assert run(["status"]) == 1
    assert "absent    paging.yaml" in capsys.readouterr().out
    assert run(["pull"]) == 0
    assert "2 cassettes, 1 pulled" in capsys.readouterr().out
    assert run(["status", "--remote"]) == 0
    for each in (project / "store").rglob("*.zst"):
        each.unlink()
    assert run(["status"]) == 0
    assert run(["status", "--remote"]) == 1
    assert "lacking   paging.yaml" in capsys.readouterr().out


def test_what_an_audit_would_refuse_stays_here_and_the_others_go(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaking = LIFE.replace("Grace+Hopper", f"sk_live_{'a1' * 12}", 1)
    (project / "cassettes" / "leaking.yaml").write_text(leaking, "utf-8")
    assert run(["push", "--root", "cassettes"]) == 1
    printed = capsys.readouterr()
    assert "replayer: leaking.yaml: refused: an audit found" in printed.err
    assert "sk_live_" not in printed.err
    assert "3 cassettes, 2 pushed, 1 left" in printed.out
    assert "leaking" not in (project / "cassettes.lock").read_text("utf-8")
    assert len(list((project / "store").rglob("*.zst"))) == 2


def test_many_are_audited_in_processes_side_by_side_and_found_the_same(project: Path) -> None:
    leaking = project / "cassettes" / "leaking.yaml"
    leaking.write_text(LIFE.replace("Grace+Hopper", f"sk_live_{'a1' * 12}", 1), "utf-8")
    checkout, settings, names = Checkout(project / "cassettes", project), Settings(), ["leaking.yaml", "pay/life.yaml"]
    with Auditor(checkout, settings) as here, Auditor(checkout, settings, few=0) as beside:
        assert [beside.look(name) for name in names] == [here.look(name) for name in names]
        for name in ("../x.yaml", "none.yaml"):
            with pytest.raises((CassetteError, UsageError)):
                beside.look(name)


def test_what_was_recorded_anew_is_kept_and_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["push", "--root", "cassettes"])
    path = project / "cassettes" / "pay" / "life.yaml"
    path.write_text(LIFE.replace("Grace", "Alice"), "utf-8")
    assert run(["pull"]) == 0
    assert "pay/life.yaml: kept: recorded anew here, and not pushed." in capsys.readouterr().out
    assert "Alice" in path.read_text("utf-8")
    assert run(["pull", "--force", "pay"]) == 0
    assert path.read_text("utf-8") == LIFE


def test_the_lock_of_another_root_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["push", "--root", "cassettes"])
    (project / "other").mkdir()
    assert run(["push", "--root", "other"]) == 2
    assert "is of the root 'cassettes', not 'other'. Give --root cassettes" in capsys.readouterr().err


def test_prune_only_tells_unless_it_is_to_delete(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["push", "--root", "cassettes"])
    old = project / "store" / "sha256" / "00" / f"{'0' * 64}.zst"
    old.parent.mkdir()
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert run(["prune"]) == 0
    assert "1 object (1 B) would be deleted, with --delete; 2 stay" in capsys.readouterr().out
    assert old.exists()
    assert run(["prune", "--delete"]) == 0
    assert not old.exists()
    assert run(["prune", "--older-than", "1h"]) == 2


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ("s4://bucket", "is no store. Use one like s3://bucket/prefix"),
        ("s3://key:secret@bucket", "has credentials or options in it"),
        ("az://container?sig=abc", "has credentials or options in it"),
        ("s3://", "names no bucket"),
        ("file://relative", "is no absolute folder"),
        ("file:///there/is/none", "There is no store file:///there/is/none: no such folder"),
    ],
)
def test_a_store_that_is_none_is_told(
    store: str, words: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["push", "--root", "cassettes"])
    capsys.readouterr()
    monkeypatch.setenv("REPLAYER_STORE", store)
    (project / "cassettes" / "paging.yaml").unlink()
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "empty"))
    assert run(["pull"]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "secret" not in told
    assert "abc" not in told


async def test_a_root_in_a_store_is_replayed_by_the_lock_and_once_fetched_without_it(project: Path) -> None:
    run(["push", "--root", "cassettes"])
    root = f"file://{project}/store"
    shutil.rmtree(project / "cassettes")
    shutil.rmtree(project / "cache")
    async with Replayer("pay/life.yaml", root=root, allow_unused=True) as replayer:
        assert replayer.url
    (project / "store").rename(project / "gone")
    async with Replayer("pay/life.yaml", root=root, allow_unused=True, record_mode="once"):
        pass
    with pytest.raises(UsageError, match="There is no store"):
        await Replayer("paging.yaml", root=root).__aenter__()


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("none.yaml", "none", r"names no cassette none\.yaml, and the root file:.* is a store"),
        ("paging.yaml", "all", "is a store, from which cassettes are only replayed"),
        ("../x.yaml", "none", "leads upwards"),
    ],
)
async def test_what_a_root_in_a_store_cannot_do_is_told(name: str, mode: str, words: str, project: Path) -> None:
    run(["push", "--root", "cassettes"])
    with pytest.raises(UsageError, match=words):
        await Replayer(name, root=f"file://{project}/store", record_mode=mode, upstream="sandbox").__aenter__()


async def test_a_root_in_a_store_needs_a_lock(project: Path) -> None:
    with pytest.raises(UsageError, match=r"is a store, and there is no cassettes\.lock in .* or above it"):
        await Replayer("pay/life.yaml", root=f"file://{project}/store").__aenter__()
