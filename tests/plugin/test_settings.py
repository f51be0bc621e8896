"""Where a test's settings come from: markers, options, files, the environment; and where its cassette lies."""

from pathlib import Path

import pytest

from .project import CASSETTE, ONE, RECORDING, Project


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
            "replayer: 'casette' is not a setting (in marker of test_misspelt). Did you mean 'cassette'?",
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
