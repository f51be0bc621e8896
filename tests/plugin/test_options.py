"""What can be asked of a whole run: its settings, its orphans, no network, no replayer; and autouse, ages, what is left
over."""

import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from replayer import Replayer

from .project import CASSETTE, KEY, ONE, XDIST, Project

USED_BY_ALL = """
    @pytest.fixture(autouse=True)
    def always(replayer):
        yield

    def test_one(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")

    def test_that_asks_nothing():
        pass
"""


def test_a_fixture_for_all_tests_lets_those_be_that_ask_nothing(project: Project) -> None:
    project.recorded()
    project.write(USED_BY_ALL)
    project.run().assert_outcomes(passed=1, errors=1)  # it has no cassette
    project.pytester.makepyprojecttoml("[tool.replayer]\nallow_unused = true")
    project.run().assert_outcomes(passed=2)
    project.record().assert_outcomes(passed=2)
    assert project.cassettes() == [CASSETTE]


def test_who_may_ask_nothing_still_misses_what_was_never_recorded(project: Project) -> None:
    project.write("""
        @pytest.mark.replayer(allow_unused=True)
        def test_one(replayer):
            ask_quietly(replayer.url, "/v1/customers")
    """)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The cassette is empty.", "To fix: record it: pytest test_shop.py::test_one *"])
    assert project.cassettes() == []


@pytest.mark.parametrize("scope", ["function", "module", "session"])
def test_a_fixture_of_any_scope_may_give_settings_and_markers_win_over_it(project: Project, scope: str) -> None:
    project.write(f"""
        @pytest.fixture(scope="{scope}")
        def replayer_config():
            return {{"upstream": "sandbox", "record_mode": "once", "cassette": "from_fixture.yaml"}}

        def test_one(replayer):
            ask(replayer.url, "/v1/customers")

        @pytest.mark.replayer(cassette="from_marker.yaml")
        def test_two(replayer):
            ask(replayer.url, "/v1/customers")
    """)
    project.pytester.makepyprojecttoml('[tool.replayer]\nrecord_mode = "none"')
    project.run().assert_outcomes(passed=2)
    assert sorted(path.name for path in project.root.glob("*.yaml")) == ["from_fixture.yaml", "from_marker.yaml"]


def test_a_fixture_that_gives_no_table_is_refused(project: Project) -> None:
    project.write(f"""
    @pytest.fixture
    def replayer_config():
        return "once"
    {ONE}""")
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*The fixture replayer_config must return a table of settings, not 'once'."])


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_each_setting_is_printed_with_where_it_comes_from(
    project: Project, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    project.recorded()
    project.pytester.makepyprojecttoml(
        '[tool.replayer]\ntimeout = 5.0\n[tool.pytest.ini_options]\nreplayer_mode = "once"'
    )
    monkeypatch.setenv("REPLAYER_BODY_LIMIT", "1000")
    project.write(f"""
    @pytest.fixture(scope="session")
    def replayer_config():
        return {{"strict": True}}

    @pytest.mark.replayer(time="shifted", cassette="{CASSETTE}")
    def test_two(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")
    {ONE}""")
    result = project.run("--replayer-settings", "--replayer-upstream=sandbox", *workers, apart=bool(workers))
    result.assert_outcomes(passed=2)
    lines = [" ".join(line.split()) for line in result.outlines]
    common = lines[: lines.index("test_shop.py::test_one")]
    for expected in (
        "upstream = 'sandbox' command line",
        "record_mode = 'once' ini file",
        "body_limit = 1000 environment",
        "timeout = 5.0 [tool.replayer]",
        "strict = True fixture replayer_config",
        "port = 0 set by the plugin",
        "lenient = False default",
    ):
        assert expected in common
    assert "time = 'shifted' marker of test_two" in lines[lines.index("test_shop.py::test_two") :]


def test_rewrite_is_a_name_of_all(project: Project) -> None:
    project.write(ONE)
    project.run("--replayer-mode=rewrite", "--replayer-upstream=sandbox").assert_outcomes(passed=1)
    project.write("""
        @pytest.mark.replayer(record_mode="rewrite", upstream="sandbox")
        def test_one(replayer):
            assert " all at " in repr(replayer)
            ask(replayer.url, "/v1/customers")
    """)
    project.run().assert_outcomes(passed=1)


def test_disabled_it_hands_tests_the_upstream_itself(project: Project) -> None:
    with Replayer(CASSETTE, root=project.root, upstream="sandbox", record_mode="once") as stands_in:
        httpx.get(f"{stands_in.url}/v1/customers", headers=KEY, trust_env=False)
        project.write(f"""
            def test_one(replayer):
                assert replayer.url == "{stands_in.url}"
                assert (replayer.play_count, replayer.misses) == (0, [])
                ask(replayer.url, "/v1/customers")

            def test_wide(replayer_module):
                ask(replayer_module.url, "/v1/customers")
        """)
        project.run("--disable-replayer", f"--replayer-upstream={stands_in.url}").assert_outcomes(passed=2)
        assert stands_in.receipt.recorded == 3


def test_disabled_the_sandbox_runs_for_each_test(project: Project) -> None:
    project.write(ONE)
    project.run("--disable-replayer", "--replayer-upstream=sandbox").assert_outcomes(passed=1)
    assert project.cassettes() == []
    result = project.run("--disable-replayer")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*There is no upstream for *test_one.yaml to pass straight on to. Name it: upstream."])


def test_what_is_left_over_fails_a_test_that_says_so(project: Project) -> None:
    project.write("""
        import os

        @pytest.mark.replayer(fail_on_unused=True)
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            if os.environ["RUN"] == "1":
                ask(replayer.url, "/v1/customers", b"name=Eve")
    """)
    os.environ["RUN"] = "1"
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    os.environ["RUN"] = "2"
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["replayer: 1 recorded interaction of *test_one.yaml was not asked for."])


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_cassettes_that_no_test_has_are_listed_and_fail_the_run(project: Project, workers: tuple[str, ...]) -> None:
    text = project.recorded().read_text()
    for name in (
        "test_shop/test_gone.yaml",
        "test_shop/test_marked.yaml",
        "test_removed/test_one.yaml",
        "test_shop.yaml",
    ):
        (project.root / "cassettes" / name).parent.mkdir(exist_ok=True)
        (project.root / "cassettes" / name).write_text(text)
    project.write(f"""
    @pytest.mark.replayer(cassette="cassettes/test_shop/test_marked.yaml")
    def test_two(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")

    def test_without():
        pass
    {ONE}""")
    found = project.run("--replayer-orphans", *workers, apart=bool(workers))
    found.assert_outcomes(passed=3)
    assert found.ret == pytest.ExitCode.TESTS_FAILED
    listed = [Path(line).relative_to(project.root).as_posix() for line in found.outlines if line.endswith(".yaml")]
    assert listed == [
        "cassettes/test_removed/test_one.yaml",
        "cassettes/test_shop.yaml",
        "cassettes/test_shop/test_gone.yaml",
    ]
    selected = project.run("--replayer-orphans", "test_shop.py::test_one", *workers, apart=bool(workers))
    assert "test_gone" not in selected.stdout.str()
    assert "test_gone" not in project.run(*workers, apart=bool(workers)).stdout.str()


