"""`replayer import`: files of other tools become cassettes; what cannot be carried over is named, nothing is lost."""

import json
from pathlib import Path

import pytest

from replayer.cassettes import folder
from replayer.cli import run

from .har_files import entry, har, stub


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["import", *words, "--out", "out"])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_file_becomes_a_cassette_that_plays(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry("/v1/x"), entry("/v1/y"))
    code, out, err = told(capsys, "a.har")
    assert (code, err) == (0, "")
    assert out == ("a.har: HAR, 2 of 2 -> out/a.yaml\n1 file imported: 2 interactions, 0 not carried over\n")
    cassette = folder.existing(here / "out" / "a.yaml")
    assert cassette.facts is not None
    assert [one.request.uri for one in cassette.interactions] == [
        "https://api.example.com/v1/x",
        "https://api.example.com/v1/y",
    ]
    assert sorted(each.name for each in (here / "out").iterdir()) == ["a.yaml"]  # and no journal


def test_what_cannot_be_carried_over_is_named_and_is_exit_code_1(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = {"size": 9, "mimeType": "text/html"}
    har(here / "a.har", entry(), entry("/v1/gone?token=abc", status=0), entry("/v1/no", content=missing))
    code, out, _ = told(capsys, "a.har")
    assert code == 1
    assert out.splitlines() == [
        "a.har: HAR, 1 of 3 -> out/a.yaml",
        "  not carried over: entry 2: GET https://api.example.com/v1/gone: entry 2 has no answer: it was blocked, or "
        "its client gave up",
        "  not carried over: entry 3: GET https://api.example.com/v1/no: entry 3 lacks the body of its answer: save "
        "the file with content",
        "1 file imported: 1 interaction, 2 not carried over",
    ]


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry())
    (here / "out").mkdir()
    (here / "out" / "a.yaml").write_text("mine", "utf-8")
    code, out, err = told(capsys, "a.har")
    assert (code, out) == (2, "")
    assert err == "replayer: a.har: out/a.yaml is there already, and stays. Delete it, or choose another --out.\n"
    assert (here / "out" / "a.yaml").read_text("utf-8") == "mine"


def test_an_import_that_is_interrupted_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    har(here / "a.har", entry("/v1/x"), entry("/v1/y"))

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("replayer.proxy.slot.Slot.eject", interrupted)
        assert told(capsys, "a.har")[0] == 130
    assert list((here / "out").iterdir()) == []
    assert told(capsys, "a.har")[0] == 0


def test_the_journal_of_a_recording_is_in_the_way(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry())
    (here / "out").mkdir()
    (here / "out" / "a.yaml.journal").write_text("a recording", "utf-8")
    code, _, err = told(capsys, "a.har")
    assert (code, err.startswith("replayer: a.har: out/a.yaml.journal is there already, and stays.")) == (2, True)
    assert (here / "out" / "a.yaml.journal").read_text("utf-8") == "a recording"


def test_the_files_of_a_folder_keep_their_places(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "all" / "a" / "x.har", entry())
    har(here / "all" / "b" / "x.har", entry())
    (here / "all" / "package.json").write_text('{"name": "no recording"}', "utf-8")
    (here / "all" / "config.yml").write_text("a: 1", "utf-8")
    code, out, err = told(capsys, "all")
    assert (code, err) == (0, "")
    assert [line.partition(" -> ")[2] for line in out.splitlines()[:-1]] == ["out/a/x.yaml", "out/b/x.yaml"]


