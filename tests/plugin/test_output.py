"""What a run prints: each miss once, with what differs side by side and in colours, and what is recorded."""

import pytest

from .project import CASSETTE, ONE, XDIST, Project

DIFFERS = """
    import os, time, urllib.parse

    DAY = 86_400

    def test_one(replayer):
        days = int(os.environ["DAYS"])
        query = {"limit": os.environ["LIMIT"], "created[gte]": int(time.time()) - days * DAY}
        ask(replayer.url, "/v1/customers?" + urllib.parse.urlencode(query))
"""
TABLE = [
    "Closest: GET /v1/customers?limit=3&created[[]gte[]]=*",
    "  * | asked   | recorded",
    "  query limit * | '4' * | '3'",
    "  query created[[]gte[]] | now-31d | now-30d",
]


@pytest.fixture
def recorded(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose test asks for something else than it recorded."""
    project.write(DIFFERS)
    monkeypatch.setenv("DAYS", "30")
    monkeypatch.setenv("LIMIT", "3")
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    monkeypatch.setenv("DAYS", "31")
    monkeypatch.setenv("LIMIT", "4")
    return project


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_a_miss_stands_there_once_with_what_differs_side_by_side(recorded: Project, workers: tuple[str, ...]) -> None:
    result = recorded.run(*workers, apart=bool(workers))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(TABLE)
    for line in ("No recorded interaction matches", "Cassette: ", "To fix: "):
        assert result.stdout.str().count(line) == 1


def test_a_miss_that_the_error_of_the_client_tells_is_not_told_again(recorded: Project) -> None:
    telling = DIFFERS.replace("ask(replayer", "ask_loudly(replayer")
    recorded.write(f"""
    def ask_loudly(url, path):
        try:
            ask(url, path)
        except urllib.error.HTTPError as error:
            message = json.load(error)["error"]["message"]
        raise ValueError(message)
    {telling}""")
    result = recorded.run("--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*replayer misses*")
    assert result.stdout.str().count("Closest: ") == 1


def test_on_a_terminal_with_colours_what_was_asked_is_red_and_what_is_recorded_green(recorded: Project) -> None:
    text = recorded.run("--color=yes").stdout.str()
    assert "\x1b[31mnow-31d" in text
    assert "\x1b[32mnow-30d" in text
    assert "\x1b[" not in recorded.run("--color=no").stdout.str()


def test_the_short_summary_says_what_it_is(recorded: Project) -> None:
    recorded.write(DIFFERS.replace("ask(", "ask_quietly("))
    recorded.run().stdout.fnmatch_lines(["FAILED test_shop.py::test_one - UnansweredError: replayer: 1 request had *"])


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_while_it_records_each_test_says_so(project: Project, workers: tuple[str, ...]) -> None:
    project.write(ONE)
    recorded = project.record("-v", *workers, apart=bool(workers))
    recorded.assert_outcomes(passed=1)
    recorded.stdout.fnmatch_lines(["*PASSED, 1 recorded*"])
    again = ("--replayer-mode=all", "--replayer-upstream=sandbox")
    project.run(*again, *workers, apart=bool(workers)).stdout.re_match_lines([r"(test_shop\.py )?\+ +\[100%\]"])
    assert "recorded*" not in project.run("-v").stdout.str()
    assert project.cassettes() == [CASSETTE]


MARKING = """
    import warnings, pytest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package itself is there already
        pytest.register_assert_rewrite("replayer")
"""


@pytest.mark.long
def test_our_modules_are_loaded_as_they_are(project: Project) -> None:
    project.recorded()
    project.pytester.makepyfile(early=MARKING)
    project.pytester.syspathinsert(project.root)
    project.write(f"""{ONE}
        import sys
        assert type(sys.modules["replayer.proxy.replayer"].__loader__).__name__ == "SourceFileLoader"
    """)
    project.pytester.makeini("[pytest]\naddopts = -p early -p replayer.pytest_plugin")  # in that order
    project.pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
