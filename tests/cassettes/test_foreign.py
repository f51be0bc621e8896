"""Cassettes of other tools: their forms are understood, their faults are told, and nothing of theirs is run."""

from pathlib import Path

import pytest

from replayer.cassettes import formats
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.session import verdicts
from replayer.errors import CassetteError
from tests.core.build import NOW, session

PLAIN = """\
interactions:
- request:
    body: {body}
    headers:
      Accept: {accept}
    method: GET
    uri: http://api.example.com/a%2Fb?c=d
  response:
    body: {{string: ok}}
    headers:
      Content-Type: [text/plain]
    status: {{code: 200, message: OK}}
version: 1
"""


def loads(body: str = "null", accept: str = "['*/*']") -> Cassette:
    return formats.loads(PLAIN.format(body=body, accept=accept).encode(), "old.yaml")


def sent(body: str, media: str = "text/plain") -> bytes:
    text = PLAIN.format(body=body, accept="['*/*']").replace("Accept", "Content-Type", 1).replace("'*/*'", media)
    return formats.loads(text.encode(), "old.yaml").interactions[0].request.body


def error(text: str) -> str:
    with pytest.raises(CassetteError) as caught:
        formats.loads(text.encode(), "old.yaml")
    return str(caught.value)


UNTYPED = """\
interactions:
- request: {body: 'name=a+b&amount=5', headers: {}, method: POST, uri: 'https://api.example.com/orders'}
  response: {body: {string: ok}, headers: {}, status: {code: 200, message: OK}}
version: 1
"""


@pytest.mark.parametrize("body", [b"name=a+b&amount=5", b"amount=5&name=a%20b"])
@pytest.mark.parametrize("headers", [(), (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)])
def test_a_form_without_its_type_is_asked_for_with_it_and_without(
    body: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    cassette = formats.loads(UNTYPED.encode(), "old.yaml")
    asked = Request("POST", "/orders", headers, body, "https://api.example.com")
    verdict = session(cassette, Mode.NONE).decide(asked, NOW)
    assert isinstance(verdict, verdicts.Replay), verdict
    assert verdict.response.body == b"ok"


def test_a_plain_cassette_is_read_and_has_no_facts() -> None:
    cassette = loads()
    assert cassette.facts is None
    assert cassette.interactions[0].request == Request(
        "GET", "/a%2Fb?c=d", (("Accept", "*/*"),), b"", "http://api.example.com"
    )
    assert cassette.interactions[0].response == Response(200, "OK", (("Content-Type", "text/plain"),), b"ok")


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "[text/html, null]",
        "!!python/unicode text/html",
        "text/html\n      X-None: null",
        "text/html\n      X-None: [null]",
        "!!binary dGV4dC9odG1s",
        "[!!binary dGV4dC9odG1s]",
        "!!python/tuple [text/html]",
    ],
)
def test_header_values_may_be_text_bytes_or_lists(accept: str) -> None:
    assert loads(accept=accept).interactions[0].request.headers == (("Accept", "text/html"),)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("null", b""),
        ("a=1", b"a=1"),
        ("!!binary /w==", b"\xff"),
        ("!!python/unicode 'a=1'", b"a=1"),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary YT0x, 0, null]}", b"a=1"),
        ("!!python/object/apply:builtins.iter {args: [[!!binary YT0=, !!binary MQ==]]}", b"a=1"),
        ("{a: '1', b: x y}", b"a=1&b=x+y"),
        ("[[a, '1'], [a, '2']]", b"a=1&a=2"),
        ("{a: 1, b: {c: null}}", b'{"a": 1, "b": {"c": null}}'),
        ("[1, 2]", b"[1, 2]"),
        ("[!!binary YT0=, !!binary MQ==]", b"a=1"),
        ("true", b"true"),
    ],
)
def test_request_bodies_come_in_many_forms(body: str, expected: bytes) -> None:
    assert sent(body) == expected


