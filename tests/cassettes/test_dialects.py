"""Files of other tools: played where it is plain what they mean, else refused by the tool's name. All are made up."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from replayer.cassettes import folder
from replayer.core.cassette import Interaction
from replayer.core.message import wire
from replayer.errors import CassetteError, UsageError

RUBY = """---
http_interactions:
- request:
    method: post
    uri: https://api.example.com/v1/orders?x=%C3%BC
    body:
      encoding: UTF-8
      string: name=a&amount=5
    headers:
      Content-Type:
      - application/x-www-form-urlencoded
  response:
    status:
      code: 201
      message: Created
    headers:
      Content-Type:
      - application/json
      Content-Length:
      - '99'
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        eyJvayI6ICLDvCJ9
    http_version:
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.1.0
"""
GO = """---
version: 1
interactions:
- request:
    body: ""
    form:
      name:
      - a
      tag:
      - x y
      - z
    headers:
      Content-Type:
      - application/x-www-form-urlencoded
    url: https://api.example.com/v1/orders
    method: POST
  response:
    body: '{"ok": true}'
    headers:
      Content-Type:
      - application/json
    status: 201 Created
    code: 201
    duration: 12.3ms
"""
GO_2 = GO.replace("version: 1", "version: 2").replace(
    "- request:\n", "- id: 0\n  request:\n    proto: HTTP/1.1\n    content_length: 0\n    host: api.example.com\n"
)
PARSED = """interactions:
- request:
    headers:
      content-type: [application/json]
    method: POST
    parsed_body:
      messages: [{content: "Grüße", role: user}]
      n: 1
    uri: https://api.example.com/v1/chat
  response:
    headers:
      content-type: [application/json]
      content-length: ['1234']
    parsed_body: {id: x, n: 10.5, none: null}
    status: {code: 200, message: OK}
version: 1
"""


def read(tmp_path: Path, text: str, name: str = "a.yaml") -> Interaction:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    (found,) = folder.existing(path).interactions
    return found


def betamax(**body: Any) -> str:
    interaction = {
        "request": {
            "method": "GET",
            "uri": "https://api.example.com/v1/x",
            "body": {"encoding": "utf-8", "string": ""},
            "headers": {"Accept": ["*/*"], "Connection": "keep-alive"},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Type": ["text/plain"]},
            "body": body,
            "url": "https://api.example.com/v1/x",
        },
        "recorded_at": "2013-09-28T01:25:38",
    }
    return json.dumps({"http_interactions": [interaction], "recorded_with": "betamax/0.8.1"}, indent=2)


def test_a_file_of_ruby_vcr_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, RUBY)
    assert (found.request.method, found.request.uri) == ("POST", "https://api.example.com/v1/orders?x=%C3%BC")
    assert found.request.body == b"name=a&amount=5"
    assert (found.response.status, found.response.reason) == (201, "Created")
    assert found.response.body.decode() == '{"ok": "ü"}'
    assert wire.header(found.response.headers, "content-length") is None


R = """http_interactions:
- request:
    method: get
    uri: https://api.example.com/v1/x
    body: {encoding: '', string: ''}
    headers: {User-Agent: vcr}
  response:
    status: {status_code: 200, category: Success, reason: OK, message: 'Success: (200) OK'}
    headers: {status: HTTP/1.1 200 OK, content-type: application/json}
    body: {encoding: UTF-8, file: false, string: '{"ok": true}'}
  recorded_at: 2018-04-03 22:55:02 GMT
  recorded_with: vcr/0.1.0, webmockr/0.2.4
