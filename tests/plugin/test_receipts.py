"""`--replayer-receipt`: one file for the run, with the tests that used each cassette; under pytest-xdist see shards."""

import json
from typing import Any

from .project import Project

TESTS = """
    from replayer import Replayer

    @pytest.mark.parametrize("name", ["ada", "eve"])
    def test_one(replayer, name):
        ask(replayer.url, "/v1/customers", f"name={name}".encode())

    def test_its_own():
        with Replayer("own.yaml", upstream="sandbox", record_mode="once") as own:
            ask(own.url, "/v1/customers", b"name=Joy")
"""


def written(project: Project, name: str = "r.json") -> dict[str, dict[str, Any]]:
    """The sessions of a receipt, by their cassettes."""
    found = json.loads((project.root / name).read_text("utf-8"))
    return {each["cassette"]: each for each in found["sessions"]}


def test_it_tells_of_each_cassette_the_tests_and_the_command(project: Project) -> None:
    project.write(TESTS)
    project.record("--replayer-receipt=r.json").assert_outcomes(passed=3)
    found = written(project)
    assert {name: each["recorded"] for name, each in found.items()} == {
        "cassettes/test_shop/test_one[ada].yaml": 1,
        "cassettes/test_shop/test_one[eve].yaml": 1,
        "own.yaml": 1,
    }
    own = found["own.yaml"]
    assert [each["test"] for each in own["tests"]] == ["test_shop.py::test_its_own"]
    assert own["command"] == ["pytest", "test_shop.py::test_its_own"]
    project.run("--replayer-receipt=r.json", "-k", "ada").assert_outcomes(passed=1)
    (replayed,) = written(project).values()
    assert (replayed["played"], replayed["used"], replayed["unused"]) == (1, [[1, 1]], [])
    assert len(json.loads((project.root / "r.json").read_text("utf-8"))["present"]) == 2


def test_the_secret_in_the_name_of_a_test_is_masked(project: Project) -> None:
    key = "sk_live_" + "a1B2c3D4e5F6" * 2
    project.write(f"""
        @pytest.mark.parametrize("key", ["{key}"])
        @pytest.mark.replayer(cassette="one.yaml")
        def test_one(replayer, key):
            ask(replayer.url, "/v1/customers", b"name=Ada")
    """)
    project.record("--replayer-receipt=r.json").assert_outcomes(passed=1)
    assert key not in (project.root / "r.json").read_text("utf-8")
    assert written(project)["one.yaml"]["command"] == []


def test_one_that_cannot_be_written_fails_the_run(project: Project) -> None:
    project.write("def test_nothing(): pass")
    (project.root / "taken").write_text("")
    result = project.run("--replayer-receipt=taken/r.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["replayer: The receipt * cannot be written: *"])