DAY = 86_400


def test_a_cassette_that_is_too_old_is_told_refused_or_recorded_anew(project: Project) -> None:
    old = time.time() - 40 * DAY
    os.utime(project.recorded(), (old, old))
    before = (project.root / CASSETTE).read_bytes()
    project.write("""
    def test_one(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")
        print(replayer)
    """)
    for how, outcome in (("warn", "passed"), ("fail", "errors"), ("record", "passed")):
        project.pytester.makepyprojecttoml(f'[tool.replayer]\nmax_age = "30d"\non_expiry = "{how}"\n')
        result = project.run("-rP", "--replayer-upstream=sandbox", "-W", "ignore")
        result.assert_outcomes(**{outcome: 1}, warnings=None)
        result.stdout.fnmatch_lines([f"*{CASSETTE} is 40d old, and max_age is 30d.*"])
    result.stdout.fnmatch_lines(["*replayer: 1 recorded, 0 played, 0 missed"])
    project.pytester.makepyprojecttoml('[tool.replayer]\nmax_age = "30d"\n')
    project.run("-W", "default").assert_outcomes(passed=1, warnings=1)
    assert (project.root / CASSETTE).read_bytes() == before  # an unchanged API changes no byte


def test_the_age_is_that_of_the_last_commit(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_DATE", f"{int(time.time()) - 400 * DAY} +0000")
    project.recorded()
    made_up = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (["init", "-q"], ["add", "."], [*made_up, "commit", "-qm", "old"]):
        subprocess.run(["git", *command], cwd=project.root, check=True)
    project.pytester.makepyprojecttoml('[tool.replayer]\nmax_age = "52w"\non_expiry = "fail"')
    project.write(ONE)
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*is 400d old, and max_age is 52w. To fix: record it: pytest *"])


BLOCKED = """
    import socket

    def reach_out():
        with socket.socket() as one:
            one.settimeout(1)
            one.connect(("192.0.2.7", 80))

    def test_one(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")

    def test_that_tries():
        reach_out()

    def test_that_swallows():
        try:
            reach_out()
        except Exception:
            pass

    def test_a_name():
        with pytest.raises(Exception, match="tried to reach api.example.com:443"):
            socket.create_connection(("api.example.com", 443))
        raise ValueError("by itself")
"""


def test_with_the_network_blocked_a_test_reaches_this_machine_only(project: Project) -> None:
    project.recorded()
    project.write(BLOCKED)
    result = project.run("--replayer-block-network")
    result.assert_outcomes(passed=1, failed=3)
    file = project.root / "test_shop.py"
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "one.connect" in text)
    for test in ("test_that_tries", "test_that_swallows"):
        result.stdout.fnmatch_lines(
            [f"*test_shop.py::{test} tried to reach 192.0.2.7:80, {file}:{line}. The network is blocked."]
        )


def test_a_blocked_network_is_open_again_after_the_run_and_lets_recordings_through(project: Project) -> None:
    project.write(ONE)
    project.record("-o", "replayer_block_network=true").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "options", "told"),
    [
        ("pytest.mark.vcr", (), "*has the marker 'vcr', which would catch the test's own call to the proxy. Take *"),
        ("pytest.mark.block_network", (), "*blocks the proxy on 127.0.0.1, too. Add --allowed-hosts=127.0.0.1, or *"),
    ],
)
def test_what_pytest_recording_would_do_to_a_test_is_explained_at_once(
    project: Project, mark: str, options: tuple[str, ...], told: str
) -> None:
    project.recorded()
    project.pytester.makeconftest("""
        def pytest_configure(config):
            config.pluginmanager.register(object(), "recording")
            config.addinivalue_line("markers", "vcr: theirs")
            config.addinivalue_line("markers", "block_network: theirs")
    """)
    project.write(f"""
    @{mark}
    def test_one(replayer):
        ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run(*options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])