"""
RUST = """{"http_interactions": [{"request": {"body": {"string": ""}, "method": "get", "uri": "https://api.example.com/v1/x",
"headers": {}, "version": "HTTP/1.1"}, "response": {"body": {"string": "{\\"ok\\": true}"}, "http_version": "1.1",
"status": {"code": 200, "message": "OK"}, "headers": {}}}], "recorded_with": "rVCR 0.1.5"}
"""


@pytest.mark.parametrize("text", [R, RUST])
def test_files_that_others_write_as_ruby_does_are_read(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert (found.request.method, found.request.uri) == ("GET", "https://api.example.com/v1/x")
    assert (found.response.status, found.response.reason, found.response.body) == (200, "OK", b'{"ok": true}')


@pytest.mark.parametrize("text", [GO, GO_2])
def test_a_file_of_go_vcr_is_read(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert (found.request.method, found.request.uri) == ("POST", "https://api.example.com/v1/orders")
    assert found.request.body == b"name=a&tag=x+y&tag=z"
    assert (found.response.status, found.response.reason, found.response.body) == (201, "Created", b'{"ok": true}')


@pytest.mark.parametrize(
    ("body", "read_as"),
    [
        ({"encoding": "utf-8", "string": "Grüße 💶"}, "Grüße 💶".encode()),
        ({"encoding": "ISO-8859-1", "string": "Grüße"}, "Grüße".encode("latin-1")),
        ({"encoding": None, "string": "plain"}, b"plain"),
        ({"encoding": "utf-8", "base64_string": base64.b64encode(b"\xff\x00\x01").decode()}, b"\xff\x00\x01"),
        ({"string": ""}, b""),
    ],
)
def test_a_file_of_betamax_is_read(tmp_path: Path, body: dict[str, Any], read_as: bytes) -> None:
    found = read(tmp_path, betamax(**body), "a.json")
    assert (found.request.method, found.response.body) == ("GET", read_as)
    assert found.request.headers == (("Accept", "*/*"), ("Connection", "keep-alive"))


def test_bodies_that_stand_in_a_file_as_values_are_written_as_json(tmp_path: Path) -> None:
    found = read(tmp_path, PARSED)
    assert json.loads(found.request.body) == {"messages": [{"content": "Grüße", "role": "user"}], "n": 1}
    assert found.response.body == b'{"id": "x", "n": 10.5, "none": null}'
    assert wire.header(found.response.headers, "content-length") is None


def test_a_body_that_stands_beside_its_value_wins(tmp_path: Path) -> None:
    both = PARSED.replace("    parsed_body: {id", "    body: {string: '{\"id\":1}'}\n    parsed_body: {id")
    assert read(tmp_path, both).response.body == b'{"id":1}'


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ('{"log": {"version": "1.2", "entries": []}}', "HAR"),
        ('{"log": {"_recordingName": "x", "entries": []}}', "Polly.js"),
        ('{"data": {"pairs": []}, "meta": {}}', "Hoverfly"),
        ('{"mappings": []}', "WireMock"),
        ('{"request": {"url": "/x"}, "response": {"status": 200}}', "WireMock"),
        ('[{"scope": "https://x.io:443", "method": "GET", "path": "/x"}]', "nock"),
        ('{"Entries": [], "Variables": {}}', "Azure test-proxy"),
    ],
)
def test_a_file_that_is_not_played_is_refused_with_the_line_that_imports_it(
    tmp_path: Path, text: str, tool: str
) -> None:
    with pytest.raises(CassetteError) as caught:
        read(tmp_path, text)
    assert f":1: this is {tool}'s format, and no cassette. " in str(caught.value)
    assert f"Import it: replayer import {tmp_path / 'a.yaml'} --out cassettes." in str(caught.value)


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ('{"imposters": []}', "mountebank"),
        ("- request: {method: GET, url: 'https://x.io/x'}\n  response: {status: {code: 200}}\n", "PHP-VCR"),
        ('[{"request": {"url": "https://x.io/x", "request_body": ""}, "response": {"body": "x"}}]', "ExVCR"),
        ("--- !ruby/object:VCR::Cassette\nx: 1\n", "Ruby VCR"),
        ("- !ruby/struct:VCR::HTTPInteraction\n  request: x\n", "Ruby VCR"),
        ("!tape\nname: x\ninteractions: []\n", "Betamax of Groovy, or OkReplay,"),
        ('{"req": {"url": "/x"}, "res": {"status": 200}}', "talkback"),
        ("{\n  meta: {host: 'http://x.io'},\n  req: {url: '/x'},\n  res: {status: 200},\n}\n", "talkback"),
        ('{"info": {"name": "x"}, "item": []}', "Postman"),
        ('{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": []}', "Pact"),
        ('[{"Request": {"Method": "GET", "Uri": "https://x.io/"}, "Response": {}}]', "EasyVCR"),
        ('[{"Request": {"Method": "GET", "URI": "https://x.io/"}, "Response": {}}]', "Scotch"),
        ('[{"httpRequest": {"path": "/x"}, "httpResponse": {"statusCode": 200}}]', "MockServer"),
        ('{"uuid": "x", "lastMigration": 20, "routes": []}', "Mockoon"),
        ('{"_type": "export", "__export_format": 4, "resources": []}', "Insomnia"),
        ("openapi: 3.0.0\ninfo: {title: x}\npaths: {}\n", "OpenAPI"),
        ('{"name": "x", "interactions": [{"recordedAt": 1, "request": {"url": "x"}, "response": {}}]}', "DVR"),
        ("module.exports = function (req, res) {\n  res.statusCode = 200;\n}\n", "yakbak"),
    ],
)
def test_a_file_that_nobody_reads_is_refused_by_the_name_of_its_tool(tmp_path: Path, text: str, tool: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(tmp_path, text)
    assert f": {tool} wrote this" in str(caught.value)
    assert "ecord it again" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RUBY.replace("  response:\n", "  responses:\n"), "interaction 1 has no 'response'"),
        (RUBY.replace("uri: https", "url: https"), "interaction 1: request.uri is empty, not text"),
        (GO.replace("code: 201", "code: twohundred"), "interaction 1: response.status.code is text"),
        ("http_interactions: 5\n", "interactions is a number, not a list"),
        (betamax(encoding="utf-9", string="ü"), "is not in the encoding that it names"),
    ],
)
def test_a_fault_in_a_file_of_another_tool_is_told(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(tmp_path, text)
    assert fault in str(caught.value)


# -- older files of vcrpy ---------------------------------------------------------------------------------------------

OLD = """interactions:
- request: {body: null, headers: %s, method: GET, uri: 'http://x.io/a'}
  response:
    body: {string: ok}
    headers: %s
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize(
    "listed",
    [
        "[[Content-Type, text/plain], [X-Two, a], [X-Two, b]]",
        "[!!python/tuple [Content-Type, text/plain], !!python/tuple [X-Two, a], !!python/tuple [X-Two, b]]",
        '["Content-Type: text/plain\\r\\n", "X-Two: a\\r\\n", "X-Two: b\\r\\n"]',
        "[{Content-Type: text/plain}, {X-Two: [a, b]}]",
    ],
)
def test_headers_in_a_list_are_read(tmp_path: Path, listed: str) -> None:
    found = read(tmp_path, OLD % (listed, listed))
    pairs = (("Content-Type", "text/plain"), ("X-Two", "a"), ("X-Two", "b"))
    assert (found.request.headers, found.response.headers) == (pairs, pairs)


