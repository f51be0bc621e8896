"""vcrpy's settings mean here what they mean there: each in a recording of vcrpy and in one of ours, of the same API."""

import inspect
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import vcr  # type: ignore[import-untyped]  # vcrpy has no types

from replayer import Replayer, UsageError
from replayer.vcr_words import REFUSED, TAKEN

Exchange = tuple[str, str, dict[str, Any]]
"""Method, target and what else `requests` is given."""


class Echo(BaseHTTPRequestHandler):
    """An API that answers with what it was asked, and counts."""

    seen: list[tuple[str, str, str]] = []  # noqa: RUF012 - of all requests to this class

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.seen.append((self.path, body, self.headers.get("X-Api-Key") or ""))
        answer = json.dumps({"count": len(self.seen), "visitor": "somebody"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Served-By", "machine-7")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815 - their names are the library's

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def api() -> Iterator[str]:
    Echo.seen.clear()
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url: str, exchange: Exchange) -> requests.Response:
    method, target, more = exchange
    return requests.request(method, url + target, timeout=5, **more)


def ours(place: Path, url: str, exchanges: list[Exchange], **words: Any) -> tuple[list[int], list[str]]:
    """What each exchange is answered, and what was missed."""
    given = {"upstream": url, "record_mode": "once", **words} if url else words
    with Replayer("ours.yaml", root=place, **given) as running:
        statuses = [ask(running.url, exchange).status_code for exchange in exchanges]
        return statuses, [miss.message for miss in running.misses]


def theirs(place: Path, mode: str, words: dict[str, Any]) -> Any:
    """vcrpy's block; it wants the functions of a user by a name."""
    mine = vcr.VCR()
    mine.register_matcher("same_path", same_path)
    names = ["same_path" if each is same_path else each for each in words.get("match_on", ())]
    given = {**words, "match_on": names} if names else words
    return mine.use_cassette(str(place / "theirs.yaml"), record_mode=mode, **given)


def theirs_plays(place: Path, url: str, exchange: Exchange, **words: Any) -> bool:
    """Whether vcrpy answers it from its own cassette."""
    with theirs(place, "none", words):
        try:
            return ask(url, exchange).status_code == 200
        except vcr.errors.CannotOverwriteExistingCassetteException:
            return False


def same_path(one: Any, other: Any) -> None:
    assert one.path.split("/")[:-1] == other.path.split("/")[:-1]


def stripped(request: Any) -> Any:
    request.uri = request.uri.partition("?")[0]
    return request


# The settings, what is recorded with them, and what is asked then.
CASES: dict[str, tuple[dict[str, Any], Exchange, Exchange]] = {
    "by default": ({}, ("POST", "/a", {"json": {"n": 1}}), ("POST", "/a", {"json": {"n": 1}})),
    "body left out": (
        {"match_on": ["method", "path"]},
        ("POST", "/a", {"json": {"n": 1}}),
        ("POST", "/a", {"json": {"n": 2}}),
    ),
    "query compared": ({"match_on": ["method", "query"]}, ("GET", "/a?n=1", {}), ("GET", "/b?n=2", {})),
    "body compared": ({"match_on": ["body"]}, ("POST", "/a", {"json": {"n": 1}}), ("POST", "/b", {"json": {"n": 2}})),
    "a matcher": ({"match_on": ["method", same_path]}, ("GET", "/a/1", {}), ("GET", "/a/2", {})),
    "no such path": ({"match_on": ["method", same_path]}, ("GET", "/a/1", {}), ("GET", "/b/1", {})),
    "a parameter": ({"filter_query_parameters": ["key"]}, ("GET", "/a?key=1&n=1", {}), ("GET", "/a?key=2&n=1", {})),
    "another one": ({"filter_query_parameters": ["key"]}, ("GET", "/a?key=1&n=1", {}), ("GET", "/a?key=2&n=3", {})),
    "a replaced one": (
        {"filter_query_parameters": [("key", "KEY")]},
        ("GET", "/a?key=1", {}),
        ("GET", "/a?key=2", {}),
    ),
    "a request hook": ({"before_record_request": stripped}, ("GET", "/a?n=1", {}), ("GET", "/a?n=2", {})),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_is_found_that_vcrpy_finds(name: str, api: str, tmp_path: Path) -> None:
    words, first, second = CASES[name]
    with theirs(tmp_path, "once", words):
        ask(api, first)
    found = theirs_plays(tmp_path, api, second, **words)
    assert ours(tmp_path, api, [first], **words) == ([200], [])
    statuses, missed = ours(tmp_path, "", [second], **words)
    assert (statuses == [200], not missed) == (found, found), missed
    # And each plays what vcrpy has recorded.
    (tmp_path / "ours.yaml").write_bytes((tmp_path / "theirs.yaml").read_bytes())
    assert (ours(tmp_path, "", [second], **words)[0] == [200]) is found


def test_each_recorded_answer_is_given_once_or_again(api: str, tmp_path: Path) -> None:
    words: dict[str, Any] = {"match_on": ["method", "path"]}
    get: Exchange = ("GET", "/a", {})
    assert ours(tmp_path, api, [get], **words)[0] == [200]
    statuses, missed = ours(tmp_path, "", [get, get], **words)
    assert statuses == [200, 421]
    assert "Each recorded answer is given once: allow_playback_repeats gives it again." in missed[0]
    assert ours(tmp_path, "", [get, get, get], **words, allow_playback_repeats=True)[0] == [200] * 3
    with vcr.use_cassette(str(tmp_path / "ours.yaml"), record_mode="none", allow_playback_repeats=True, **words):
        assert [ask(api, get).status_code for _ in range(3)] == [200] * 3


def test_what_is_filtered_reaches_the_api_and_no_file(api: str, tmp_path: Path) -> None:
    words = {
        "filter_headers": ["x-api-key"],
        "filter_query_parameters": [("token", "REDACTED")],
        "filter_post_data_parameters": ["pin_code"],
    }
    secret = "made-up-secret-4711"
    sent: Exchange = ("POST", f"/a?token={secret}", {"data": {"pin_code": "0815-4711", "n": 1}})
    sent[2]["headers"] = {"X-Api-Key": "key-of-somebody-1"}
    assert ours(tmp_path, api, [sent], **words)[0] == [200]
    assert Echo.seen == [(f"/a?token={secret}", "pin_code=0815-4711&n=1", "key-of-somebody-1")]
    text = (tmp_path / "ours.yaml").read_text()
    assert "uri: " in text
    assert "token=REDACTED" in text
    for hidden in (secret, "0815-4711", "pin_code", "key-of-somebody-1"):
        assert hidden not in text
    other: Exchange = ("POST", "/a?token=another", {"data": {"pin_code": "1", "n": 1}})
    assert ours(tmp_path, "", [other], **words) == ([200], [])


def test_an_answer_is_recorded_and_shown_as_a_function_leaves_it(api: str, tmp_path: Path) -> None:
    def hide(response: dict[str, Any]) -> dict[str, Any]:
        response["body"]["string"] = response["body"]["string"].replace(b"somebody", b"nobody")
        response["headers"].pop("X-Served-By", None)
        return response

    shown = []
    ways: tuple[dict[str, Any], ...] = ({"upstream": api, "record_mode": "once"}, {})
    for given in ways:
        with Replayer("ours.yaml", root=tmp_path, before_record_response=hide, **given) as running:
            answer = requests.get(f"{running.url}/a", timeout=5)
            shown.append((answer.json()["visitor"], "X-Served-By" in answer.headers))
    assert shown == [("nobody", False)] * 2  # the recording shows what the replay will
    assert "somebody" not in (tmp_path / "ours.yaml").read_text()


def test_what_a_function_leaves_out_is_passed_on_and_missed_by_a_replay(api: str, tmp_path: Path) -> None:
    words = {"before_record_request": lambda request: None if request.path == "/health" else request}
    both: list[Exchange] = [("GET", "/health", {}), ("GET", "/a", {})]
    assert ours(tmp_path, api, both, **words) == ([200, 200], [])
    assert "/health" not in (tmp_path / "ours.yaml").read_text()
    statuses, missed = ours(tmp_path, "", both, **words)
    assert statuses == [421, 200]
    assert missed[0].startswith("GET /health is left out of the cassette by before_record_request, and a replay sends ")


def test_an_answer_that_a_function_leaves_out_is_not_recorded(api: str, tmp_path: Path) -> None:
    words = {
        "before_record_response": lambda response: None if b'"count": 1' in response["body"]["string"] else response
    }
    assert ours(tmp_path, api, [("GET", "/a", {}), ("GET", "/b", {})], **words) == ([200, 200], [])
    text = (tmp_path / "ours.yaml").read_text()
    assert (f"{api}/a" in text, f"{api}/b" in text) == (False, True)


@pytest.mark.parametrize("words", [{"ignore_localhost": True}, {"ignore_hosts": ["127.0.0.1"]}])
def test_an_ignored_host_is_not_recorded(api: str, tmp_path: Path, words: dict[str, Any]) -> None:
    assert ours(tmp_path, api, [("GET", "/a", {})], **words)[0] == [200]
    assert not (tmp_path / "ours.yaml").exists()
    assert urlsplit(api).hostname == "127.0.0.1"


def test_a_recording_that_raised_is_kept_only_where_that_is_wanted(api: str, tmp_path: Path) -> None:
    def fail(name: str, words: dict[str, Any]) -> None:
        with Replayer(name, root=tmp_path, upstream=api, record_mode="once", **words) as running:
            requests.get(f"{running.url}/a", timeout=5)
            raise KeyError(name)

    def record(name: str, **words: Any) -> bool:
        with pytest.raises(KeyError):
            fail(name, words)
        return (tmp_path / name).exists()

    assert record("kept.yaml", record_on_exception=True)
    assert not record("left.yaml", record_on_exception=False)


def test_a_cassette_of_vcrpy_in_json_is_played(api: str, tmp_path: Path) -> None:
    with vcr.use_cassette(str(tmp_path / "theirs.json"), serializer="json"):
        ask(api, ("GET", "/a", {}))
    with Replayer("theirs.json", root=tmp_path) as running:
        assert ask(running.url, ("GET", "/a", {})).json()["count"] == 1
    with Replayer("theirs.json", root=tmp_path, serializer="json", record_mode="once", upstream=api) as running:
        assert ask(running.url, ("GET", "/a", {})).json()["count"] == 1
    again = Replayer("theirs.json", root=tmp_path, upstream=api, record_mode="all")
    with pytest.raises(UsageError, match=r"a cassette is YAML.*\. Name it theirs\.yaml\."), again:
        pass
    new = Replayer("new.yaml", root=tmp_path, upstream=api, record_mode="once", serializer="json")
    with pytest.raises(UsageError, match=r"a cassette is YAML.*\. Leave serializer out\."), new:
        pass
    with pytest.raises(UsageError, match="serializer"):
        Replayer("theirs.json", root=tmp_path, serializer="pickle")


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_nothing_here_is_refused_with_what_to_do_instead(name: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {name: "anything"}
    with pytest.raises(UsageError) as refused:
        Replayer("a.yaml", root=tmp_path, **given)
    assert str(refused.value) == f"vcrpy's {name} means nothing here. {REFUSED[name]}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"match_on": ["boddy"]}, "'boddy' is not a matcher. There are method, scheme, "),
        (
            {"match_on": ["headers"]},
            "match_on cannot have 'headers': of a request only those are recorded that choose ",
        ),
        ({"match_on": "method"}, "vcrpy's match_on must be a list of names and functions, not 'method'."),
        ({"ignore_localhost": "yes"}, "vcrpy's ignore_localhost must be true or false, not 'yes'."),
    ],
)
def test_a_wrong_value_is_refused(words: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        Replayer("a.yaml", root=tmp_path, **words)
    assert str(refused.value).startswith(told)


def test_all_settings_that_vcrpy_has_are_known_here() -> None:
    there = {*inspect.signature(vcr.VCR.__init__).parameters} - {"self"} | {"additional_matchers", "persister", "path"}
    there |= {"allow_playback_repeats", "before_record"}
    assert there == {*TAKEN, *REFUSED, "record_mode", "record_on_exception", "serializer", "path"}
