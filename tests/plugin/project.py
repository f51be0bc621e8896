"""A folder of tests of its own, and the runs of pytest in it."""

import textwrap
from pathlib import Path

import httpx
import pytest

from replayer import Replayer

HOME = Path(__file__).parents[2]
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


ONE = """
    def test_one(replayer):
        assert ask(replayer.url, "/v1/customers", b"name=Ada")["name"] == "Ada"
"""

RECORDING = """
def pytest_addoption(parser):
    parser.addoption("--record-mode", choices=["once", "new_episodes", "none", "all", "rewrite"], default=None)
"""
