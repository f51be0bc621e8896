"""A cassette as WireMock's stub mappings, which WireMock plays, and which `wiremock` reads again to the byte.

Answers to one question come in turn: a scenario of each question, because WireMock knows no causes.
"""

import base64
import json
from collections import Counter
from typing import Any

from replayer.cassettes.formats.wiremock import HEADERS, ORIGIN, STARTED, WRITES
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request

ANEW = ("idempotency-key",)  # headers that clients fill anew in each run: no condition on a request


def write(cassette: Cassette, _: str) -> str:
    """The cassette as one file of mappings."""
    several = Counter(one.request for one in cassette.interactions)
    asked: Counter[Request] = Counter()
    numbers: dict[Request, int] = {}
    mappings = []
    for one in cassette.interactions:
        found = _written(one)
        if several[one.request] > 1:
            turn = asked[one.request]
            name = f"scenario-{numbers.setdefault(one.request, len(numbers) + 1)}"
            found |= {"scenarioName": name, "requiredScenarioState": f"{turn + 1}" if turn else STARTED}
            if turn + 1 < several[one.request]:
                found["newScenarioState"] = f"{turn + 2}"
            asked[one.request] += 1
        mappings.append(found)
    return json.dumps({"mappings": mappings}, indent=2, ensure_ascii=False) + "\n"


def _written(one: Interaction) -> dict[str, Any]:
    request, response = one.request, one.response
    asked: dict[str, Any] = {"method": request.method, "url": request.target}
    told: dict[str, Any] = {ORIGIN: request.origin}
    conditions = {name: {"equalTo": value} for name, value in request.headers if name.lower() not in ANEW}
    if conditions:
        asked["headers"] = conditions
    if len(conditions) != len(request.headers):
        told[HEADERS] = [list(pair) for pair in request.headers]
    if request.body or request.method in WRITES:
        asked["bodyPatterns"] = [_pattern(request)]
    answer: dict[str, Any] = {"status": response.status, "statusMessage": response.reason}
    names: dict[str, list[str]] = {}
    for name, value in response.headers:
        names.setdefault(name, []).append(value)
    answer["headers"] = {name: values[0] if len(values) == 1 else values for name, values in names.items()}
    if response.body:
        text = _text(response.body)
        answer |= {"base64Body": base64.b64encode(response.body).decode()} if text is None else {"body": text}
    return {"request": asked, "response": answer, "metadata": told}


def _pattern(request: Request) -> dict[str, Any]:
    text = _text(request.body)
    if not request.body:
        return {"absent": True}
    if text is None:
        return {"binaryEqualTo": base64.b64encode(request.body).decode()}
    return {"equalToJson" if request.content.json else "equalTo": text}


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
