"""What stands in real files of other tools, one oddity at a time: what it comes to, or what is said of it."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from replayer.cassettes.formats import Given, Loss, holding
from replayer.errors import CassetteError

URL = "https://api.example.com/v1/x"


def read(document: Any, beside: dict[str, bytes] | None = None) -> tuple[list[Given], list[str]]:
    """The exchanges in a document, and what is said of the rest."""
    files = beside or {}
    found, losses = holding(json.dumps(document).encode(), "a.json").exchanges("https://usual.example.com", files.get)
    return found, [str(loss) for loss in losses]


def only(document: Any, beside: dict[str, bytes] | None = None) -> Given:
    (found,), losses = read(document, beside)
    assert losses == []
    return found


# -- HAR --------------------------------------------------------------------------------------------------------------


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries)}}


def entry(asked: dict[str, Any] | None = None, **answer: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": URL, "headers": []} | (asked or {})
    response = {"status": 200, "statusText": "OK", "headers": [], "content": {"text": "{}", "mimeType": "text/plain"}}
    return {"startedDateTime": "2026-11-22T09:00:00.500+01:00", "time": 1500, "request": request} | {
        "response": response | answer
    }


def posted(**data: Any) -> dict[str, Any]:
    return {"method": "POST", "postData": data}


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (posted(mimeType="text/plain", text="Grüße"), "Grüße".encode()),
        (posted(mimeType="image/png", text="iVBO/w==", encoding="base64"), b"\x89PN\xff"),
        (posted(mimeType="application/x-www-form-urlencoded", params=[{"name": "a b", "value": "ü"}]), b"a+b=%C3%BC"),
        (posted(mimeType="application/json", params=[], text=""), b""),
        ({"_content": {"text": "/w==", "encoding": "base64"}, "method": "PUT"}, b"\xff"),
        ({}, b""),
    ],
)
def test_the_body_of_a_request_is_read_in_whatever_way_har_has_it(asked: dict[str, Any], body: bytes) -> None:
    assert only(har(entry(asked))).interaction.request.body == body


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"text": "aGk=", "encoding": "base64", "mimeType": "text/plain"}, b"hi"),
        ({"_file": "side/a.bin", "mimeType": "application/octet-stream"}, b"\x00side"),
        ({"text": "é", "mimeType": "text/plain; charset=iso-8859-1"}, b"\xe9"),
        ({"text": "\ud83d", "mimeType": "text/plain"}, b"\xed\xa0\xbd"),
        ({"size": 0}, b""),
        ({}, b""),
    ],
)
def test_the_body_of_an_answer_is_read_in_whatever_way_har_has_it(content: dict[str, Any], body: bytes) -> None:
    found = only(har(entry(content=content)), {"side/a.bin": b"\x00side"})
    assert found.interaction.response.body == body


def test_headers_that_are_none_in_http_1_go_and_those_over_lines_are_several() -> None:
    told = [
        {"name": ":status", "value": "200"},
        {"name": "Set-Cookie", "value": "a=1\nb=2"},
        {"name": "Content-Encoding", "value": "br"},
        {"name": "Content-Length", "value": "99"},
        {"name": "X-N", "value": 3},
    ]
    found = only(har(entry({"headers": [{"name": ":path", "value": "/v1/x"}]}, headers=told)))
    assert found.interaction.request.headers == ()
    assert found.interaction.response.headers == (
        ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-N", "3"), ("Content-Type", "text/plain"),
    )  # fmt: skip


def test_an_answer_is_from_when_it_was_complete() -> None:
    assert only(har(entry())).at == 1795334400 + 1.5


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (entry(status=0, _error="net::ERR_ABORTED"), "entry 1 has no answer: net::ERR_ABORTED"),
        (entry(status=-1), "entry 1 has no answer: it was blocked, or its client gave up"),
        (entry(status=101), "entry 1 opens a WebSocket (101)"),
        (entry({"url": "wss://api.example.com/x"}), "entry 1 is of wss:, which is no HTTP"),
        (entry({"url": "data:text/css,x"}), "entry 1 is of data:, which is no HTTP"),
        (entry({"method": "CONNECT"}), "entry 1 is a tunnel and no question (CONNECT)"),
        (entry({"method": "GET /"}), "entry 1 has no method, but 'GET /'"),
        (entry(content={"size": 7}), "entry 1 lacks the body of its answer: save the file with content"),
        (entry(content={"_file": "b"}), "entry 1 has its answer in the file 'b', which is not beside it"),
        (entry(content={"text": "*", "encoding": "base64"}), "entry 1 is no base64"),
        (entry(posted(mimeType="multipart/form-data", params=[{"name": "a"}])), "entry 1 lists the parts of its "),
        ({"request": {"method": "GET", "url": URL}}, "entry 1 has no 'response'"),
        (5, "entry 1 is a number, not a mapping"),
        (entry() | {"_webSocketMessages": [{}]}, "entry 1 is a WebSocket: its messages are no answers"),
    ],
)
def test_an_entry_that_is_no_exchange_is_named_and_the_others_stay(odd: Any, said: str) -> None:
    found, losses = read(har(odd, entry()))
    assert len(found) == 1
    (loss,) = losses
    assert said in loss


def test_a_redirect_whose_body_is_missing_is_carried_over_without_it() -> None:
    found, losses = read(har(entry(status=302, content={"size": 7})))
    assert [one.interaction.response.body for one in found] == [b""]
    assert losses == [f"entry 1: GET {URL}: the body of its redirect is not in the file"]


def test_what_is_named_holds_no_query_and_no_secret() -> None:
    _, losses = read(har(entry({"url": f"{URL}/sk_test_Zq8Lm2Xv7Rt5Kp1Wn4?token=abc"}, status=0)))
    assert "token" not in losses[0]
    assert "Zq8Lm2Xv7Rt5Kp1Wn4" not in losses[0]


# -- stubs ------------------------------------------------------------------------------------------------------------


def stub(path: str, state: str = "", leads: str = "", **more: Any) -> dict[str, Any]:
    """A stub of WireMock that answers with its own path and state."""
    found: dict[str, Any] = {"request": {"method": "GET", "url": path}, "response": {"body": f"{path} {state}"}}
    if state or leads:
        found |= {"scenarioName": "s", "requiredScenarioState": state or None, "newScenarioState": leads or None}
    return found | more


def bodies(*stubs: dict[str, Any]) -> list[str]:
    found, _ = read({"mappings": list(stubs)})
    return [one.interaction.response.body.decode() for one in found]


def test_stubs_of_a_scenario_come_in_the_order_of_its_states() -> None:
    third, second, first = stub("/a", "c"), stub("/a", "b", "c"), stub("/a", "Started", "b")
    assert bodies(third, stub("/b"), second, first) == ["/a Started", "/b ", "/a b", "/a c"]


def test_what_answers_in_a_state_comes_before_what_leads_on_from_it() -> None:
    assert bodies(stub("/made", "Started", "b"), stub("/a", "b"), stub("/a", "Started")) == [
        "/a Started", "/made Started", "/a b",
    ]  # fmt: skip


def test_a_circle_of_states_is_gone_round_once() -> None:
    assert bodies(stub("/a", "Started", "b"), stub("/a", "b", "Started")) == ["/a Started", "/a b"]


def test_a_state_that_is_never_reached_is_named() -> None:
    found, losses = read({"mappings": [stub("/a", "Started", "b"), stub("/b", "nowhere")]})
    assert len(found) == 1
    assert losses == [
        "mapping 2: GET https://usual.example.com/b: its state comes after another answer than the one that was "
        "carried over"
    ]


def test_of_two_stubs_for_one_request_the_one_that_answers_is_carried_over() -> None:
    assert bodies(stub("/a", response={"body": "1"}), stub("/a", response={"body": "2"})) == ["2"]
    assert bodies(stub("/a", response={"body": "1"}, priority=1), stub("/a", response={"body": "2"})) == ["1"]


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ({"urlPattern": r"/v1/a\.b"}, "/v1/a.b"),
        ({"urlPathPattern": "^/v1/a$"}, "/v1/a"),
        ({"urlPathTemplate": "/v1/{id}", "pathParameters": {"id": {"equalTo": "a b"}}}, "/v1/a%20b"),
        (
            {"urlPath": "/a", "queryParameters": {"q": {"hasExactly": [{"equalTo": "1"}, {"matches": "b"}]}}},
            "/a?q=1&q=b",
        ),
        ({"url": "/v1/a?x=1", "queryParameters": {"y": {"absent": True}}}, "/v1/a?x=1"),
    ],
)
def test_a_stub_that_says_exactly_what_is_asked_is_an_exchange(asked: dict[str, Any], target: str) -> None:
    found, _ = read({"request": {"method": "GET"} | asked, "response": {"status": 200}})
    assert [one.interaction.request.target for one in found] == [target]


@pytest.mark.parametrize(
    "asked",
    [
        {"urlPattern": "/v1/a.b"},
        {"urlPathPattern": "/v1/[a-z]+"},
        {"urlPathTemplate": "/v1/{id}"},
        {"urlPath": "/v1/a", "queryParameters": {"q": {"matches": "a+"}}},
        {},
        {"url": "/v1/a", "bodyPatterns": [{"contains": "x"}]},
        {"url": "/v1/a", "bodyPatterns": [{"equalToJson": '{"a": "${json-unit.any-string}"}'}]},
        {"url": "/v1/a", "customMatcher": {"name": "mine"}},
    ],
)
def test_a_stub_that_answers_many_requests_is_named(asked: dict[str, Any]) -> None:
    found, losses = read({"request": {"method": "GET"} | asked, "response": {"status": 200}})
    assert (found, len(losses)) == ([], 1)


# -- the others -------------------------------------------------------------------------------------------------------


def test_polly_keeps_chunks_in_hexadecimal_or_base64_packed_or_not() -> None:
    packed = gzip.compress(b'{"a": 1}', mtime=0)
    coded = [{"name": "Content-Encoding", "value": "gzip"}]
    for content, headers in (
        ({"text": json.dumps([packed[:9].hex(), packed[9:].hex()])}, coded),
        ({"text": json.dumps([base64.b64encode(packed).decode()]), "encoding": "base64"}, coded),
        ({"text": base64.b64encode(b'{"a": 1}').decode(), "encoding": "base64"}, []),
        ({"text": b'{"a": 1}'.hex(), "_isBinary": True}, []),
        ({"text": '{"a": 1}'}, coded),
        ({"text": '["no", "hexadecimal"]'}, []),
    ):
        document = har(entry(content=content, headers=headers))
        document["log"]["_recordingName"] = "x"
        body = only(document).interaction.response.body
        assert body == (b'["no", "hexadecimal"]' if "hexadecimal" in str(content["text"]) else b'{"a": 1}')


def nock(**more: Any) -> list[dict[str, Any]]:
    return [{"scope": "https://api.example.com:443", "method": "get", "path": "/v1/x", "status": 200} | more]


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({"response": {"a": 1}}, b'{"a":1}'),
        ({"response": "plain", "headers": {"content-type": "text/plain"}}, b"plain"),
        ({"response": [gzip.compress(b"hi", mtime=0).hex()], "headers": {"content-encoding": "gzip"}}, b"hi"),
        ({"response": "ffd8", "rawHeaders": ["Content-Type", "image/jpeg"]}, b"\xff\xd8"),
        ({"response": ["a", "b"], "headers": {"content-type": "application/json"}}, b'["a","b"]'),
        ({"response": ""}, b""),
    ],
)
def test_nock_keeps_values_texts_and_hexadecimal(more: dict[str, Any], body: bytes) -> None:
    found = only(nock(**more)).interaction
    assert (found.request.uri, found.request.method, found.response.body) == (URL, "GET", body)


def test_a_call_of_nock_whose_path_matches_many_is_named() -> None:
    assert "has no path in words" in read(nock(path={"regex": "x"}))[1][0]


@pytest.mark.parametrize(
    ("body", "media", "raw"),
    [
        ({"a": "ü"}, "application/json; odata=x", '{"a":"ü"}'.encode()),
        ("Y29udGVudA==", "application/octet-stream", b"content"),
        ("\ufeff<a/>", "application/xml", b"<a/>"),
        (["--b\r\n", "b64:/w==", "\r\n"], "multipart/mixed; boundary=b", b"--b\r\n\xff\r\n"),
        (["a", 1], "application/json", b'["a",1]'),
        (None, "", b""),
    ],
)
def test_the_azure_test_proxy_keeps_values_lines_and_base64(body: Any, media: str, raw: bytes) -> None:
    one = {"RequestUri": URL, "RequestMethod": "PUT", "RequestBody": body, "StatusCode": 200}
    headers = {"Content-Type": media} if media else {}
    document = {"Entries": [one | {"RequestHeaders": headers, "ResponseHeaders": headers, "ResponseBody": body}]}
    found = only(document).interaction
    assert (found.request.body, found.response.body) == (raw, raw)


def test_betamax_before_its_third_version_wrote_the_status_elsewhere() -> None:
    answer = {"status_code": 204, "headers": {}, "body": "", "url": URL}
    one = {"request": {"method": "GET", "uri": URL, "headers": {}, "body": ""}, "response": answer}
    assert only({"http_interactions": [one], "recorded_with": "betamax"}).interaction.response.status == 204


def test_erb_of_ruby_is_named() -> None:
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "<%= name %>"}}
    one = {"request": {"method": "get", "uri": URL, "headers": {}, "body": {"string": ""}}, "response": answer}
    found, losses = read({"http_interactions": [one]})
    assert len(found) == 1
    assert losses == [f"interaction 1: GET {URL}: its ERB is text here and not run"]


# -- hostile files ----------------------------------------------------------------------------------------------------

HOSTILE: dict[str, Callable[[], Any]] = {
    "har": lambda: har(*(entry({"url": "https://[::1"}), entry({"headers": [{"name": "a\nb", "value": "x\r\ny"}]}))),
    "wiremock": lambda: {"mappings": [{"request": {"method": ["GET"], "url": 5}, "response": {"status": 2}}, 5, None]},
    "hoverfly": lambda: {"data": {"pairs": [{"request": {"path": [5], "query": 7}, "response": {"status": "x"}}, []]}},
    "azure": lambda: {"Entries": [{"RequestUri": 5}, None, []]},
    "nock": lambda: [{"scope": 5, "path": 5}, None],
    "polly": lambda: {"log": {"_recordingName": "x", "entries": [None, {"response": {"content": {"text": '["a'}}}]}},
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_nonsense_is_named_and_never_a_traceback(kind: str) -> None:
    found, losses = read(HOSTILE[kind]())
    assert all(isinstance(one, Given) for one in found)
    assert losses


def test_a_file_that_no_tool_is_known_for_is_told() -> None:
    with pytest.raises(CassetteError, match="no tool is known that writes such files"):
        holding(b'{"a": 1}', "a.json")


def test_a_loss_says_where_what_and_why() -> None:
    assert str(Loss(("entries", 2), "GET /x", "it is gone")) == "entry 3: GET /x: it is gone"
    assert str(Loss((), "", "it is gone")) == "it is gone"
