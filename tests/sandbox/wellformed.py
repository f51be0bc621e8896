"""What every answer of the API has, whatever it says: the headers, the form of the body, the envelope of an error."""

import json
import re
from email.utils import formatdate
from typing import Any

from replayer.core.message import Request, Response, wire
from replayer.sandbox.api import VERSION

DOCUMENTED = (200, 400, 401, 402, 404, 409)
TYPES = ("api_error", "card_error", "idempotency_error", "invalid_request_error")
ALL = ["Server", "Date", "Content-Type", "Content-Length"]
CORS = ["Credentials", "Methods", "Origin"]
SHARED = [*ALL, *(f"Access-Control-Allow-{what}" for what in CORS), "Access-Control-Expose-Headers"]
SHARED += ["Access-Control-Max-Age", "Cache-Control"]
LAST = ["Vary", "X-Stripe-Routing-Context-Priority-Tier"]
UNLOGGED = re.compile(r"Invalid Stripe API version: ")


def check(request: Request, response: Response, at: int) -> None:
    """Fails where the answer is not of the documented form."""
    body = response.body.decode()
    answer = json.loads(body)
    assert response.status in DOCUMENTED, (request, response)
    assert body == json.dumps(answer, indent=2, ensure_ascii=False) + ("" if response.status == 200 else "\n")
    assert [name for name, _ in response.headers] == [*SHARED, *own(request, response, answer), *LAST]
    headers = dict(response.headers)
    assert (headers["Server"], headers["Content-Type"]) == ("nginx", "application/json")
    assert headers["Date"] == formatdate(at, usegmt=True)
    assert headers["Content-Length"] == str(len(response.body))
    if response.status == 401:
        assert headers["WWW-Authenticate"] == 'Bearer realm="Stripe"'
    else:
        assert re.fullmatch(r"req_[0-9A-Za-z]{14}", headers["Request-Id"])
        assert headers["Stripe-Version"] == (wire.header(request.headers, "Stripe-Version") or VERSION)
    if response.status != 200:
        envelope(response, answer, headers)


def own(request: Request, response: Response, answer: Any) -> list[str]:
    """The headers that depend on what was asked, in alphabetical order."""
    if response.status == 401:
        return ["Content-Security-Policy", "WWW-Authenticate"]
    key, method = wire.header(request.headers, "Idempotency-Key"), request.method
    replayed = wire.header(response.headers, "Idempotent-Replayed")
    expected = {
        "Content-Security-Policy": True,
        "Idempotency-Key": key and method in ("POST", "DELETE"),
        "Idempotent-Replayed": replayed == "true" and method == "POST" and key,
        "Original-Request": key and method == "POST",
        "Request-Id": True,
        "Stripe-Account": wire.header(request.headers, "Stripe-Account"),
        "Stripe-Should-Retry": response.status == 402 or (response.status == 200 and method == "POST"),
        "Stripe-Version": True,
    }
    assert replayed in (None, "true"), answer
    return [name for name, present in expected.items() if present]


def envelope(response: Response, answer: Any, headers: dict[str, str]) -> None:
    """The error's members: alphabetical, `doc_url` where there is a code, the log link where there is a request id."""
    assert list(answer) == ["error"]
    error = answer["error"]
    assert list(error) == sorted(error)
    assert {"message", "type"} <= set(error)
    assert error["type"] in TYPES
    assert None not in error.values()
    code = error.get("code")
    url = code and f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
    assert error.get("doc_url") == url
    link = error.get("request_log_url")
    if response.status == 401 or UNLOGGED.match(error["message"]):
        assert link is None
    elif "Idempotent-Replayed" not in headers:
        request = headers["Request-Id"]
        assert re.fullmatch(rf"https://dashboard\.stripe\.com/[^/]*/test/workbench/logs\?object={request}", link)
