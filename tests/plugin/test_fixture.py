"""The fixture, in pytest runs of its own: what is recorded is replayed, and what else it can do for a test."""

import subprocess
import sys

import pytest

from .project import ASYNC, CASSETTE, HOME, ONE, Project


def test_the_plugin_loads_nothing_heavy() -> None:
    heavy = "{'aiohttp', 'vcr', 'yaml', 'asyncio', 'click', 'rich'} & set(sys.modules)"
    code = f"import sys, pytest; before = set(sys.modules); import replayer.pytest_plugin; print({heavy} - before)"
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True)
    assert printed.stdout == "set()\n"


@pytest.mark.long
def test_what_was_recorded_is_replayed_to_sync_and_async_tests(project: Project) -> None:
    project.write("""
        import asyncio

        def test_sync(replayer):
            made = ask(replayer.url, "/v1/customers", b"name=Ada")
            assert ask(replayer.url, "/v1/customers/" + made["id"])["name"] == "Ada"

        @pytest.mark.asyncio
        async def test_async(replayer):
            made = await asyncio.to_thread(ask, replayer.url, "/v1/customers", b"name=Ada")
            assert made["object"] == "customer"
            assert replayer.misses == []
            assert replayer.cassette.name == "test_async.yaml"
            print("played", replayer.play_count)
    """)
    recorded = project.record("-s", *ASYNC, apart=True)
    recorded.assert_outcomes(passed=2)
    recorded.stdout.fnmatch_lines(["*played 0*", "replayer: 3 recorded, 0 played, 0 missed"])
    assert project.cassettes() == ["cassettes/test_shop/test_async.yaml", "cassettes/test_shop/test_sync.yaml"]
    replayed = project.run("-s", *ASYNC, apart=True)
    replayed.assert_outcomes(passed=2)
    replayed.stdout.fnmatch_lines(["*played 1*", "replayer: 0 recorded, 3 played, 0 missed"])


def test_without_a_cassette_the_error_says_how_to_record_one(project: Project) -> None:
    project.write("""
        @pytest.mark.parametrize("name", ["Ada B"])
        def test_one(replayer, name):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "replayer: There is no cassette */cassettes/test_shop/test_one?Ada B?.yaml. To fix: record it: "
            "pytest 'test_shop.py::test_one?Ada B?' --replayer-mode=once --replayer-upstream=sandbox"
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_marker_lets_a_test_go_on_where_its_recording_ends(project: Project) -> None:
    project.recorded()
    project.write("""
        @pytest.mark.replayer(on_miss="sandbox")
        def test_one(replayer):
            made = ask(replayer.url, "/v1/customers", b"name=Somebody+new")
            assert ask(replayer.url, "/v1/customers/" + made["id"])["name"] == "Somebody new"
    """)
    project.run().assert_outcomes(passed=1)


def test_the_real_key_stays_out_of_the_tests(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.pytester.makepyprojecttoml('[tool.replayer]\nupstream_auth = "env:REAL_KEY"')
    project.write(ONE)
    project.record().stdout.fnmatch_lines(["*There is no key for the upstream: REAL_KEY is not set*"])
    monkeypatch.setenv("REAL_KEY", "sk_test_OnlyTheUpstreamHasIt01")
    project.record().assert_outcomes(passed=1)
    assert "OnlyTheUpstreamHasIt" not in (project.root / CASSETTE).read_text()
    monkeypatch.delenv("REAL_KEY")
    project.run().assert_outcomes(passed=1)


def test_the_marker_and_the_fixture_explain_themselves(project: Project) -> None:
    result = project.run("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.replayer(cassette=..., upstream=..., record_mode=..., ...): *"])
    project.run("--fixtures").stdout.fnmatch_lines(["replayer*", "*A running proxy with this test's own cassette*"])


FROZEN = """
    import time

    BEGAN = time.time()

    @pytest.mark.replayer(upstream="sandbox", record_mode="once", freeze=True)
    def test_one(replayer):
        made = ask(replayer.url, "/v1/customers", b"name=Ada")
        assert made["created"] == time.time() == replayer.clock.time() == replayer.clock.now().timestamp()

    def test_after():
        assert time.time() - BEGAN < 60  # real time again
"""


def test_the_clock_of_a_test_is_frozen_where_that_is_asked_for(project: Project) -> None:
    project.write(FROZEN)
    for _ in range(2):
        project.run().assert_outcomes(passed=2)


@pytest.mark.long
def test_without_time_machine_a_frozen_clock_is_refused_with_the_remedy(project: Project) -> None:
    project.write(FROZEN)
    (project.root / "time_machine.py").write_text("raise ImportError\n")
    project.pytester.syspathinsert(project.root)
    result = project.run("-p", "no:time_machine", "-k", "test_one", apart=True)
    result.stdout.fnmatch_lines(["*The setting freeze needs time-machine. Install it: pip install time-machine.*"])


def test_a_field_that_is_new_in_every_run_is_proposed_and_can_be_declared(project: Project) -> None:
    project.write(
        """
        import itertools, os

        def test_one(replayer):
            form = f"name=Ada&metadata[order_id]=ORD-{os.environ['RUN']}00".encode()
            assert ask(replayer.url, "/v1/customers", form)["metadata"]["order_id"] == f"ORD-{os.environ['RUN']}00"
        """
    )
    project.pytester._monkeypatch.setenv("RUN", "1")  # noqa: SLF001 - pytester's own way to set a variable
    project.record().assert_outcomes(passed=1)
    project.pytester._monkeypatch.setenv("RUN", "2")  # noqa: SLF001
    missed = project.run()
    missed.assert_outcomes(failed=1)
    line = 'volatile = ["metadata[order_id]"]'
    missed.stdout.fnmatch_lines([f"*say so under [[]tool.replayer[]]: {line.replace('[', '[[]')}*"])
    (project.root / "pyproject.toml").write_text(f"[tool.replayer]\n{line}\n")
    project.run().assert_outcomes(passed=1)
