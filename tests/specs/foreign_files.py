"""Sessions of the sandbox in the words of other tools, with all that real files of theirs have: made here, never kept.

A writer gives the files of one session, and how many entries in them are no exchange or cannot be one: these are to be
named, and nothing else is.
"""

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from replayer.core.message import Request, Response, wire
from replayer.sandbox.api import InvoiceApi
from tests.specs.traffic import START

ORIGIN = "https://api.stripe.com"
KEY = "sk_test_FilesOfOtherTools001"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Exchange:
    """What a client asked the real API, what that answered, and when."""

    request: Request
    response: Response
    at: float


@dataclass
class Written:
    """The files of one session by name, the first to be imported; how many entries are lost whole, and in part."""

    files: dict[str, bytes]
    lost: int = 0
    in_part: int = 0
    named: list[str] = field(default_factory=list)  # what the report must say of them


Writer = Callable[[Sequence[Exchange], Random], Written]


# -- sessions ---------------------------------------------------------------------------------------------------------


def session_of(seed: int) -> list[Exchange]:
    """One session of a client with the API: it creates, reads, lists, and is refused."""
    return list(_Client(seed).session())


class _Client:
    def __init__(self, seed: int) -> None:
        self.chance, self.now = Random(seed), START + seed
        self.api = InvoiceApi(Random(seed + 1000), int(self.now))
        self.known: dict[str, list[str]] = {"customer": [], "invoice": []}

    def session(self) -> Iterator[Exchange]:
        yield self.ask("POST", "/v1/customers", {"name": f"Grüße {self.chance.random()}"}, "customer")
        for _ in range(self.chance.randint(4, 14)):
            customer = self.chance.choice(self.known["customer"])
            invoice = self.chance.choice(self.known["invoice"] or [""])
            steps: list[tuple[str, str, dict[str, str], str]] = [
                ("POST", "/v1/customers", {"name": "Ada & Co", "metadata[a]": "1"}, "customer"),
                ("POST", "/v1/invoices", {"customer": customer}, "invoice"),
                ("POST", "/v1/invoiceitems", {"customer": customer, "amount": "700", "currency": "usd"}, ""),
                ("GET", f"/v1/customers/{customer}", {}, ""),
                ("GET", "/v1/invoices", {"customer": customer, "limit": "2"}, ""),
                ("GET", "/v1/invoices/in_none", {}, ""),
                ("POST", "/v1/invoices", {"customer": "cus_none"}, ""),
            ]
            if invoice:
                steps += [
                    ("GET", f"/v1/invoices/{invoice}", {}, ""),
                    ("POST", f"/v1/invoices/{invoice}/finalize", {}, ""),
                    ("POST", f"/v1/invoices/{invoice}/pay", {"paid_out_of_band": "true"}, ""),
                    ("DELETE", f"/v1/invoices/{invoice}", {}, ""),
                ]
            yield self.ask(*self.chance.choice(steps))

    def ask(self, method: str, path: str, params: dict[str, str], what: str) -> Exchange:
        self.now += self.chance.choice((1.0, 2.5, 40.0))
        form = urlencode(params)
        headers = [("Authorization", f"Bearer {KEY}"), ("Accept", "*/*"), ("User-Agent", "test/1")]
        if method == "POST":
            headers.append(("Content-Type", FORM))
        target = f"{path}?{form}" if method == "GET" and form else path
        request = Request(method, target, tuple(headers), b"" if method == "GET" else form.encode(), ORIGIN)
        response = self.api.answer(request, int(self.now))
        if what and response.status == 200:
            self.known[what].append(json.loads(response.body)["id"])
        return Exchange(request, response, self.now)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def grouped(headers: wire.Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


# -- Ruby VCR ---------------------------------------------------------------------------------------------------------


def ruby_vcr(exchanges: Sequence[Exchange], chance: Random) -> Written:
    """In YAML or in JSON; bodies plain, as `!binary`, in base64, or packed with gzip."""
    as_json = chance.random() < 0.3
    entries = [_ruby(one, chance, as_json=as_json) for one in exchanges]
    if as_json:
        text = json.dumps({"http_interactions": entries, "recorded_with": "VCR 6.2.0"})
        return Written({"session.json": text.encode()})
    return Written({"session.yml": _yaml({"http_interactions": entries, "recorded_with": "VCR 6.2.0"}).encode()})


class _Binary(bytes):
    """Bytes as Ruby's YAML writes them."""


def _ruby(one: Exchange, chance: Random, *, as_json: bool) -> dict[str, Any]:
    headers = grouped(one.response.headers)
    body = one.response.body
    if is_packed := chance.random() < 0.3:
        headers["Content-Encoding"], body = ["gzip"], gzip.compress(body, mtime=0)
    elif chance.random() < 0.2:
        headers["Content-Encoding"] = ["gzip"]  # decoded by its client, and the header stayed
    if as_json:
        held: dict[str, Any] = {"encoding": "UTF-8", "string": one.response.body.decode()}
        if is_packed or chance.random() < 0.3:
            held = {"encoding": "ASCII-8BIT", "base64_string": packed(body)}
    else:
        held = {"encoding": "UTF-8", "string": one.response.body.decode()}
        if is_packed or chance.random() < 0.3:
            held = {"encoding": "ASCII-8BIT", "string": _Binary(body)}
    return {
        "request": {
            "method": one.request.method.lower(),
            "uri": one.request.uri,
            "body": {"encoding": "UTF-8", "string": one.request.body.decode()},
            "headers": grouped(one.request.headers),
        },
        "response": {
            "status": {"code": one.response.status, "message": one.response.reason},
            "headers": headers,
            "body": held,
            "http_version": None,
        },
        "recorded_at": datetime.fromtimestamp(one.at, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


def _yaml(value: Any, indent: int = 0) -> str:
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{json.dumps(key)}:{_below(one, indent)}" for key, one in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{_below(one, indent)}" for one in value)
    return pad + _scalar(value) + "\n"


def _below(value: Any, indent: int) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + _yaml(value, indent + 1)
    return " " + _scalar(value) + "\n"


def _scalar(value: Any) -> str:
    if isinstance(value, _Binary):
        return f'!binary "{packed(value)}"'
    return "" if value is None else json.dumps(value)


# -- HAR --------------------------------------------------------------------------------------------------------------


def har(exchanges: Sequence[Exchange], chance: Random) -> Written:
    """As browsers and proxies write it, with their oddities between the exchanges."""
    files: dict[str, bytes] = {}
    entries: list[dict[str, Any]] = []
    odd = list(_odd_entries(START))
    chance.shuffle(odd)
    lost = 0
    for number, one in enumerate(exchanges):
        entries.append(_entry(one, chance, files, number))
        if odd and chance.random() < 0.6:
            entries.append(odd.pop())
            lost += 1
    text = json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "pages": [], "entries": entries}})
    bom = b"\xef\xbb\xbf" if chance.random() < 0.5 else b""
    return Written({"session.har": bom + text.encode(), **files}, lost)


