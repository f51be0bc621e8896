"""Whom `replayer check` asks and with which key, and what it says where it cannot ask."""

import socket
from pathlib import Path

import pytest

from replayer.cli import run

from .changed import Emitted, changed, status
from .checking import checked, findings, reading, recorded, shopping

# -- keys -------------------------------------------------------------------------------------------------------------


def test_a_bare_key_of_the_environment_is_sent_and_never_told(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(here, reading)
    monkeypatch.setenv("REPLAYER_AUTHORIZATION", "sk_test_FromTheEnvironment01")
    with changed() as (url, arrived):
        assert run(["check", "shop.yaml", "--upstream", url]) == 0
    stdout, stderr = capfd.readouterr()
    assert set(arrived.authorizations) == {"Bearer sk_test_FromTheEnvironment01"}
    assert "FromTheEnvironment" not in stdout + stderr


def test_the_key_may_stand_in_a_variable_that_the_settings_name(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(here, reading)
    line = ["check", "shop.yaml", "--upstream-auth", "env:MY_KEY", "--upstream"]
    with changed() as (url, arrived):
        assert run([*line, url]) == 2
        assert "MY_KEY is not set" in capfd.readouterr().err
        monkeypatch.setenv("MY_KEY", "sk_test_FromItsOwnVariable01")
        assert run([*line, url]) == 0
        monkeypatch.setenv("MY_KEY", "sk_live_" + "0" * 20)
        assert run([*line, url]) == 2
    stdout, stderr = capfd.readouterr()
    assert set(arrived.authorizations) == {"Bearer sk_test_FromItsOwnVariable01"}
    assert "MY_KEY carries a live key" in stderr
    assert "FromItsOwn" not in stdout + stderr


def test_on_this_machine_a_made_up_key_will_do(here: Path) -> None:
    recorded(here, reading)
    with changed() as (url, arrived):
        assert run(["check", "shop.yaml", "--upstream", url]) == 0
    assert len(set(arrived.authorizations)) == 1
    assert arrived.authorizations[0].startswith("Bearer sk_test_")


def test_a_live_key_is_refused_and_nothing_is_sent(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(here, reading)
    monkeypatch.setenv("REPLAYER_AUTHORIZATION", "sk_live_" + "0" * 20)
    with changed() as (url, arrived):
        assert run(["check", "shop.yaml", "--upstream", url]) == 2
    assert arrived.lines == []
    stderr = capfd.readouterr().err
    assert "carries a live key, which can move real money: nothing was sent." in stderr
    assert stderr == (
        "replayer: REPLAYER_AUTHORIZATION carries a live key, which can move real money: nothing was sent. "
        "Give it a test key (sk_test_...), or add --allow-live if you mean it.\n"
    )


def test_a_live_key_is_sent_where_that_is_allowed(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(here, reading)
    monkeypatch.setenv("REPLAYER_AUTHORIZATION", "sk_live_" + "0" * 20)
    with changed() as (url, arrived):
        assert run(["check", "shop.yaml", "--upstream", url, "--allow-live"]) == 2
    assert len(arrived.lines) == 2
    assert "refuses the credential (401)" in capfd.readouterr().err  # the sandbox takes no live keys


def test_an_upstream_that_refuses_the_key_was_not_compared(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, reading)
    with changed(lambda answer: Emitted(answer.method, answer.path, 401, answer.headers, {"error": {}})) as (url, _):
        assert run(["check", "shop.yaml", "--upstream", url]) == 2
    assert "refuses the credential (401). Give a valid one in REPLAYER_AUTHORIZATION." in capfd.readouterr().err


def test_writes_are_sent_under_fresh_keys_and_a_retry_under_the_same_one(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = recorded(here, shopping).read_text("utf-8")
    with changed() as (url, arrived):
        for _ in range(2):
            assert checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")[0] in (0, 1)  # one more customer
    first, retried, second, again = arrived.keys
    assert first == retried
    assert second == again
    assert first != second
    assert first not in text


# -- an upstream that has no time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_an_answer_that_tells_only_of_the_load_is_unknown_and_no_drift(
    here: Path, capfd: pytest.CaptureFixture[str], code: int
) -> None:
    recorded(here, reading)
    with changed(status("GET", "/v1/customers", code)) as (url, _):
        exit_code, document = checked(capfd, "shop.yaml", "--upstream", url)
        assert run(["check", "shop.yaml", "--upstream", url]) == 2
    (report,) = document["cassettes"]
    assert (exit_code, document["same"], report["findings"], report["compared"]) == (2, False, [], 1)
    assert [(one["number"], one["reason"], one["remedy"]) for one in report["skipped"]] == [
        (1, "the upstream had no time for it, or was away (429, 502, 503 or 504)", "check again later")
    ]
    assert capfd.readouterr().out.splitlines() == [
        "shop.yaml: 1 compared, 1 not, 0 differences",
        "  not compared, 1: the upstream had no time for it, or was away (429, 502, 503 or 504) (check again later)",
        "    #1 GET /v1/customers?limit=3",
        "0 differences in 1 cassette; 1 cassette could not be compared in full",
    ]


def test_what_stands_behind_a_write_that_there_was_no_time_for_is_not_compared(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    with changed(status("POST", "/v1/customers", 503)) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url, "--allow-writes")
    assert (code, findings(document), document["cassettes"][0]["compared"]) == (2, set(), 1)


def test_a_busy_answer_that_was_recorded_and_comes_again_is_compared(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = recorded(here, reading)
    text = shop.read_text("utf-8")
    shop.write_text(text.replace("code: 404", "code: 429").replace("Not Found", "Too Many Requests"), "utf-8")
    with changed(status("GET", "/v1/invoices/in_nobody", 429)) as (url, _):
        code, document = checked(capfd, "shop.yaml", "--upstream", url)
    assert (code, findings(document), document["cassettes"][0]["compared"]) == (0, set(), 2)


# -- errors -----------------------------------------------------------------------------------------------------------


def refused(words: str, capfd: pytest.CaptureFixture[str]) -> str:
    """The one line that is said of a check that could not be made."""
    assert run(words.split()) == 2
    _, stderr = capfd.readouterr()
    assert stderr.count("\n") == 1
    return stderr.removeprefix("replayer: ").removesuffix("\n")


def test_an_upstream_that_is_not_there_is_unknown_and_not_the_same(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, reading)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = refused(f"check shop.yaml --upstream http://127.0.0.1:{port}", capfd)
    assert line.startswith(f"The upstream http://127.0.0.1:{port} cannot be reached: ")


def test_an_upstream_must_be_named(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, reading)
    assert refused("check shop.yaml", capfd) == "There is no upstream to ask. Add one: --upstream sandbox."


def test_a_cassette_that_cannot_be_read_is_told_and_the_others_are_compared(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, reading)
    (here / "bad.yaml").write_text("version: 1\ninteractions:\n<<<<<<< HEAD\n")
    code, document = checked(capfd, "bad.yaml", "none.yaml", "shop.yaml", "--upstream", "sandbox")
    assert code == 2
    assert [each.get("error", "")[:11] for each in document["cassettes"]] == ["bad.yaml:3:", "There is no", ""]
    assert [each["compared"] for each in document["cassettes"]] == [0, 0, 2]


def test_an_empty_cassette_has_nothing_to_compare(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text("version: 1\ninteractions: []\n")
    line = refused("check x.yaml --upstream sandbox", capfd)
    assert line == "x.yaml holds no interaction: there is nothing to compare."
