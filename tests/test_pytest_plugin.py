"""The plugin, in pytest runs of its own: what a user's tests say, and what is printed to them."""

import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest

from replayer import Replayer

pytest_plugins = ["pytester"]

HOME = Path(__file__).parents[1]
KEY = {"Authorization": "Bearer sk_test_made_up"}
CASSETTE = "cassettes/test_shop/test_one.yaml"
ASYNC = ("-p", "asyncio", "-o", "asyncio_default_fixture_loop_scope=function")
XDIST = ("-p", "xdist", "-n2")

CLIENT = """
    import json
    import urllib.error
    import urllib.request
    import pytest

    def ask(url, path, form=None):
        request = urllib.request.Request(url + path, form, {"Authorization": "Bearer sk_test_made_up"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def ask_quietly(url, path):
        try:
            ask(url, path)
        except urllib.error.HTTPError as error:
            error.close()
"""


class Project:
    """One folder of tests, and the runs of pytest in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path

    def write(self, tests: str, name: str = "test_shop") -> None:
        client, tests = (textwrap.dedent(text) for text in (CLIENT, tests))
        self.pytester.makepyfile(**{name: f"{client}\n{tests}"})

    def run(self, *options: str, apart: bool = False) -> pytest.RunResult:
        """Here, where all is imported that it needs, or in a process of its own: what counts on being the first."""
        needed = ("-p", "replayer.pytest_plugin", "-p", "no:cacheprovider", "-W", "error")
        run = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        return run(*needed, *options)

    def record(self, *options: str, apart: bool = False) -> pytest.RunResult:
        return self.run("--replayer-mode=once", "--replayer-upstream=sandbox", *options, apart=apart)

    def recorded(self) -> Path:
        """The cassette of `test_shop.py::test_one`, as a run of ONE would have recorded it, but quicker."""
        with Replayer(CASSETTE, root=self.root, upstream="sandbox", record_mode="once") as running:
            httpx.post(f"{running.url}/v1/customers", data={"name": "Ada"}, headers=KEY, trust_env=False)
        return self.root / CASSETTE

    def cassettes(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("cassettes/**/*") if path.is_file())


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # or each run would load all that is installed here
    return Project(pytester)


ONE = """
    def test_one(replayer):
        assert ask(replayer.url, "/v1/customers", b"name=Ada")["name"] == "Ada"
"""


def test_the_plugin_loads_nothing_heavy() -> None:
    heavy = "{'aiohttp', 'vcr', 'yaml', 'asyncio', 'click', 'rich'} & set(sys.modules)"
    code = f"import sys, pytest; before = set(sys.modules); import replayer.pytest_plugin; print({heavy} - before)"
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True)
    assert printed.stdout == "set()\n"


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


def test_a_marker_extends_the_rules_of_the_project(project: Project) -> None:
    (project.root / "pyproject.toml").write_text("[tool.replayer.rules]\nbase = 'generic'\n", "utf-8")
    project.write("""
        @pytest.mark.replayer(rules={"tokens": [{"field": "invoice_prefix"}]})
        def test_one(replayer):
            assert len(ask(replayer.url, "/v1/customers", b"name=Ada")["invoice_prefix"]) == 24
    """)
    project.record().assert_outcomes(passed=1)
    assert "\n  rules: generic\n" in (project.root / CASSETTE).read_text("utf-8")
    project.run().assert_outcomes(passed=1)


def test_a_miss_fails_its_test_though_the_client_swallowed_it(project: Project) -> None:
    project.recorded()
    project.write("""
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            ask_quietly(replayer.url, "/v1/invoices?limit=3")

        @pytest.mark.replayer(cassette="cassettes/test_shop/test_one.yaml")
        def test_after(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "replayer: 1 request had no answer.",
            "No recorded interaction matches GET /v1/invoices?limit=3.",
            "Cassette: cassettes/test_shop/test_one.yaml (mode none; 1 recorded, 1 played)",
            "To fix: record it: pytest test_shop.py::test_one --replayer-mode=all --replayer-upstream=sandbox",
            "replayer: 0 recorded, 2 played, 1 missed",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_test_that_failed_by_itself_shows_its_misses_too(project: Project) -> None:
    project.recorded()
    project.write("""
        def test_one(replayer):
            ask_quietly(replayer.url, "/v1/nothing")
            raise ValueError("its own fault")
    """)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*ValueError: its own fault", "*replayer misses*", "No recorded interaction matches GET /v1/nothing."]
    )


