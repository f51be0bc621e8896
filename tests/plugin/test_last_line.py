"""The last line of a run tells what all its receipts tell."""

import pytest

from .project import XDIST, Project


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
    result.stdout.fnmatch_lines(["replayer: 0 recorded, 0 played, 0 missed, 1 unused, 1 fault"])


@pytest.mark.long
def test_the_workers_of_xdist_each_have_their_port_and_share_one_receipt(project: Project) -> None:
    project.write("""
        @pytest.mark.parametrize("name", ["ada", "eve", "joy", "kim"])
        def test_one(replayer, name):
            assert ask(replayer.url, "/v1/customers", f"name={name}".encode())["name"] == name
    """)
    recorded = project.record(*XDIST, apart=True)
    recorded.assert_outcomes(passed=4)
    recorded.stdout.fnmatch_lines(["replayer: 4 recorded, 0 played, 0 missed"])


@pytest.mark.long
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


@pytest.mark.long
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
