"""Replayer's own answers look like the API's, and say what to do."""

import json
from typing import Any

from aiohttp import web

from replayer.core.message import Response
from replayer.core.session import verdicts
from replayer.proxy import answers


def text(answer: web.StreamResponse) -> str:
    assert isinstance(answer, web.Response)
    assert answer.content_type == "application/json"
    return answer.text or ""


def error(answer: web.StreamResponse) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text(answer))["error"]
    return told


def test_a_response_of_the_session_is_answered_as_it_is() -> None:
    headers = (("Link", "<a>"), ("Content-Type", "text/plain; charset=latin-1"), ("Link", "<b>"))
    answer = answers.ready(Response(203, "Not Really", headers, b"\xfc"))
    assert (answer.status, answer.reason, answer.body) == (203, "Not Really", b"\xfc")
    assert answer.headers.getall("Link") == ["<a>", "<b>"]
    assert answer.headers["Content-Type"] == "text/plain; charset=latin-1"


def test_an_answer_without_a_reason_gets_the_usual_one() -> None:
    assert answers.ready(Response(404)).reason == "Not Found"


def test_an_error_is_worded_as_the_api_words_its_own() -> None:
    lines = [
        "{",
        '  "error": {',
        '    "code": "x",',
        '    "message": "ü is \\"down\\"",',
        '    "type": "api_error"',
        "  }",
        "}",
    ]
    assert text(answers.envelope(502, "x", 'ü is "down"')) == "\n".join([*lines, ""])


def test_a_miss_is_a_421_that_no_sdk_tries_again() -> None:
    answer = answers.miss(verdicts.Reason.USED_UP, "It was played.\nTo fix: record it.")
    assert answer.status == 421
    assert answer.headers["Stripe-Should-Retry"] == "false"
    assert answer.headers["Replayer-Miss"] == "used-up"
    assert error(answer)["code"] == "replayer_used_up"
    assert error(answer)["message"] == "It was played.\nTo fix: record it."


def test_a_failing_upstream_is_a_502_that_may_be_tried_again() -> None:
    told = answers.upstream_failed("https://api.stripe.com", "it did not answer in time")
    assert (told.answer.status, told.outcome) == (502, "failed")
    assert "Stripe-Should-Retry" not in told.answer.headers
    assert told.note == (
        "The upstream https://api.stripe.com gave no answer: it did not answer in time. Nothing was recorded."
    )
    assert error(told.served("GET"))["message"] == told.note


def test_what_may_not_be_written_is_a_502_that_is_not_tried_again() -> None:
    told = answers.unsafe("It still holds an API key.")
    assert (told.answer.status, told.outcome, told.note) == (502, "failed", "It still holds an API key.")
    assert told.served("GET").headers["Stripe-Should-Retry"] == "false"


def test_a_request_that_is_too_long_is_told_the_bound_and_its_name() -> None:
    told = answers.too_long(1000)
    assert (told.answer.status, told.outcome) == (413, "refused")
    assert error(told.served("GET"))["code"] == "replayer_body_limit"
    assert "body_limit, 1000 bytes" in error(told.served("GET"))["message"]


def test_what_cannot_be_read_is_not_repeated() -> None:
    told = answers.unreadable()
    assert (told.answer.status, told.outcome) == (400, "refused")
    assert error(told.served("GET"))["message"] == "This is no HTTP that Replayer can read."