def _entry(one: Exchange, chance: Random, files: dict[str, bytes], number: int) -> dict[str, Any]:
    body = one.response.body
    content: dict[str, Any] = {"size": len(body), "mimeType": "application/json"}
    match chance.randint(0, 3):
        case 0:
            content |= {"text": packed(body), "encoding": "base64"}
        case 1:
            content["_file"] = f"side/{number}.json"
            files[f"side/{number}.json"] = body
        case _:
            content["text"] = body.decode()
    headers = [*one.response.headers, ("Content-Encoding", chance.choice(("br", "gzip"))), ("Content-Length", "7")]
    pseudo = [(":method", one.request.method), (":authority", "api.stripe.com"), (":path", one.request.target)]
    asked: dict[str, Any] = {
        "method": one.request.method,
        "url": one.request.uri,
        "httpVersion": "h2",
        "headers": [{"name": n, "value": v} for n, v in (*pseudo, *one.request.headers)],
        "queryString": [],
    }
    if one.request.body:
        form = one.request.body.decode()
        asked["postData"] = {"mimeType": FORM, "text": form}
        if chance.random() < 0.4:
            pairs = [{"name": name, "value": value} for name, value in parse_qsl(form)]
            asked["postData"] = {"mimeType": FORM, "params": pairs, "text": ""}
    return {
        "startedDateTime": iso(one.at - 0.2),
        "time": 200.0,
        "request": asked,
        "response": {
            "status": one.response.status,
            "statusText": one.response.reason,
            "headers": [{"name": name, "value": value} for name, value in headers],
            "content": content,
        },
    }


def _odd_entries(at: float) -> Iterator[dict[str, Any]]:
    """What stands in HAR files and is no exchange."""
    asked = {"method": "GET", "url": f"{ORIGIN}/v1/odd", "headers": []}
    plain = {"status": 200, "headers": [], "content": {"text": "{}", "size": 2, "mimeType": "application/json"}}
    began = {"startedDateTime": iso(at)}
    yield began | {"request": asked, "response": plain | {"status": 0, "_error": "net::ERR_ABORTED"}}
    yield began | {"request": asked, "response": plain | {"status": -1}}
    yield began | {"request": asked | {"url": "data:image/png;base64,aGk="}, "response": plain}
    yield began | {"request": asked | {"url": "wss://api.stripe.com/socket"}, "response": plain | {"status": 101}}
    yield began | {"request": asked, "response": plain, "_webSocketMessages": [{"data": "hi"}]}
    yield began | {"request": asked, "response": plain | {"content": {"size": 17, "mimeType": "text/html"}}}
    yield began | {"request": asked | {"method": "CONNECT"}, "response": plain}
    yield began | {"request": asked}
    yield began | {"request": asked, "response": plain | {"content": {"size": 1, "_file": "../../etc/passwd"}}}
