"""A suite of pytest-recording moves by the steps of the manual's page: 40 tests, filters, a matcher of their own, a
fixture of a module that asks the API. Recorded by that plugin itself."""

import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from replayer.manual import page
from replayer.vcr_words import REFUSED, RENAMED, TAKEN
from tests import pypi

from .project import HOME, XDIST, Project

pytestmark = pytest.mark.installs

RECORDING = "pytest-recording==0.14.1"
CONFTEST = """
    import pytest

    def same_user(one, other):
        assert one.path.split("/")[:2] == other.path.split("/")[:2]

    def anonymous(response):
        response["headers"].pop("X-Machine", None)
        return response

    @pytest.fixture(scope="module")
    def vcr_config():
        return {
            "filter_headers": [("authorization", "DUMMY")],
            "filter_query_parameters": ["api_key"],
            "filter_post_data_parameters": ["pin"],
            "before_record_response": anonymous,
            "match_on": ["method", "query", "same_user"],
            "decode_compressed_response": True,
        }

    def pytest_recording_configure(config, vcr):
        vcr.register_matcher("same_user", same_user)

    @pytest.fixture(scope="module")
    def url():
        return "{api}"
"""
TESTS = """
    import itertools
    import time
    import pytest
    import requests

    def get(url, path, **query):
        query["api_key"] = "made-up-key-" + str(time.time_ns())
        headers = {"Authorization": "Bearer made-up-token-1"}
        return requests.get(url + path, params=query, headers=headers, timeout=5).json()

    @pytest.mark.vcr
    @pytest.mark.parametrize("number", range(20))
    def test_user(url, number):
        assert get(url, f"/users/{time.time_ns()}", number=number) == {"path": "users", "number": str(number)}

    @pytest.mark.vcr
    class TestOrders:
        @pytest.mark.parametrize("number", range(15))
        def test_order(self, url, number):
            assert get(url, "/orders", number=number)["path"] == "orders"
            form = {"pin": str(time.time_ns()), "number": number}
            assert requests.post(url + "/orders", data=form, timeout=5).json()["path"] == "orders"

    @pytest.mark.vcr
    @pytest.mark.parametrize("name", ["ada", "a/b", "x y", "long-" * 10])
    def test_named(url, name):
        assert get(url, "/names", name=name)["path"] == "names"

    @pytest.mark.vcr(allow_playback_repeats=True)
    def test_repeated(url):
        for _ in range(1 if RECORDING else 3):
            assert get(url, "/again")["path"] == "again"
"""


class Users(BaseHTTPRequestHandler):
    """An API that says the first part of the path and one parameter."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number = re.search(r"number=(\d+)", self.path)
        first = self.path.strip("/").partition("?")[0].partition("/")[0]
        answer = f'{{"path": "{first}", "number": "{number[1] if number else ""}"}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Machine", "machine-7")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815 - their names are the library's

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Users)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def moved(conftest: str, tests: str) -> tuple[str, str]:
    """Both files after the steps of the page, by search and replace."""
    conftest = re.sub(r"    def pytest_recording_configure.*\n.*\n", "", conftest).replace('"same_user"]', "same_user]")
    conftest = re.sub(r'    @pytest.fixture\(scope="module"\)\n    def url.*\n.*\n', "", conftest)
    tests = tests.replace("    @pytest.mark.vcr\n", "").replace("pytest.mark.vcr(", "pytest.mark.replayer(")
    tests = tests.replace("(url, number)", "(replayer, number)").replace("(self, url,", "(self, replayer,")
    tests = re.sub(r"def (test_\w+)\(url", r"def \1(replayer", tests)
    tests = re.sub(r"get\(url, ", "get(replayer.url, ", tests).replace("def get(replayer.url, ", "def get(url, ")
    return conftest, tests.replace("requests.post(url", "requests.post(replayer.url")


def test_a_suite_of_pytest_recording_moves_by_the_steps_of_the_page(
    project: Project, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    if trouble := pypi.lacking(RECORDING):
        pytest.skip(trouble)
    project.pytester.makeconftest(CONFTEST.replace("{api}", api))
    project.pytester.makepyfile(test_api=TESTS.replace("RECORDING", "True"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(HOME), str(pypi.folder(RECORDING)))))
    theirs = ("-p", "pytest_recording.plugin", "-W", "ignore")
    project.run(*theirs, "--record-mode=once", apart=True).assert_outcomes(passed=40)
    cassettes = project.cassettes()
    assert len(cassettes) == 40

    conftest, tests = moved(CONFTEST, TESTS.replace("RECORDING", "False"))
    project.pytester.makeconftest(conftest)
    project.pytester.makepyfile(test_api=tests)
    for options in ((), XDIST, theirs):
        replayed = project.run(*options, apart=True)
        replayed.assert_outcomes(passed=40)
        replayed.stdout.fnmatch_lines(["replayer: 0 recorded, 57 played, 0 missed*"])
    assert project.cassettes() == cassettes

    again = ("--record-mode=rewrite", f"--replayer-upstream={api}")
    project.run(*theirs, *again, apart=True).assert_outcomes(passed=40)
    project.run(apart=True).assert_outcomes(passed=40)
    text = "".join(Path(project.root / name).read_text() for name in cassettes)
    for hidden in ("made-up-key", "made-up-token", "pin=", "machine-7"):
        assert hidden not in text


# -- the pages --------------------------------------------------------------------------------------------------------


def rows(name: str) -> dict[str, str]:
    """What stands in the first column of a table of the page, one by one, with the second."""
    table = re.split(r"^\| --- \| --- \|\n", page("vcrpy-settings").text, flags=re.M)[1 if name == "vcrpy" else 2]
    lines = [line.strip("| ").split(" | ") for line in table.partition("<!-- end")[0].splitlines()]
    return {each: text for names, text in lines for each in re.findall(r"`([^`]+)`", names)}


def test_the_page_on_moving_is_a_screen() -> None:
    assert len(page("moving-from-vcrpy").text.splitlines()) <= 60


def test_the_table_of_the_settings_of_vcrpy_is_what_they_do() -> None:
    table = rows("vcrpy")
    assert set(table) == {*TAKEN, *REFUSED, *RENAMED, "record_mode", "serializer"}
    assert {name for name, text in table.items() if text.startswith("refused")} == set(REFUSED)
    assert all(f"the setting `{RENAMED[name]}`" in table[name] for name in RENAMED)
    assert all("the same" in table[name] for name in TAKEN)


def test_the_table_of_the_settings_of_pytest_recording_names_them_all() -> None:
    if trouble := pypi.lacking(RECORDING):
        pytest.skip(trouble)
    place = pypi.folder(RECORDING) / "pytest_recording"
    source = (place / "plugin.py").read_text() + (place / "hooks.py").read_text()
    there = {*re.findall(r'"(--[a-z-]+)"', source), *re.findall(r'"markers",\s+"(\w+):', source)}
    there |= {*re.findall(r"^def (vcr\w*)\(", source, re.M), *re.findall(r"def (pytest_recording_\w+)", source)}
    assert there == set(rows("pytest-recording"))
