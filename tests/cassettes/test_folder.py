"""Names stay inside their root, and files are read whoever wrote them."""

import json
import os
from pathlib import Path

import pytest

from replayer import cassettes as ours
from replayer.cassettes import folder
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.errors import CassetteError, UsageError

CASSETTE = Cassette(
    (Interaction(Request("GET", "/", (), b"", "http://h"), Response(204)),), Facts("http://h", "generic", 0)
)


def refusal(root: Path, name: str) -> str:
    with pytest.raises(UsageError) as caught:
        folder.locate(root, name)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(" Use a relative name like 'invoices/paging.yaml'.")
    return message.removeprefix("The cassette name ").partition(". Use")[0]


def test_a_name_is_a_file_under_the_root(tmp_path: Path) -> None:
    assert folder.locate(tmp_path, "invoices/paging.yaml") == tmp_path / "invoices" / "paging.yaml"
    assert folder.locate(tmp_path, "a..b.yaml") == tmp_path / "a..b.yaml"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "'' is empty"),
        ("/etc/passwd", "'/etc/passwd' is absolute"),
        ("C:\\a.yaml", "'C:\\\\a.yaml' is absolute"),
        ("a\\b.yaml", "'a\\\\b.yaml' has a backslash in it"),
        ("../a.yaml", "'../a.yaml' leads upwards with '..'"),
        ("a/../../b.yaml", "'a/../../b.yaml' leads upwards with '..'"),
        ("a\x00.yaml", "'a\\x00.yaml' has a control character in it"),
        ("a\nb.yaml", "'a\\nb.yaml' has a control character in it"),
        (".", "'.' is a directory"),
        ("a/", "'a/' is a directory"),
        ("there", "'there' is a directory"),
        ("x" * 300, f"'{'x' * 300}' cannot be a file here"),
        ("\ud800", "'\\ud800' cannot be a file here"),
    ],
)
def test_any_other_name_is_refused_in_one_line(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "there").mkdir()
    assert refusal(tmp_path, name) == message


def test_a_link_may_lead_anywhere_but_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "in").symlink_to(root / "real")
    (root / "out").symlink_to(tmp_path)
    (root / "dangling.yaml").symlink_to(tmp_path / "none.yaml")
    assert folder.locate(root, "in/a.yaml") == root / "in" / "a.yaml"
    assert refusal(root, "out/a.yaml") == f"'out/a.yaml' is a link that leads out of {root}"
    assert refusal(root, "dangling.yaml") == f"'dangling.yaml' is a link that leads out of {root}"


def test_a_circle_of_links_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert refusal(tmp_path, "a/c.yaml") == "'a/c.yaml' cannot be a file here"


def test_no_file_is_no_cassette_and_no_error(tmp_path: Path) -> None:
    assert folder.read(tmp_path / "none.yaml") is None


def test_a_file_is_read_whoever_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    folder.replace(path, ours.dumps(CASSETTE))
    assert folder.read(path) == CASSETTE
    folder.replace(path, ours.dumps(CASSETTE).replace("replayer:", "elsewhere:"))
    assert folder.read(path) == Cassette(CASSETTE.interactions)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(CassetteError) as caught:
        folder.read(tmp_path / "a.yaml")
    assert str(caught.value) == (
        f"{tmp_path}/a.yaml: cannot be read: Permission denied. Check the file and its permissions."
    )


def test_a_faulty_file_is_named_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [\n")
    with pytest.raises(CassetteError, match=f"^{tmp_path}/a.yaml:2: this is not YAML"):
        folder.read(tmp_path / "a.yaml")


def test_equal_text_leaves_the_file_alone(tmp_path: Path) -> None:
    folder.replace(tmp_path / "a.yaml", "one")
    before = (tmp_path / "a.yaml").stat()
    folder.replace(tmp_path / "a.yaml", "one")
    after = (tmp_path / "a.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (Response(99999), "status 99999 is none"),
        (Response(100), "status 100 is none"),
        (Response(200, "OK\r\nX: 1"), "a header or the message of its status has a line break in it"),
        (Response(200, "OK", (("X", "a\nY: 1"),)), "a header or the message of its status has a line break in it"),
    ],
)
def test_an_answer_that_no_http_can_say_is_refused(tmp_path: Path, response: Response, fault: str) -> None:
    interaction = Interaction(Request("GET", "/x", origin="https://a.test"), response)
    path = tmp_path / "a.yaml"
    path.write_text(ours.dumps(Cassette((interaction,), Facts("https://a.test", "invoice", 0))), "utf-8")
    with pytest.raises(CassetteError) as caught:
        folder.read(path)
    assert str(caught.value) == f"{path}: interaction 1: {fault}. Correct it, or record again."


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    os.mkfifo(path)
    with pytest.raises(CassetteError, match="is no file"):
        folder.read(path)


