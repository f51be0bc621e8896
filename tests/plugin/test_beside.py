"""Beside the plugins that people use: tests that are run again, repeated, shuffled; and pytest-recording itself."""

import os

import pytest

from tests import pypi

from .project import CASSETTE, HOME, ONE, XDIST, Project

pytestmark = pytest.mark.installs

RERUNS, REPEAT = "pytest-rerunfailures==16.7", "pytest-repeat==0.9.4"
RANDOMLY, RECORDING = "pytest-randomly==5.1.0", "pytest-recording==0.14.1"
MODULES = {RERUNS: "pytest_rerunfailures", REPEAT: "pytest_repeat", RANDOMLY: "pytest_randomly"}
MODULES[RECORDING] = "pytest_recording.plugin"


def beside(monkeypatch: pytest.MonkeyPatch, package: str) -> tuple[str, str]:
    """The options with which pytest runs beside that plugin."""
    if trouble := pypi.lacking(package):
        pytest.skip(trouble)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(HOME), str(pypi.folder(package)))))
    return "-p", MODULES[package]


def test_a_test_that_is_run_again_finds_its_cassette_unplayed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = beside(monkeypatch, RERUNS)
    project.recorded()
    project.write("""
        from pathlib import Path

        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            ran = Path("ran")
            if not ran.exists():
                ran.touch()
                ask_quietly(replayer.url, "/v1/nothing")
    """)
    result = project.run(*options, "--reruns=2", "-rR", apart=True)
    assert result.parseoutcomes() == {"passed": 1, "rerun": 1}
    result.stdout.fnmatch_lines(["replayer: 0 recorded, 2 played, 1 missed"])


@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_all_repetitions_of_a_test_have_one_cassette(
    project: Project, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    options = beside(monkeypatch, REPEAT)
    project.write(f"""{ONE}
    @pytest.mark.parametrize("name", ["ada", "eve"])
    def test_two(replayer, name):
        ask(replayer.url, "/v1/customers", f"name={{name}}".encode())
    """)
    project.record().assert_outcomes(passed=3)
    cassettes = project.cassettes()
    assert cassettes == [CASSETTE, *(f"cassettes/test_shop/test_two[{name}].yaml" for name in ("ada", "eve"))]
    project.run(*options, "--count=3", *workers, apart=True).assert_outcomes(passed=9)
    project.record(*options, "--count=3", apart=True).assert_outcomes(passed=9)
    assert project.cassettes() == cassettes


def test_in_any_order_the_same_files_are_recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    options = beside(monkeypatch, RANDOMLY)
    project.write("""
        import random, uuid

        @pytest.mark.parametrize("number", range(8))
        def test_one(replayer, number):
            key = uuid.UUID(int=random.getrandbits(128), version=4)
            made = ask(replayer.url, "/v1/customers", f"name={number}&metadata[key]={key}".encode())
            assert made["metadata"]["key"] == str(key)
    """)
    texts = []
    for seed, workers in (("1", ()), ("2", XDIST)):
        again = ("--replayer-mode=all", "--replayer-upstream=sandbox", "-p", "randomly")
        recorded = project.run(*options, *again[:2], f"--randomly-seed={seed}", *workers, apart=True)
        recorded.assert_outcomes(passed=8)
        texts.append({name: (project.root / name).read_text() for name in project.cassettes()})
    assert len(texts[0]) == 8
    assert texts[0] == texts[1]
    project.run(*options, "--randomly-seed=3", *XDIST, apart=True).assert_outcomes(passed=8)


def test_pytest_recording_may_stay_for_the_tests_that_it_has(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    options = beside(monkeypatch, RECORDING)
    project.recorded()
    project.write(f"""{ONE}
    @pytest.mark.vcr
    def test_marked(replayer):
        pass

    @pytest.mark.vcr
    def test_of_theirs():
        pass
    """)
    result = project.run(*options, "-W", "ignore", apart=True)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*test_marked has the marker 'vcr', which would catch the test's own call to *"])
    blocked = project.run(*options, "--block-network", "-W", "ignore", "-k", "test_one", apart=True)
    blocked.assert_outcomes(errors=1)
    blocked.stdout.fnmatch_lines(["*blocks the proxy on 127.0.0.1, too. Add --allowed-hosts=127.0.0.1, or take *"])
    allowed = ("--block-network", "--allowed-hosts=127.0.0.1,localhost")
    project.run(*options, *allowed, "-W", "ignore", "-k", "test_one", apart=True).assert_outcomes(passed=1)
    rewritten = project.run(
        *options, "--record-mode=rewrite", "--replayer-upstream=sandbox", "-k", "test_one", apart=True
    )
    rewritten.stdout.fnmatch_lines(["replayer: 1 recorded, 0 played, 0 missed"])


def test_sessions_that_tests_share_need_no_configuration_of_pytest_recordings(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = beside(monkeypatch, RECORDING)
    project.write("""
    def test_one(replayer_module):
        ask(replayer_module.url, "/v1/customers", b"name=Ada")
    """)
    project.run(*options, "--replayer-mode=all", "--replayer-upstream=sandbox", apart=True).assert_outcomes(passed=1)
    project.run(*options, apart=True).assert_outcomes(passed=1)
