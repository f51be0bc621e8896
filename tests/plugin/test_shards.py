"""`--replayer-shard-dir`: a suite that shards recorded is, merged, the one that was recorded in one piece."""

import json
import os
import shutil
from pathlib import Path

import pytest

from replayer.cli import run
from replayer.pytest_plugin.shards import shard_name

from .project import CASSETTE, XDIST, Project

TESTS = """
    from replayer import Replayer

    @pytest.mark.parametrize("number", range(4))
    def test_one(replayer, number):
        customer = ask(replayer.url, "/v1/customers", f"name={number}".encode())
        ask(replayer.url, f"/v1/customers/{customer['id']}")

    def test_its_own(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")
        with Replayer("own/one.yaml", upstream="sandbox", record_mode="all") as own:
            ask(own.url, "/v1/customers", b"name=Joy")
"""
ANEW = ("--replayer-mode=all", "--replayer-upstream=sandbox", "--replayer-shard-dir=shards")


def files(folder: Path) -> dict[str, bytes]:
    """The cassettes below a folder, by their places in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def merged(project: Project, out: str) -> dict[str, bytes]:
    shards = sorted(map(str, (project.root / "shards").iterdir()))
    assert run(["merge", *shards, "--out", str(project.root / out)]) == 0
    shutil.rmtree(project.root / "shards")
    return files(project.root / out)


def test_one_shard_and_four_record_the_same_files(project: Project) -> None:
    project.write(TESTS)
    project.run(*ANEW).assert_outcomes(passed=5)
    assert [each.name for each in (project.root / "shards").iterdir()] == ["main"]
    whole = merged(project, "one")
    assert sorted(whole) == [
        *(f"cassettes/test_shop/{test}.yaml" for test in ("test_its_own", *(f"test_one[{n}]" for n in range(4)))),
        "own/one.yaml",
    ]
    assert not (project.root / "cassettes").exists()
    for shard, words in (("0", "0 or 2"), ("1", "1"), ("2", "3"), ("3", "its_own")):
        assert project.run(*ANEW, f"--replayer-shard={shard}", "-k", words).ret == 0
    assert merged(project, "four") == whole


def test_what_is_there_is_the_old_recording_and_what_was_merged_replays(project: Project) -> None:
    project.write(TESTS.partition("def test_its_own")[0])
    project.run(*ANEW, "--replayer-receipt=r.json").assert_outcomes(passed=4)
    assert '"cassettes/test_shop/test_one[0].yaml"' in (project.root / "r.json").read_text("utf-8")
    merged(project, ".")
    before = files(project.root / "cassettes")
    project.run("--replayer-shard-dir=shards").assert_outcomes(passed=4)
    assert not (project.root / "shards").exists()
    project.run(*ANEW).assert_outcomes(passed=4)
    merged(project, ".")
    assert files(project.root / "cassettes") == before


def test_one_that_is_too_old_is_recorded_anew_into_the_shard(project: Project) -> None:
    path = project.recorded()
    os.utime(path, (0, 0))
    project.write("""
        @pytest.mark.replayer(max_age="1d", on_expiry="record", upstream="sandbox")
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    project.run("--replayer-shard-dir=shards", "-W", "default").assert_outcomes(passed=1)
    assert (project.root / "shards" / "main" / CASSETTE).read_bytes() == path.read_bytes()
    assert path.stat().st_mtime == 0


@pytest.mark.long
def test_each_worker_of_xdist_is_a_shard_and_all_have_one_receipt_which_the_environment_may_name(
    project: Project,
) -> None:
    project.write(TESTS)
    project.pytester._monkeypatch.setenv("REPLAYER_RECEIPT", "r.json")  # noqa: SLF001 - pytester's own way to set one
    project.run(*ANEW, "--replayer-shard=7", *XDIST, apart=True).assert_outcomes(passed=5)
    assert {each.name for each in (project.root / "shards").iterdir()} <= {"7-gw0", "7-gw1"}
    told = json.loads((project.root / "r.json").read_text("utf-8"))["sessions"]
    assert {each["cassette"] for each in told} == merged(project, "out").keys()


@pytest.mark.parametrize(
    ("given", "worker", "environment", "name"),
    [
        ("", "", {}, "main"),
        ("", "gw1", {}, "gw1"),
        ("", "", {"JOB_COMPLETION_INDEX": "0"}, "0"),
        ("", "gw1", {"CI_NODE_INDEX": "3"}, "3-gw1"),
        ("a", "", {"CI_NODE_INDEX": "3"}, "a"),
    ],
)
def test_a_shard_is_called_by_its_job_and_its_worker(
    given: str, worker: str, environment: dict[str, str], name: str
) -> None:
    assert shard_name(given, worker, environment) == name


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--replayer-shard-dir=shards", "--replayer-shard=../x"], "*'../x' can be no folder's name.*"),
        (["--replayer-shard=1"], "*Add --replayer-shard-dir DIR."),
    ],
)
def test_a_wrong_name_is_refused_before_the_first_test(words: list[str], wrong: str, project: Project) -> None:
    project.write("def test_nothing(): pass")
    result = project.run(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([wrong])