def test_where_a_cassette_must_exist_a_missing_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with pytest.raises(CassetteError) as caught:
        folder.existing(path)
    assert str(caught.value) == f"There is no cassette {path}. Give the path of one."
    path.write_text(ours.dumps(Cassette((), Facts("https://a.test", "invoice", 0))), "utf-8")
    assert folder.existing(path).interactions == ()


def test_the_cassettes_below_a_folder_are_found_and_nothing_else(tmp_path: Path) -> None:
    texts = {
        "a.yaml": "interactions:\n- request: {}\n",
        "b.json.yaml": '{"version": 1, "interactions": []}',
        "c/old.yml": "- request:\n    method: GET\n",
        "c/x.yaml.journal": "",
        "d.yaml": "services:\n  interactions: 1\n",
        "e.txt": "interactions:\n",
        ".f/a.yaml": "interactions:\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = [str(path.relative_to(tmp_path)) for path in folder.below(tmp_path)]
    assert found == ["a.yaml", "b.json.yaml", "c/old.yml", "c/x.yaml.journal"]


VCRPY = """\
interactions:
- request:
    body: "%s"
    headers: {}
    method: GET
    uri: %s/v1/things?limit=1
  response: {body: {string: '{"uri": "x"}'}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


OTHERS = {
    "Ruby VCR": """http_interactions:
- request: {method: get, uri: '%s/x', body: {encoding: UTF-8, string: ''}, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {encoding: UTF-8, string: ok}}
recorded_with: VCR 6.1.0
""",
    "go-vcr": """version: 2
interactions:
- id: 0
  request: {body: '', form: {}, headers: {}, url: '%s/x', method: GET}
  response: {body: ok, headers: {}, status: 200 OK, code: 200}
""",
    "a fold": VCRPY.replace("uri: %s", "uri: >-\n      %s") % ("", "%s"),
    "a key by itself": VCRPY.replace("uri: %s", "? uri\n    : %s") % ("", "%s"),
    "an anchor": VCRPY.replace("uri: %s", "uri: &first %s") % ("", "%s"),
    "a log-in": VCRPY.replace("uri: %s", "uri: %s") % ("", "%s"),
}


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9123", "https://api.example.org"])
@pytest.mark.parametrize("written", OTHERS)
def test_so_it_was_however_that_tool_writes(tmp_path: Path, written: str, origin: str) -> None:
    told = origin.replace("://", "://ada:hunter2@") if written == "a log-in" else origin
    (tmp_path / "a.yaml").write_text(OTHERS[written].replace("%s", told))
    assert folder.likely_upstream(tmp_path / "a.yaml") == origin
    escaped = json.dumps({"version": 1, "interactions": [
        {"request": {"method": "GET", "body": None, "headers": {}, "uri": f"{told}/a"},
         "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": ""}}}
    ]}).replace("/", "\\/")  # fmt: skip
    (tmp_path / "a.json").write_text(escaped)
    assert folder.likely_upstream(tmp_path / "a.json") == origin


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9123", "https://api.example.org", "https://[::1]:8080"])
@pytest.mark.parametrize("body", ["", "uri: https://other.example.org/", "x" * 5000])
def test_a_cassette_of_another_tool_was_recorded_from_the_origin_of_its_first_request(
    tmp_path: Path, origin: str, body: str
) -> None:
    (tmp_path / "a.yaml").write_text(VCRPY % (body, origin))
    assert folder.likely_upstream(tmp_path / "a.yaml") == origin
    (tmp_path / "a.json").write_text(json.dumps({"interactions": [{"request": {"body": body, "uri": f"{origin}/a"}}]}))
    assert folder.likely_upstream(tmp_path / "a.json") == origin


def test_where_nothing_tells_what_was_recorded_an_example_stands(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\ninteractions: []\n")
    assert folder.likely_upstream(tmp_path / "a.yaml") == folder.ANY_API


def test_a_cassette_that_is_not_there_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "paging.yaml").write_text("version: 1\ninteractions: []\n")
    (tmp_path / "pagings.yaml").write_text("no: cassette\n")
    for name in ("paging", "pagin.yaml"):
        with pytest.raises(CassetteError, match=rf"Did you mean {tmp_path}/paging\.yaml\?"):
            folder.existing(tmp_path / name)
    for name in ("life.yaml", "none/paging.yaml"):
        with pytest.raises(CassetteError, match=r"Give the path of one\.$"):
            folder.existing(tmp_path / name)
