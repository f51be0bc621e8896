"""Sessions of the sandbox as vcrpy, go-vcr, betamax, Polly.js, nock and the Azure test-proxy write them: made here,
never kept."""

import gzip
import json
from collections.abc import Sequence
from random import Random
from typing import Any

import yaml

from replayer.core.message import wire
from tests.specs.foreign_files import Exchange, Written, grouped, iso, packed


def vcrpy(exchanges: Sequence[Exchange], chance: Random) -> Written:
    """With the tags that vcrpy wrote under Python 2, raw gzip, or JSON that a serializer has parsed."""
    entries = []
    for one in exchanges:
        status = {"code": one.response.status, "message": one.response.reason or None}
        asked: dict[str, Any] = {"method": one.request.method, "uri": one.request.uri}
        asked |= {"headers": grouped(one.request.headers), "body": one.request.body.decode() or None}
        answered: dict[str, Any] = {"status": status, "headers": grouped(one.response.headers)}
        match chance.randint(0, 2):
            case 0:
                answered["headers"]["content-encoding"] = ["gzip"]
                answered["body"] = {"string": gzip.compress(one.response.body, mtime=0)}
            case 1:
                answered["parsed_body"] = json.loads(one.response.body)
            case _:
                answered["body"] = {"string": one.response.body.decode()}
        entries.append({"request": asked, "response": answered})
    text = yaml.dump({"version": 1, "interactions": entries}, allow_unicode=True, sort_keys=False)
    text = text.replace(" uri: https", " uri: !!python/unicode https")
    return Written({"session.yaml": text.encode()})


def go_vcr(exchanges: Sequence[Exchange], chance: Random) -> Written:
    version = chance.choice((1, 2))
    entries = []
    for number, one in enumerate(exchanges):
        asked: dict[str, Any] = {"body": one.request.body.decode(), "form": {}, "headers": grouped(one.request.headers)}
        asked |= {"url": one.request.uri, "method": one.request.method}
        answered: dict[str, Any] = {"body": one.response.body.decode(), "headers": grouped(one.response.headers)}
        code = one.response.status
        answered |= {"status": f"{code} {one.response.reason}".strip(), "code": code, "duration": "12.3ms"}
        if version == 2:
            asked |= {"proto": "HTTP/1.1", "content_length": 0, "host": "api.stripe.com"}
            answered |= {"uncompressed": True, "content_length": -1}
        entries.append({"id": number, "request": asked, "response": answered})
    return Written({"session.yaml": yaml.dump({"version": version, "interactions": entries}).encode()})


def betamax(exchanges: Sequence[Exchange], chance: Random) -> Written:
    entries = []
    for one in exchanges:
        body: dict[str, Any] = {"encoding": "utf-8", "string": one.response.body.decode()}
        if chance.random() < 0.4:
            body = {"encoding": None, "base64_string": packed(one.response.body), "string": ""}
        asked = {"method": one.request.method, "uri": one.request.uri, "headers": grouped(one.request.headers)}
        answered = {"headers": grouped(one.response.headers), "body": body, "url": one.request.uri}
        entries.append(
            {
                "request": asked | {"body": {"encoding": "utf-8", "string": one.request.body.decode()}},
                "response": answered | {"status": {"code": one.response.status, "message": one.response.reason}},
                "recorded_at": iso(one.at)[:19],
            }
        )
    return Written(
        {"session.json": json.dumps({"http_interactions": entries, "recorded_with": "betamax/0.9"}).encode()}
    )


def polly(exchanges: Sequence[Exchange], chance: Random) -> Written:
    entries = []
    for number, one in enumerate(exchanges):
        headers = [{"name": name, "value": value} for name, value in one.response.headers]
        content: dict[str, Any] = {"mimeType": "application/json", "size": len(one.response.body)}
        raw = gzip.compress(one.response.body, mtime=0)
        match chance.randint(0, 3):
            case 0:  # before version 5
                content["text"] = json.dumps([raw[:20].hex(), raw[20:].hex()])
                headers.append({"name": "content-encoding", "value": "gzip"})
            case 1:
                content |= {"text": json.dumps([packed(raw)]), "encoding": "base64"}
                headers.append({"name": "content-encoding", "value": "gzip"})
            case 2:
                content |= {"text": one.response.body.hex(), "_isBinary": True}
            case _:
                content["text"] = one.response.body.decode()
        asked: dict[str, Any] = {"method": one.request.method, "url": one.request.uri}
        asked["headers"] = [{"_fromType": "array", "name": n, "value": [v]} for n, v in one.request.headers]
        if one.request.body:
            asked["postData"] = {"mimeType": "text/plain", "params": [], "text": one.request.body.decode()}
        answered = {"status": one.response.status, "statusText": one.response.reason, "headers": headers}
        entries.append(
            {
                "_id": f"{number}",
                "_order": number,
                "startedDateTime": iso(one.at),
                "time": 0,
                "request": asked,
                "response": answered | {"content": content},
            }
        )
    log = {"_recordingName": "a/b", "creator": {"name": "Polly.JS", "version": "6.0.6"}, "entries": entries}
    return Written({"a_1/recording.har": json.dumps({"log": log}).encode()})


def nock(exchanges: Sequence[Exchange], chance: Random) -> Written:
    calls = []
    for one in exchanges:
        headers = list(one.response.headers)
        answer: Any = json.loads(one.response.body)
        if chance.random() < 0.4:
            headers.append(("Content-Encoding", "gzip"))
            raw = gzip.compress(one.response.body, mtime=0).hex()
            answer = [raw[:40], raw[40:]]
        told: Any = dict(headers)
        if chance.random() < 0.5:
            told = [part for pair in headers for part in pair]
        calls.append(
            {
                "scope": "https://api.stripe.com:443",
                "method": one.request.method,
                "path": one.request.target,
                "body": one.request.body.decode(),
                "status": one.response.status,
                "response": answer,
                "rawHeaders" if isinstance(told, list) else "headers": told,
                "reqheaders": {**dict(one.request.headers), "content-length": len(one.request.body)},
                "responseIsBinary": False,
            }
        )
    return Written({"session.json": json.dumps(calls).encode()})


def azure(exchanges: Sequence[Exchange], chance: Random) -> Written:
    entries = []
    for one in exchanges:
        asked = dict(wire.without(one.request.headers, ("authorization",))) | {"Authorization": "Sanitized"}
        told: dict[str, Any] = dict(one.response.headers) | {"Server": ["a", "b"]}
        if chance.random() < 0.5:
            told["Content-Encoding"] = "gzip"  # decoded by the recorder
        entries.append(
            {
                "RequestUri": one.request.uri,
                "RequestMethod": one.request.method,
                "RequestHeaders": asked,
                "RequestBody": one.request.body.decode() or None,
                "StatusCode": one.response.status,
                "ResponseHeaders": told,
                "ResponseBody": json.loads(one.response.body),
            }
        )
    document = {"Entries": entries, "Variables": {"RandomSeed": "17"}}
    return Written({"session.json": b"\xef\xbb\xbf" + json.dumps(document).encode()}, in_part=1, named=["RandomSeed"])
