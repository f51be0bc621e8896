"""Sessions of the sandbox as stubs of WireMock and Hoverfly, among others that are none: made here, never kept."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from replayer.core.message import Request
from tests.specs.foreign_files import FORM, Exchange, Written, grouped, packed

# -- WireMock ---------------------------------------------------------------------------------------------------------


def wiremock(exchanges: Sequence[Exchange], chance: Random) -> Written:
    """A folder of mappings and one of files; what was asked several times is a scenario."""
    several, asked = Counter(one.request for one in exchanges), Counter[Request]()
    files: dict[str, bytes] = {}
    mappings = []
    for number, one in enumerate(exchanges):
        stub = _mapping(one, chance, files, number)
        if several[one.request] > 1:
            asked[one.request] += 1
            turn = asked[one.request]
            stub |= {
                "scenarioName": f"of {one.request.method} {one.request.target} {one.request.body.decode()}",
                "requiredScenarioState": "Started" if turn == 1 else f"state {turn}",
            }
            if turn < several[one.request]:
                stub["newScenarioState"] = f"state {turn + 1}"
        mappings.append(stub)
    odd = list(_odd_mappings(mappings[0]))
    mappings += odd
    half = len(mappings) // 2
    whole = {
        "wiremock/mappings/a.json": json.dumps({"mappings": mappings[:half], "meta": {"total": half}}).encode(),
        "wiremock/mappings/b.json": json.dumps({"mappings": mappings[half:-1]}).encode(),
        "wiremock/mappings/c.json": json.dumps(mappings[-1]).encode(),
    }
    named = ["the fault", "makes its answer up", "many bodies", "whatever matches", "another with the same request"]
    return Written(whole | files, len(odd), named=named)


def _mapping(one: Exchange, chance: Random, files: dict[str, bytes], number: int) -> dict[str, Any]:
    request, response = one.request, one.response
    asked: dict[str, Any] = {"method": request.method, "url": request.target}
    if request.query and chance.random() < 0.5:
        pairs = parse_qsl(request.query)
        asked = {
            "method": request.method,
            "urlPath": request.path,
            "queryParameters": {name: {"equalTo": value} for name, value in pairs},
        }
    elif not request.query and chance.random() < 0.3:
        asked = {"method": request.method, "urlPattern": request.path.replace(".", r"\.")}
    if request.method == "POST":
        asked["headers"] = {"Content-Type": {"equalTo": FORM}}
        asked["bodyPatterns"] = [{"equalTo": request.body.decode()} if request.body else {"absent": True}]
    answer: dict[str, Any] = {"status": response.status, "headers": dict(response.headers)}
    match chance.randint(0, 2):
        case 0:
            answer["base64Body"] = packed(response.body)
        case 1:
            answer["bodyFileName"] = f"deep/{number}.json"
            files[f"wiremock/__files/deep/{number}.json"] = response.body
        case _:
            answer["body"] = response.body.decode()
    return {"id": f"{number}", "request": asked, "response": answer, "persistent": True}


def _odd_mappings(first: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Stubs that are no exchange, or never answer."""
    post = {"method": "POST", "url": "/odd"}
    yield {"request": post, "response": {"fault": "CONNECTION_RESET_BY_PEER"}}
    yield {
        "request": {"method": "GET", "url": "/odd"},
        "response": {"body": "{{request.url}}", "transformers": ["response-template"]},
    }
    yield {"request": post | {"bodyPatterns": [{"matchesJsonPath": "$.a"}]}, "response": {"status": 200}}
    yield {"request": {"method": "GET", "urlPattern": "/odd/.*"}, "response": {"status": 200}}
    yield {"request": {"method": "GET", "url": "/odd/proxied"}, "response": {"proxyBaseUrl": "https://other.example"}}
    yield {"request": {"method": "GET", "url": "/odd/x"}, "response": {"bodyFileName": "../../secret.txt"}}
    yield {**first, "priority": 9, "response": {"status": 500}}  # the one with the lower number answers


# -- Hoverfly ---------------------------------------------------------------------------------------------------------

VERSIONS = ("v1", "v2", "v3", "v4", "v5", "v5.1", "v5.2", "v5.3")