def test_two_files_of_one_name_do_not_become_one_cassette(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a" / "x.har", entry("/v1/a"))
    har(here / "b" / "x.har", entry("/v1/b"))
    code, _, err = told(capsys, "a/x.har", "b/x.har")
    assert code == 2
    assert err == "replayer: b/x.har: out/x.yaml has just been written. Give the folder that both files are in.\n"


def test_the_mappings_of_a_folder_are_one_server(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"status": 200, "jsonBody": {"a": 1}}
    stub(here / "api" / "mappings" / "a.json", {"request": {"method": "GET", "url": "/a"}, "response": answer})
    stub(here / "api" / "mappings" / "b.json", {"request": {"method": "GET", "url": "/b"}, "response": answer})
    code, out, _ = told(capsys, "api", "--origin", "https://api.example.com")
    assert code == 0
    assert out.splitlines()[0] == "api/mappings/a.json and 1 file beside it: WireMock, 2 of 2 -> out/api.yaml"


def test_stubs_that_do_not_say_of_which_api_they_are_ask_for_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stub(here / "a.json", {"request": {"method": "GET", "url": "/a"}, "response": {"status": 200}})
    code, out, _ = told(capsys, "a.json")
    assert code == 1
    assert "mapping 1 does not say of which host it is. Name it with --origin" in out


def test_nothing_outside_of_a_folder_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "secret.txt").write_text("secret", "utf-8")
    (here / "x" / "__files").mkdir(parents=True)
    (here / "x" / "__files" / "link.txt").symlink_to(here / "secret.txt")
    names = ("../secret.txt", "../../secret.txt", str(here / "secret.txt"), "link.txt", "a\0b")
    stub(
        here / "x" / "mappings" / "a.json",
        *(
            {"request": {"method": "GET", "url": f"/{number}"}, "response": {"bodyFileName": name}}
            for number, name in enumerate(names)
        ),
    )
    code, out, _ = told(capsys, "x/mappings/a.json", "--origin", "https://api.example.com", "--json")
    report = json.loads(out)
    assert (code, report["carried_over"], report["lost"]) == (1, 0, len(names))
    assert not (here / "out" / "a.yaml").exists()


def test_of_several_hosts_one_can_be_chosen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = entry()
    other["request"]["url"] = "https://other.example.com/v1/x"
    har(here / "a.har", entry(), other)
    code, out, _ = told(capsys, "a.har", "--origin", "https://api.example.com")
    assert code == 1
    assert "entry 2: GET https://other.example.com/v1/x: it was made to another host than --origin" in out
    assert len(folder.existing(here / "out" / "a.yaml").interactions) == 1


def test_the_report_is_one_json_document(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry(), entry("/v1/gone", status=-1))
    code, out, _ = told(capsys, "a.har", "missing.har", "--json")
    assert code == 2
    report = json.loads(out)
    assert {key: value for key, value in report.items() if key != "files"} == {
        "carried_over": 1,
        "lost": 1,
        "in_part": 0,
    }
    first, second = sorted(report["files"], key=lambda each: each["file"])
    assert (first["tool"], first["cassette"], first["carried_over"]) == ("HAR", "out/a.yaml", 1)
    assert first["lost"][0]["where"] == "entry 2"
    assert second["error"] == "There is no file missing.har. Give the path of one."


def test_secrets_are_scrubbed_as_in_a_recording(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = entry(content={"size": 2, "text": '{"api_key": "Zk83hGq01LmQx72a"}', "mimeType": "application/json"})
    one["request"]["headers"] = [{"name": "Authorization", "value": "Bearer Zt5Qm81LpXa90Kd2"}]
    har(here / "a.har", one)
    assert told(capsys, "a.har")[0] == 0
    text = (here / "out" / "a.yaml").read_text("utf-8")
    assert "Zk83hGq01LmQx72a" not in text
    assert "Zt5Qm81LpXa90Kd2" not in text
    assert run(["audit", "out"]) == 0


def test_what_only_stands_for_a_credential_is_not_looked_for(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = entry(content={"size": 2, "text": '{"name": "Sanitized"}', "mimeType": "application/json"})
    one["request"]["headers"] = [{"name": "Authorization", "value": "Sanitized"}]
    har(here / "a.har", one)
    assert told(capsys, "a.har")[0] == 0
    assert '{"name": "Sanitized"}' in (here / "out" / "a.yaml").read_text("utf-8")


def test_a_body_beyond_the_limit_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry(), entry(content={"size": 50, "text": "x" * 50, "mimeType": "text/plain"}))
    code, out, _ = told(capsys, "a.har", "--body-limit", "49")
    assert code == 1
    assert "entry 2: GET https://api.example.com/v1/x: a body is longer than body_limit, 49 bytes" in out


def test_what_is_set_for_other_sessions_is_none_of_an_import(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "pyproject.toml").write_text(
        '[tool.replayer]\nupstream = "https://api.example.com"\nupstream_auth = "env:NOT_SET_HERE"\n'
        'on_miss = "sandbox"\ntime = "shifted"\nrecord_mode = "once"\n',
        "utf-8",
    )
    har(here / "a.har", entry())
    assert told(capsys, "a.har")[0] == 0
    assert len(folder.existing(here / "out" / "a.yaml").interactions) == 1


def test_a_file_without_an_exchange_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har")
    code, out, _ = told(capsys, "a.har")
    assert (code, out.splitlines()[0]) == (0, "a.har: HAR, 0 of 0 -> nothing")
    assert not (here / "out" / "a.yaml").exists()