def test_an_expected_miss_can_be_said_to_be_expected(project: Project) -> None:
    project.recorded()
    project.write("""
        import replayer as package

        @pytest.mark.xfail(raises=package.MissError, strict=True)
        def test_one(replayer):
            ask_quietly(replayer.url, "/v1/nothing")
    """)
    project.run().assert_outcomes(xfailed=1)


def test_a_miss_in_the_teardown_of_a_fixture_is_an_error(project: Project) -> None:
    project.recorded()
    project.write("""
        @pytest.fixture
        def cleaning(replayer):
            yield
            ask_quietly(replayer.url, "/v1/nothing")

        def test_one(replayer, cleaning):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["No recorded interaction matches GET /v1/nothing."])


def test_a_test_that_asked_nothing_is_not_green(project: Project) -> None:
    project.write("""
        def test_one(replayer):
            pass
    """)
    result = project.record()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["replayer answered nothing: point the client at replayer.url."])
    assert project.cassettes() == []


def test_a_failed_test_leaves_the_older_cassette(project: Project) -> None:
    cassette = project.recorded()
    before = cassette.read_bytes()
    project.write("""
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Eve")
            assert False
    """)
    result = project.run("--replayer-mode=all", "--replayer-upstream=sandbox")
    result.assert_outcomes(failed=1)
    assert cassette.read_bytes() == before


@pytest.mark.parametrize(
    ("mark", "end", "outcome"),
    [
        ("", "assert False", "failed"),
        ("@pytest.mark.xfail", "assert False", "xfailed"),
        ("@pytest.mark.xfail(strict=True)", "raise KeyError", "xfailed"),
        ("", "pytest.fail('no')", "failed"),
        ("@pytest.mark.usefixtures('failing')", "pass", "errors"),
    ],
)
def test_a_failing_test_is_replayed_as_it_was_recorded(project: Project, mark: str, end: str, outcome: str) -> None:
    project.write(f"""
        @pytest.fixture
        def failing(replayer):
            ask(replayer.url, "/v1/customers")
            raise KeyError

        {mark}
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Eve")
            {end}
    """)
    for run in (project.record, project.run):
        result = run()
        result.assert_outcomes(**{outcome: 1})
        result.stdout.no_fnmatch_line("*There is no cassette*")
    result.stdout.fnmatch_lines(["replayer: 0 recorded, 1 played, 0 missed"])


def test_a_failing_test_leaves_no_cassette_where_that_is_wanted(project: Project) -> None:
    project.write("""
        @pytest.mark.replayer(record_on_failure=False)
        def test_one(replayer):
            ask(replayer.url, "/v1/customers")
            assert False
    """)
    project.record().assert_outcomes(failed=1)
    assert project.cassettes() == [f"{CASSETTE}.journal"]
    project.run().stdout.fnmatch_lines(["*a recording that was not saved, with 1 interaction. To fix: use *"])


def test_an_aborted_run_leaves_no_cassette(project: Project) -> None:
    project.write("""
        def test_one(replayer):
            ask(replayer.url, "/v1/customers")
            pytest.exit("enough")
    """)
    project.record()
    assert project.cassettes() == [f"{CASSETTE}.journal"]


def test_a_recording_that_is_not_whole_is_an_error(project: Project) -> None:
    project.recorded()
    project.write("""
        import socket
        import threading

        @pytest.fixture(scope="module")
        def deaf():
            '''An upstream that takes connections and hangs up.'''
            listener = socket.create_server(("127.0.0.1", 0))
            def serve():
                while True:
                    try:
                        listener.accept()[0].close()
                    except OSError:
                        return
            thread = threading.Thread(target=serve)
            thread.start()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()

        @pytest.fixture
        def replayer(deaf, request):
            request.node.add_marker(pytest.mark.replayer(upstream=deaf))
            return request.getfixturevalue("replayer")

        def test_one(replayer):
            ask_quietly(replayer.url, "/v1/customers")
    """)
    result = project.run("--replayer-mode=all")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The upstream http://127.0.0.1:* gave no answer: *"])


def test_markers_merge_from_the_module_to_the_test(project: Project) -> None:
    project.write("""
        pytestmark = pytest.mark.replayer(upstream="http://127.0.0.1:1", record_mode="once")

        @pytest.mark.replayer(upstream="sandbox", cassette="shared/far.yaml")
        class TestShop:
            @pytest.mark.replayer(cassette="near.yaml")
            def test_near(self, replayer):
                ask(replayer.url, "/v1/customers", b"name=Ada")

            def test_far(self, replayer):
                ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    project.run().assert_outcomes(passed=2)
    assert (project.root / "near.yaml").exists()
    assert (project.root / "shared/far.yaml").exists()


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


def test_a_marker_lays_faults_and_the_last_line_counts_them(project: Project) -> None:
    project.recorded()
    project.write("""
        @pytest.mark.replayer(faults=["POST /v1/customers status=503"])
        def test_one(replayer):
            with pytest.raises(urllib.error.HTTPError) as error:
                ask(replayer.url, "/v1/customers", b"name=Ada")
            assert error.value.headers["Replayer-Fault"] == "status=503"
            error.value.close()
    """)
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["replayer: 0 recorded, 0 played, 0 missed, 1 unused, 1 faults"])