def test_a_list_that_holds_no_headers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="is a list with something that is no header"):
        read(tmp_path, OLD % ("{}", "[nothing]"))


# -- what no file may say ---------------------------------------------------------------------------------------------

OURS = """version: 1
replayer:
  upstream: https://x.io
  rules: generic
  epoch: '%s'
interactions: []
...
"""


@pytest.mark.parametrize("uri", ["https://[::1/v1", "https://x.io:99999/v1", "http://x.io:http/"])
def test_an_address_that_is_none_is_refused_in_any_file(tmp_path: Path, uri: str) -> None:
    foreign = OLD.replace("http://x.io/a", uri) % ("{}", "{}")
    ours = foreign.replace("version: 1\n", "").replace("body: null", "body: null")
    ours = OURS.replace("interactions: []\n...\n", "") % "2026-11-22T00:00:00Z" + ours + "...\n"
    for text in (foreign, ours):
        with pytest.raises(CassetteError, match=r"request\.uri is '.*', which is no address"):
            read(tmp_path, text)


@pytest.mark.parametrize(
    "epoch",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
        "0001-01-01",
    ],
)
def test_an_epoch_at_the_end_of_the_calendar_is_refused(tmp_path: Path, epoch: str) -> None:
    (tmp_path / "a.yaml").write_text(OURS % epoch, "utf-8")
    with pytest.raises(CassetteError, match=r"a\.yaml:5: replayer\.epoch is .*(too far away|not a time)"):
        folder.existing(tmp_path / "a.yaml")


@pytest.mark.parametrize("name", ["a/" * 2000 + "b.yaml", "a/" * 100 + "b.yaml"])
def test_a_name_of_too_many_folders_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="nests deeper than 64 folders") as caught:
        folder.locate(tmp_path, name)
    assert len(str(caught.value)) < 500