def hoverfly(exchanges: Sequence[Exchange], chance: Random) -> Written:
    """A simulation of one of its versions; from the third on what was asked several times is a sequence."""
    version = chance.choice(VERSIONS)
    several, asked = Counter(one.request for one in exchanges), Counter[Request]()
    stateful = version not in ("v1", "v2")
    files: dict[str, bytes] = {}
    pairs, rivals = [], 0
    for number, one in enumerate(exchanges):
        asked[one.request] += 1
        turn = asked[one.request]
        pair = _pair(one, version, chance, files, number)
        if several[one.request] > 1 and stateful:
            state = f"sequence:{one.request.method} {one.request.target} {one.request.body.decode()}"
            pair["request"]["requiresState"] = {state: f"{turn}"}
            if turn < several[one.request]:
                pair["response"]["transitionsState"] = {state: f"{turn + 1}"}
        elif turn > 1:
            rivals += 1  # such a version has one answer for one question
        pairs.append(pair)
    odd = list(_odd_pairs(version))
    simulation = {
        "data": {"pairs": pairs + odd, "globalActions": {"delays": [], "delaysLogNormal": []}},
        "meta": {"schemaVersion": version, "hoverflyVersion": "v1.10.0"},
    }
    return Written({"simulation.json": json.dumps(simulation).encode(), **files}, len(odd) + rivals)


def _pair(one: Exchange, version: str, chance: Random, files: dict[str, bytes], number: int) -> dict[str, Any]:
    request, response = one.request, one.response

    def exactly(text: str) -> Any:
        if version == "v1":
            return text
        return [{"matcher": "exact", "value": text}] if version.startswith("v5") else {"exactMatch": text}

    pairs = parse_qsl(request.query)
    query: Any = exactly("&".join(f"{name}={value}" for name, value in pairs))
    if version.startswith("v5") or version == "v4":
        key = "queriesWithMatchers" if version == "v4" else "query"
        asked: dict[str, Any] = {key: {name: exactly(value) for name, value in pairs}}
    else:
        asked = {"query": query}
    asked |= {
        "method": exactly(request.method),
        "scheme": exactly("https"),
        "destination": exactly("api.stripe.com"),
        "path": exactly(request.path),
        "body": exactly(request.body.decode()),
    }
    if version == "v1":
        asked |= {"requestType": "recording", "headers": grouped(request.headers)}
    elif request.method == "POST":
        asked["headers"] = {"Content-Type": [FORM] if version in ("v2", "v3") else exactly(FORM)}
    headers = {**grouped(response.headers), "Hoverfly": ["Was-Here"]}
    answer: dict[str, Any] = {"status": response.status, "headers": headers, "templated": False}
    match chance.randint(0, 2 if version == "v5.3" else 1):
        case 0:
            answer |= {"body": packed(response.body), "encodedBody": True}
        case 1:
            answer |= {"body": response.body.decode(), "encodedBody": False}
        case _:
            answer |= {"body": "", "bodyFile": f"bodies/{number}.json"}
            files[f"bodies/{number}.json"] = response.body
    return {"request": asked, "response": answer}


def _odd_pairs(version: str) -> Iterator[dict[str, Any]]:
    """Pairs that answer many requests, or make their answers up."""
    answer = {"status": 200, "body": "{}", "encodedBody": False}
    if version == "v1":
        asked: dict[str, Any] = {"requestType": "template", "method": "GET", "path": "/odd/*", "destination": "x.io"}
        yield {"request": asked, "response": answer}
    elif version.startswith("v5"):
        many = {"method": [{"matcher": "exact", "value": "GET"}], "path": [{"matcher": "glob", "value": "/odd/*"}]}
        yield {"request": many, "response": answer}
        chained = {"matcher": "jsonpath", "value": "$.a", "doMatch": {"matcher": "exact", "value": "1"}}
        posted = {"method": [{"matcher": "exact", "value": "POST"}], "path": [{"matcher": "exact", "value": "/odd"}]}
        yield {"request": posted | {"body": [chained]}, "response": answer}
        plain = {"path": [{"matcher": "exact", "value": "/odd"}], "query": {}}
        yield {"request": plain, "response": answer | {"templated": True, "body": "{{ Request.Path }}"}}
    else:
        yield {"request": {"path": {"regexMatch": "/odd/.*"}}, "response": answer}
        yield {"request": {"path": {"exactMatch": "/odd"}, "body": {"jsonPathMatch": "$.a"}}, "response": answer}
