"""`replayer doctor` as a user meets it: what is wrong is named with its remedy, and no secret is told."""

import fcntl
import json
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from replayer.cli import doctor_checks, run

from .servers import CASSETTE

KEY = "sk_live_MadeUpForThisTest0001"


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, dict[str, Any]]:
    """The checks by their names; of several of one name the last."""
    assert run(["doctor", "--json", *words]) == code
    return {each["check"]: each for each in json.loads(capsys.readouterr().out)["checks"]}


def test_a_sound_folder_is_sound(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text(CASSETTE)
    found = told(capsys)
    assert found["cassettes"]["found"] == "1 cassette below the root"
    assert found["root"]["found"] == f"{here} can be read and written"
    assert {each["state"] for each in found.values()} <= {"ok", "advice"}
    assert found["version"]["found"].startswith("replayer ")


def test_a_cassette_that_is_cut_off_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "whole.yaml").write_text(CASSETTE + "\n\n")
    (here / "x.yaml").write_text(CASSETTE.removesuffix("...\n"))
    found = told(capsys, code=1)["cassettes"]
    assert (found["state"], found["found"]) == ("wrong", "cut off, their end mark is missing: x.yaml")


@pytest.mark.usefixtures("here")
def test_a_live_key_is_told_by_the_name_of_its_variable_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_KEY", f"Bearer {KEY}")
    assert run(["doctor"]) == 1
    printed = capsys.readouterr()
    assert "live keys: in the environment, as SHOP_KEY" in printed.out
    assert KEY not in printed.out + printed.err
    monkeypatch.setenv("REPLAYER_ALLOW_LIVE", "1")
    assert told(capsys)["live keys"]["state"] == "advice"


def test_each_setting_is_told_with_its_origin(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pyproject.toml").write_text("[tool.replayer]\nstrict = true\nport = 0\ntimeout = 5.0\n")
    monkeypatch.setenv("REPLAYER_TIMEOUT", "7")
    assert run(["doctor", "--root", ".", "--json"]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    assert {each["setting"]: (each["value"], each["origin"]) for each in settings} == {
        "root": (".", "command line"),
        "strict": (True, "[tool.replayer]"),
        "port": (0, "[tool.replayer]"),
        "timeout": (7.0, "REPLAYER_TIMEOUT"),
    }


def test_a_wrong_setting_is_a_finding_and_no_refusal(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "pyproject.toml").write_text("[tool.replayer]\nstrickt = true\n")
    assert "Did you mean 'strict'?" in told(capsys, code=1)["settings"]["found"]


def test_journals_are_told_apart_by_whether_somebody_records_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("killed", "running"):
        (here / f"{name}.yaml.journal").write_text("version: 1\n")
    with (here / "running.yaml.journal").open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run(["doctor"]) == 0
        lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("journals: being recorded now: running.yaml.journal") for line in lines)
    assert any(line.endswith("journals: lying about: killed.yaml.journal") for line in lines)


def test_old_cassettes_and_those_of_other_tools_are_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "old.yaml").write_text(CASSETTE)
    os.utime(here / "old.yaml", (0, 0))
    (here / "foreign.yaml").write_text("version: 1\ninteractions: []\n")
    found = told(capsys)
    assert found["old cassettes"]["found"] == "not recorded for a year: old.yaml"
    assert found["cassettes of other tools"]["found"] == "foreign.yaml"


def test_what_is_no_root_or_no_free_port_is_wrong(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "file").write_text("")
    assert told(capsys, "--root", "file", code=1)["root"]["state"] == "wrong"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("REPLAYER_PORT", str(listener.getsockname()[1]))
        assert told(capsys, code=1)["port"]["found"].endswith("Address already in use")


@pytest.mark.usefixtures("here")
def test_what_is_missing_is_told_with_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = doctor_checks._version  # noqa: SLF001 - as if it were not installed
    monkeypatch.setattr(doctor_checks, "_version", lambda name: "" if name == "cryptography" else real(name))
    found = told(capsys)["cryptography"]
    assert (found["state"], found["remedy"]) == ("advice", "If you use that: pip install cryptography.")


@pytest.mark.usefixtures("here")
def test_a_proxy_that_takes_this_machine_too_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    assert "NO_PROXY=127.0.0.1" in told(capsys)["proxy"]["remedy"]
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert "proxy" not in told(capsys)


def test_a_token_file_that_others_can_read_is_wrong(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "token").write_text("made-up")
    (here / "token").chmod(0o644)
    monkeypatch.setenv("REPLAYER_TOKEN_FILE", "token")
    assert told(capsys, code=1)["token file"]["remedy"] == f"Keep it to yourself: chmod 600 {here / 'token'}"
    (here / "token").chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert "token file" not in told(capsys)


def test_nothing_is_changed_by_looking(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text(CASSETTE)
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    told(capsys)
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before
