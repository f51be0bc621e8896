"""A suite whose root is a store: its cassettes are fetched when their tests want them."""

import shutil

import pytest

from replayer.cli import run

from .project import CASSETTE, Project

TEST = """
    def test_one(replayer):
        assert ask(replayer.url, "/v1/customers", b"name=Ada")["name"] == "Ada"
"""


def test_a_suite_replays_out_of_a_store(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(TEST)
    project.recorded()
    store = f"file://{project.root}/store"
    monkeypatch.chdir(project.root)
    assert run(["push", "--store", store]) == 0
    shutil.rmtree(project.root / "cassettes")
    project.run().assert_outcomes(errors=1)
    monkeypatch.setenv("REPLAYER_ROOT", store)
    project.run().assert_outcomes(passed=1)
    assert not (project.root / CASSETTE).exists()