def test_a_wrong_name_in_a_marker_gets_the_right_one(project: Project) -> None:
    project.write("""
        @pytest.mark.replayer(casette="near.yaml")
        def test_misspelt(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")

        @pytest.mark.replayer("near.yaml")
        def test_unnamed(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "replayer: 'casette' is not a setting. Did you mean 'cassette'?",
            "replayer: The marker 'replayer' takes names only: @pytest.mark.replayer(cassette='x.yaml').",
        ]
    )


def test_a_wrong_mode_stops_the_run_before_its_first_test(project: Project) -> None:
    project.write(ONE)
    result = project.run("--replayer-mode=onse")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: 'onse' is not a record mode. Did you mean 'once'?"])


def test_a_cassette_is_named_after_its_class_test_and_parameters(project: Project) -> None:
    project.write("""
        class TestShop:
            class TestInner:
                @pytest.mark.parametrize("name", "ab", ids=["a/b?c:d", "x" * 300])
                def test_name(self, replayer, name):
                    ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    project.record().assert_outcomes(passed=2)
    first, second = project.cassettes()
    assert first == "cassettes/test_shop/TestShop.TestInner.test_name[a-b-c-d].yaml"
    assert len(Path(second).name) == 205  # 200 of the name, cut, and the ending


def test_cassettes_lie_beside_the_file_of_their_test(project: Project) -> None:
    project.write(ONE, name="deep/test_deep")
    project.record().assert_outcomes(passed=1)
    assert project.cassettes() == ["deep/cassettes/test_deep/test_one.yaml"]


def test_later_places_win_over_earlier_ones(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("""
        def test_plain(replayer):
            print("plain", replayer)
            ask_quietly(replayer.url, "/v1/customers")

        @pytest.mark.replayer(record_mode="new_episodes")
        def test_marked(replayer):
            print("marked", replayer)
            ask_quietly(replayer.url, "/v1/customers")
    """)
    project.root.joinpath("pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nreplayer_upstream = "sandbox"\n[tool.replayer]\nrecord_mode = "all"\nport = 1\n'
    )
    monkeypatch.setenv("REPLAYER_RECORD_MODE", "once")
    project.run("-s").stdout.fnmatch_lines(["*plain <Replayer * once at*", "*marked <Replayer * new_episodes at*"])
    result = project.run("-s", "-o", "replayer_mode=all")
    result.stdout.fnmatch_lines(["*plain <Replayer * all at*", "*marked <Replayer * new_episodes at*"])


RECORDING = """
    def pytest_addoption(parser):
        parser.addoption("--record-mode", choices=["once", "new_episodes", "none", "all", "rewrite"], default=None)
"""


def test_the_record_mode_of_pytest_recording_counts_where_that_is_installed(project: Project) -> None:
    project.pytester.makeconftest(RECORDING)
    project.write("""
        @pytest.mark.replayer(upstream="sandbox", record_mode="new_episodes")
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            print(replayer)
    """)
    rewritten = project.run("--record-mode=rewrite", "-s")
    rewritten.assert_outcomes(passed=1)
    rewritten.stdout.fnmatch_lines(["*<Replayer cassettes/test_shop/test_one.yaml all at http*"])
    result = project.run("--record-mode=all", "--replayer-mode=none", "-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*<Replayer cassettes/test_shop/test_one.yaml none at http*"])


def test_the_workers_of_xdist_each_have_their_port_and_share_one_receipt(project: Project) -> None:
    project.write("""
        @pytest.mark.parametrize("name", ["ada", "eve", "joy", "kim"])
        def test_one(replayer, name):
            assert ask(replayer.url, "/v1/customers", f"name={name}".encode())["name"] == name
    """)
    recorded = project.record(*XDIST, apart=True)
    recorded.assert_outcomes(passed=4)
    recorded.stdout.fnmatch_lines(["replayer: 4 recorded, 0 played, 0 missed"])


def test_the_last_line_tells_what_all_receipts_tell(project: Project) -> None:
    project.write("""
        import os, uuid

        @pytest.mark.replayer(lenient=True)
        @pytest.mark.parametrize("name", ["ada", "eve"])
        def test_one(replayer, name):
            recording = os.environ["RUN"] == "1"
            ask(replayer.url, "/v1/customers", f"name={name}&metadata[key]={uuid.uuid4()}".encode())
            ask(replayer.url, "/v1/customers?limit=" + ("3" if recording else "1"))  # else it follows from that
            ask(replayer.url, "/v1/customers", b"name=joy")
            ask(replayer.url, "/v1/" + ("invoices" if recording else "customers?limit=3"))  # else it is another state
    """)
    project.pytester._monkeypatch.setenv("RUN", "1")  # noqa: SLF001 - pytester's own way to set a variable
    project.record().assert_outcomes(passed=2)
    project.pytester._monkeypatch.setenv("RUN", "2")  # noqa: SLF001
    for workers in ((), XDIST):
        replayed = project.run(*workers, apart=bool(workers))
        replayed.assert_outcomes(passed=2)
        replayed.stdout.fnmatch_lines(
            ["replayer: 0 recorded, 6 played, 2 synthesized (2 page), 0 missed, 2 unused, 2 bound, 2 lenient"]
        )


def test_the_last_line_counts_what_was_recorded_and_not_saved(project: Project) -> None:
    project.write("""
        @pytest.mark.parametrize("fails", [False, True])
        def test_one(replayer, fails):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            assert not fails
    """)
    project.record().assert_outcomes(passed=1, failed=1)  # there was no older cassette to keep
    again = project.run("--replayer-mode=all", "--replayer-upstream=sandbox", *XDIST, apart=True)
    again.stdout.fnmatch_lines(["replayer: 2 recorded, 0 played, 0 missed; 1 recording of failed tests not saved"])


def test_a_run_that_uses_no_fixture_says_nothing(project: Project) -> None:
    project.write("""
        def test_nothing():
            pass
    """)
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("replayer:*")


def test_the_marker_and_the_fixture_explain_themselves(project: Project) -> None:
    result = project.run("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.replayer(cassette=..., upstream=..., record_mode=..., ...): *"])
    project.run("--fixtures").stdout.fnmatch_lines(["replayer*", "*A running proxy with this test's own cassette*"])


def test_tests_that_would_share_a_cassette_are_errors_that_say_so(project: Project) -> None:
    project.write("""
        @pytest.mark.parametrize("name", ["a/b", "a:b"])
        def test_name(replayer, name):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.record()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "replayer: test_shop.py::test_name[[]a/b] and test_shop.py::test_name[[]a:b] would share "
            "cassettes/test_shop/test_name[[]a-b].yaml. Name one of them otherwise (ids=...), or its cassette with "
            "@pytest.mark.replayer(cassette=...)."
        ]
    )
    assert project.cassettes() == []


def test_a_test_that_skips_itself_after_asking_keeps_its_cassette(project: Project) -> None:
    project.write("""
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            pytest.skip("seen enough")
    """)
    project.record().assert_outcomes(skipped=1)
    assert project.cassettes() == [CASSETTE]
    project.run().assert_outcomes(skipped=1)


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
