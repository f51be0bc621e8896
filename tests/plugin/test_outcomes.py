"""What fails a test, and which cassette a failing one leaves."""

import pytest

from .project import CASSETTE, Project


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
    result.stdout.fnmatch_lines(["replayer answered nothing: point the client at replayer.url, or set allow_unused."])
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


def test_a_test_that_skips_itself_after_asking_keeps_its_cassette(project: Project) -> None:
    project.write("""
        def test_one(replayer):
            ask(replayer.url, "/v1/customers", b"name=Ada")
            pytest.skip("seen enough")
    """)
    project.record().assert_outcomes(skipped=1)
    assert project.cassettes() == [CASSETTE]
    project.run().assert_outcomes(skipped=1)