def test_a_body_that_could_be_either_is_what_the_content_type_says() -> None:
    assert sent("{a: '1'}", "application/json") == b'{"a": "1"}'
    assert sent("{a: 1}", "application/x-www-form-urlencoded") == b"a=1"


def test_a_body_that_is_no_body_is_refused() -> None:
    message = error(PLAIN.format(body="2026-11-22", accept="a"))
    assert message.startswith("old.yaml:3: interaction 1: request.body is a date, which is no body.")


def test_the_old_form_of_httpx_responses_is_understood() -> None:
    text = """\
interactions:
- request: {body: '', headers: {}, method: GET, uri: 'https://h/'}
  response:
    content: 'caf\xe9'
    headers: {content-encoding: [gzip], content-length: ['33']}
    http_version: HTTP/1.1
    status_code: 203
version: 1
"""
    response = formats.loads(text.encode(), "old.yaml").interactions[0].response
    assert response == Response(203, "", (), "caf\xe9".encode())


def test_a_response_without_a_body_or_a_reason_is_empty() -> None:
    text = PLAIN.format(body="null", accept="a").replace("{string: ok}", "{}").replace("message: OK", "message: null")
    response = formats.loads(text.encode(), "old.yaml").interactions[0].response
    assert (response.body, response.reason) == (b"", "")


def test_a_tag_that_would_run_something_is_refused_and_not_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    message = error(PLAIN.format(body=f"!!python/object/apply:os.mkdir ['{touched}']", accept="a"))
    assert message == (
        "old.yaml:3: the tag '!!python/object/apply:os.mkdir' is refused, nothing was made of it. "
        "Remove it, or record again."
    )
    assert not touched.exists()


def test_what_vcrpy_cannot_make_is_told_and_not_thrown() -> None:
    message = error(PLAIN.format(body="!!python/object/apply:builtins.iter {args: [5]}", accept="a"))
    assert (
        message == "old.yaml:1: vcrpy cannot read it: 'int' object is not iterable. Delete the file and record again."
    )


def test_a_version_0_cassette_is_told_how_to_become_one_of_version_1() -> None:
    message = error("- request: {method: GET}\n  response: {}\n")
    assert message == "old.yaml:1: vcrpy wrote this cassette before its version 1. Run `python -m vcr.migration` on it."


def test_a_fault_is_told_with_its_line() -> None:
    message = error(PLAIN.format(body="null", accept="a").replace("code: 200", "code: OK"))
    assert message == (
        "old.yaml:12: interaction 1: response.status.code is text, not a whole number. Correct it, or record again."
    )


def test_a_body_in_base64_is_read_and_one_under_another_name_is_not_taken_for_none() -> None:
    text = """interactions:
- request: {body: null, headers: {}, method: GET, uri: https://x.io/a}
  response: {body: %s, headers: {}, status: {code: 200, message: OK}}
version: 1
"""
    cassette = formats.loads((text % "{base64_string: aGk=}").encode(), "a.yaml")
    assert cassette.interactions[0].response.body == b"hi"
    for body in ("{base64_string: '%%%'}", "{text: hi}"):
        with pytest.raises(CassetteError):
            formats.loads(text.replace("%s", body).encode(), "a.yaml")


def test_what_opens_something_in_a_request_is_no_part_of_what_it_asks_and_is_told_by_no_miss() -> None:
    one, other = "9f8a7b6c5d4e3f2a1b0c9d8e", "0c1d2e3f4a5b6c7d8e9f0a1b"
    cassette = formats.loads(
        PLAIN.format(body="null", accept="['*/*']").replace("c=d", f"api_key={one}").encode(), "o.yaml"
    )
    of = session(cassette, Mode.NONE)
    played = of.decide(Request("GET", f"/a%2Fb?api_key={other}", ()), NOW)
    assert isinstance(played, verdicts.Replay)
    missed = of.decide(Request("GET", f"/a%2Fb?api_key={other}&page=2", ()), NOW)
    assert isinstance(missed, verdicts.Refuse)
    assert "Closest: " in missed.message
    assert one not in missed.message
