"""Sessions that tests share, nested ones, and those that tests begin themselves: each miss fails the test that runs."""

import pytest

from .project import ASYNC, XDIST, Project

SHARED = """
    @pytest.fixture(scope="module")
    def customer(replayer_module):
        return ask(replayer_module.url, "/v1/customers", b"name=Ada")["id"]

    def test_one(replayer_module, customer):
        assert ask(replayer_module.url, "/v1/customers/" + customer)["name"] == "Ada"

    def test_two(replayer_module, customer):
        assert ask(replayer_module.url, "/v1/customers?limit=1")["data"][0]["id"] == customer
"""


def test_the_tests_of_a_module_share_a_session(project: Project) -> None:
    project.write(SHARED)
    project.record().assert_outcomes(passed=2)
    assert project.cassettes() == ["cassettes/test_shop.yaml"]
    replayed = project.run()
    replayed.assert_outcomes(passed=2)
    replayed.stdout.fnmatch_lines(["replayer: 0 recorded, 3 played, 0 missed"])


def test_a_whole_run_shares_a_session_below_its_root(project: Project) -> None:
    tests = """
        def test_one(replayer_session):
            assert ask(replayer_session.url, "/v1/customers?limit=3")["data"] == []
    """
    project.write(tests)
    project.write(tests, name="deep/test_deep")
    project.pytester.makeini("[pytest]")
    for run in (project.record, project.run):
        run().assert_outcomes(passed=2)
    assert project.cassettes() == ["cassettes/session.yaml"]


def test_a_miss_of_a_shared_session_fails_the_test_that_was_running(project: Project) -> None:
    project.write(SHARED)
    project.record().assert_outcomes(passed=2)
    project.write(f"""{SHARED}
    def test_three(replayer_module):
        ask_quietly(replayer_module.url, "/v1/nothing")

    def test_four(replayer_module):
        pass
    """)
    result = project.run("-rfE")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["No recorded interaction matches GET /v1/nothing.", "FAILED test_shop.py::test_three*"]
    )


def test_a_miss_after_the_last_test_is_an_error_of_that(project: Project) -> None:
    project.write(SHARED)
    project.record().assert_outcomes(passed=2)
    project.write(f"""{SHARED}
    @pytest.fixture(scope="module", autouse=True)
    def late(replayer_module):
        yield
        ask_quietly(replayer_module.url, "/v1/nothing")
    """)
    result = project.run("-rfE")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["ERROR test_shop.py::test_two*"])


def test_sessions_may_be_nested(project: Project) -> None:
    project.write("""
        def test_one(replayer_session, replayer_module, replayer):
            urls = {each.url for each in (replayer_session, replayer_module, replayer)}
            assert len(urls) == 3
            for url in urls:
                assert ask(url, "/v1/customers?limit=3")["data"] == []
    """)
    project.record().assert_outcomes(passed=1)
    assert project.cassettes() == [
        "cassettes/session.yaml",
        "cassettes/test_shop.yaml",
        "cassettes/test_shop/test_one.yaml",
    ]
    project.run().assert_outcomes(passed=1)


@pytest.mark.long
@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n2", "--dist", "loadfile")], ids=["alone", "workers"])
def test_a_swallowed_miss_fails_the_test_whoever_began_the_session(project: Project, options: tuple[str, ...]) -> None:
    project.recorded()
    project.write("""
        from replayer import Replayer

        @pytest.fixture
        def own():
            with Replayer("cassettes/test_shop/test_one.yaml") as running:
                yield running

        def test_by_a_fixture(own):
            ask_quietly(own.url, "/v1/nothing")

        def test_by_itself():
            with Replayer("cassettes/test_shop/test_one.yaml") as running:
                ask_quietly(running.url, "/v1/nothing")

        def test_that_looks_at_them_itself():
            with Replayer("cassettes/test_shop/test_one.yaml", fail_on_miss=False) as running:
                ask_quietly(running.url, "/v1/nothing")
                assert len(running.misses) == 1

        def test_innocent(own):
            ask(own.url, "/v1/customers", b"name=Ada")
    """)
    result = project.run(*options, apart=bool(options))
    result.assert_outcomes(passed=2, failed=2)
    text = result.stdout.str()
    assert text.count("No recorded interaction matches GET /v1/nothing.") == 2


@pytest.mark.long
@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_a_session_on_the_loop_of_a_test_counts_too(project: Project, mode: str) -> None:
    project.recorded()
    project.write("""
        import asyncio
        from replayer import Replayer

        @pytest.mark.asyncio
        async def test_one(replayer):
            await asyncio.to_thread(ask, replayer.url, "/v1/customers", b"name=Ada")

        @pytest.mark.asyncio
        async def test_two():
            async with Replayer("cassettes/test_shop/test_one.yaml") as running:
                await asyncio.to_thread(ask_quietly, running.url, "/v1/nothing")
    """)
    result = project.run(*ASYNC, "-o", f"asyncio_mode={mode}", "-rf", apart=True)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_shop.py::test_two*"])


@pytest.mark.long
def test_workers_that_would_tear_a_shared_recording_apart_say_so(project: Project) -> None:
    project.write(SHARED)
    torn = project.record(*XDIST, apart=True)
    torn.assert_outcomes(errors=2)
    torn.stdout.fnmatch_lines(["*To fix: add --dist loadfile or --dist loadscope, which keep the tests of a module *"])
    assert project.cassettes() == []
    project.record(*XDIST, "--dist", "loadfile", apart=True).assert_outcomes(passed=2)


@pytest.mark.long
@pytest.mark.parametrize("how", ["load", "worksteal", "loadscope", "loadgroup", "each", "no"])
def test_a_shared_session_is_replayed_however_tests_are_given_out(project: Project, how: str) -> None:
    project.write(SHARED)
    project.record().assert_outcomes(passed=2)
    replayed = project.run(*XDIST, "--dist", how, apart=True)
    replayed.assert_outcomes(passed=4 if how == "each" else 2)


def test_a_shared_session_that_nobody_asked_is_told_at_its_end(project: Project) -> None:
    project.write(SHARED)
    project.record().assert_outcomes(passed=2)
    project.write("""
        def test_one(replayer_module):
            pass
    """)
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["replayer answered nothing: *"])


def test_settings_that_are_made_for_each_test_are_refused_for_a_session_of_a_module(
    project: Project,
) -> None:
    project.write("""
    import pytest

    @pytest.fixture
    def replayer_config():
        return {"lenient": True}

    def test_one(replayer_module):
        pass
    """)
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*The fixture replayer_config is made anew*To fix: give it scope="module"*'])
