"""APIs with the oddities of people's traffic, drawn at random, and clients that walk through them.

Each oddity is a member of `Oddities`: how ids and times are spelled, what a birth tells, under which names tokens and
links go, what is derived from a body, what an export is. An upstream has all its chance from a seed: two seeds are two
runs of one API. One has one host; of another it only knows links.
"""

import base64
import hashlib
import json
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from hypothesis import strategies as st

from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from tests.specs.traffic import PROXY, START
from tests.specs.world import ORIGIN

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG_AGO = 1_234_567_890
WEEK = 604_800


def _ulid(at: float, chance: Random) -> str:
    number, text = int(at * 1000), ""
    for _ in range(10):
        number, digit = divmod(number, 32)
        text = aliases.CROCKFORD[digit] + text
    return text + "".join(chance.choices(aliases.CROCKFORD, k=16))


def _uuid7(at: float, chance: Random) -> str:
    text = f"{int(at * 1000):012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}"
    return str(uuid.UUID(text))


def _in(alphabet: str, length: int, prefix: str = "") -> Callable[[float, Random], str]:
    return lambda _, chance: prefix + "".join(chance.choices(alphabet, k=length))


def _token(_: float, chance: Random) -> str:
    return base64.b64encode(b"page " + chance.randbytes(12).hex().encode()).decode()


IDS: Mapping[str, Callable[[float, Random], str]] = {
    "prefix": lambda at, chance: "in_1" + _in(aliases.BASE62, 23)(at, chance),
    "UUID": lambda _, chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "UUID 7": _uuid7,
    "ULID": _ulid,
    "prefix and ULID": lambda at, chance: f"evt_{_ulid(at, chance)}",
    "ObjectId": lambda at, chance: f"{int(at):08x}{chance.randbytes(8).hex()}",
    "SID": lambda _, chance: "SM" + chance.randbytes(16).hex(),
    "dash": lambda at, chance: "file-Aa1" + _in(aliases.BASE62, 21)(at, chance),
    "capitals": lambda at, chance: "5O1" + _in(aliases.BASE62[:36], 14)(at, chance),
    "hex": lambda _, chance: chance.randbytes(16).hex(),
    "small letters": _in(LETTERS, 14, "cus_"),
}
HOLD_A_TIME = ("UUID 7", "ULID", "prefix and ULID", "ObjectId")
TIMES: Mapping[str, Callable[[int], Any]] = {
    "seconds": lambda at: at,
    "milliseconds": lambda at: at * 1000 + 123,
    "fraction": lambda at: at + 0.5,
    "ISO": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.250Z}",
    "basic ISO": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}",
    "mail": lambda at: f"{datetime.fromtimestamp(at, UTC):%a, %d %b %Y %H:%M:%S +0000}",
    ".NET": lambda at: f"/Date({at}000+0000)/",
    "C": lambda at: f"{datetime.fromtimestamp(at, UTC):%a %b %d %H:%M:%S +0000 %Y}",
}
TIME_FIELDS = ("seen_at", "capture_before", "renewsOn", "settlement_date", "expires_after")
HOST = ORIGIN.partition("//")[2]
ORIGINS = (ORIGIN, f"//{HOST}", f"http://{HOST}", f"HTTPS://{HOST.upper()}:443", "")  # how an API spells its own
CURSORS = ("page", "cursor", "ptr", "x-after-key")
NEXT = ("next_page_url", "next", "nextLink")
SUMS: Mapping[str, Callable[[bytes], str]] = {
    "Content-MD5": lambda raw: base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode(),
    "Digest": lambda raw: f"SHA-256={base64.b64encode(hashlib.sha256(raw).digest()).decode()}",
    "x-amz-checksum-crc32": lambda raw: base64.b64encode(zlib.crc32(raw).to_bytes(4, "big")).decode(),
    "ETag": lambda raw: f'"{hashlib.sha256(raw).hexdigest()}"',
    "Content-Digest": lambda raw: f"sha-512=:{base64.b64encode(hashlib.sha512(raw).digest()[::-1]).decode()}:",  # wrong
}
EXPORTS: Mapping[str, tuple[str, Callable[[list[str]], bytes]]] = {
    "lines": ("application/octet-stream", lambda ids: "\n".join(ids).encode()),
    "bytes": ("application/octet-stream", lambda ids: b"\0\xff" + b"\0".join(one.encode() for one in ids)),
    "half a text": ("text/plain", lambda ids: b"\xfcber: " + ", ".join(ids).encode()),
    "parts": ("multipart/mixed; boundary=x", lambda ids: b"--x\r\n\r\n" + " ".join(ids).encode() + b"\r\n--x--\r\n"),
    "events": ("application/x-ndjson", lambda ids: "".join(f'{{"id":"{one}"}}\n' for one in ids).encode()),
}


@dataclass(frozen=True)
class Oddities:
    """What is odd about one API."""

    ids: str
    times: str
    time_field: str
    born: str  # "now", "constant" or nothing
    origin: str  # how it spells its own
    next: str
    cursor: str
    sums: tuple[str, ...]
    export: str
    shared: bool  # an order and its invoice have one id
    echoes: bool  # the idempotency key, in a header and in the body
    requests: str  # the header that names a request
    reference: bool
    standing: int  # how many objects were there before


oddities = st.builds(
    Oddities,
    ids=st.sampled_from(sorted(IDS)),
    times=st.sampled_from(sorted(TIMES)),
    time_field=st.sampled_from(TIME_FIELDS),
    born=st.sampled_from(("now", "constant", "")),
    origin=st.sampled_from(ORIGINS),
    next=st.sampled_from(NEXT),
    cursor=st.sampled_from(CURSORS),
    sums=st.lists(st.sampled_from(sorted(SUMS)), unique=True, max_size=2).map(tuple),
    export=st.sampled_from(sorted(EXPORTS)),
    shared=st.booleans(),
    echoes=st.booleans(),
    requests=st.sampled_from(("Request-Id", "X-Request-Id", "X-Correlation-ID")),
    reference=st.booleans(),
    standing=st.integers(0, 2),
)


@dataclass(frozen=True)
class Step:
    """What a client does next: to which of the objects that it knows, and what goes wrong on the way."""

    verb: str
    which: int
    trouble: str  # "dropped" and "refused" are tried again, under the same key or a new one


VERBS = ["make", "make", "make", "change", "get", "get", "list", "follow", "log", "export", "import", "again"]
steps = st.builds(
    Step,
    verb=st.sampled_from(VERBS),
    which=st.integers(0, 5),
    trouble=st.sampled_from(("", "", "", "", "dropped, same key", "dropped, new key", "refused, new key")),
)
programs = st.lists(steps, min_size=2, max_size=12)


class DroppedError(Exception):
    """The connection broke before there was an answer."""


@dataclass
class OddApi:
    """One run of such an API."""

    odd: Oddities
    seed: int
    now: float = START
    rows: list[dict[str, Any]] = field(default_factory=list)
    minted: set[str] = field(default_factory=set)
    tokens: dict[str, int] = field(default_factory=dict)
    refusals: int = 0  # writes that are refused from here on

    def __post_init__(self) -> None:
        # The same in every run. What was there and is told first as a word in a text cannot be told from one.
        for number in range(self.odd.standing if self.odd.ids != "small letters" else 0):
            self._chance, now, self.now = Random(f"standing {number}"), self.now, float(LONG_AGO + number)
            self._made(Request("POST", "/v1/things"))
            self.now = now
        self._chance = Random(self.seed)

    def answer(self, request: Request) -> Response:
        self.now += 0.7
        status, value = self._value(request)
        if isinstance(value, bytes):
            media, raw = EXPORTS[self.odd.export][0], value
        else:
            media, raw = "application/json", json.dumps(value).encode()
        headers = [("Content-Type", media), (self.odd.requests, self._mint(_in(LETTERS, 14, "req_"))), self._date]
        headers += [(name, SUMS[name](raw)) for name in self.odd.sums]
        key = request.header("idempotency-key")
        if self.odd.echoes and key:
            headers.append(("Idempotency-Key", key))
        return Response(status, "", tuple(headers), raw)

    @property
    def _date(self) -> tuple[str, str]:
        return "Date", f"{datetime.fromtimestamp(self.now, UTC):%a, %d %b %Y %H:%M:%S GMT}"

    def _mint(self, form: Callable[[float, Random], str]) -> str:
        made = form(self.now, self._chance)
        self.minted.add(made)
        return made

    def _value(self, request: Request) -> tuple[int, Any]:
        path, query = request.path, dict(part.split("=", 1) for part in request.query.split("&") if "=" in part)
        if request.method == "POST" and self.refusals:
            self.refusals -= 1
            return 503, {"error": {"message": "Come again."}}
        match request.method, path.split("/")[2:]:
            case "POST", ["things"]:
                return 200, self._made(request)
            case "POST", ["imports"]:
                known = [row["id"] for row in self.rows if row["id"].encode() in request.body]
                return 200, {"object": "import", "ids": known}
            case "GET", ["things"]:
                return 200, self._page(self.tokens.get(unquote(query.get(self.odd.cursor, "")), 0))
            case "GET", ["choice"]:
                return 200, {"of": request.header("x-amz-target")}
            case "GET", ["export"]:
                return 200, EXPORTS[self.odd.export][1]([row["id"] for row in self.rows])
            case "GET", ["logs", name]:
                row = self._row(name)
                right = row is not None and row["log_url"].endswith(f"?{request.query}")
                return (200, {"object": "log", "of": row["id"]}) if row and right else (404, {"error": "no such log"})
            case "POST", ["things", name]:
                row = self._row(name)
                if row is None:
                    return 404, {"error": f"There is no {name}."}
                row |= {"state": "changed", self.odd.time_field: self._time()}
                return 200, row
            case _, ["things", name]:
                row = self._row(name)
                return (200, row) if row else (404, {"error": f"There is no {name}."})
        return 404, {"error": "There is nothing."}

    def _made(self, request: Request) -> dict[str, Any]:
        sent = request.json or {}
        row: dict[str, Any] = {"object": "order", "id": self._mint(IDS[self.odd.ids])}
        if self.odd.born:
            row["created"] = int(self.now) if self.odd.born == "now" else min(int(self.now), LONG_AGO)
        row |= {self.odd.time_field: self._time(), "state": "new", "metadata": sent.get("metadata", {})}
        row["log_url"] = f"{self.odd.origin}/v1/logs/{row['id']}?t={int(self.now)}"
        row["due_date"] = int(self.now) + WEEK
        row["docs"] = f"https://docs.other.test/{row['object']}s/{row['id']}?v=2&ts={int(self.now)}000#top"
        if self.odd.reference:
            digits = _in("123456789", 15)
            row["card"] = {"network_transaction_id": self._mint(digits)}
        if self.odd.shared:
            row["invoice"] = {"object": "bill", "id": row["id"]} if self.odd.ids in ("UUID", "hex") else row["id"]
        key = request.header("idempotency-key")
        if self.odd.echoes and key:
            row["request"] = {"key": key}
        self.rows.append(row)
        return row

    def _time(self) -> Any:
        return TIMES[self.odd.times](int(self.now))

    def _page(self, first: int) -> dict[str, Any]:
        page: dict[str, Any] = {"data": self.rows[first : first + 2]}
        if first + 2 < len(self.rows):
            token = self._mint(_token)
            self.tokens[token] = first + 2
            page[self.odd.next] = f"{self.odd.origin}/v1/things?{self.odd.cursor}={quote(token, safe='')}"
        return page

    def _row(self, name: str) -> dict[str, Any] | None:
        return next((row for row in self.rows if row["id"] == unquote(name)), None)


Answer = Callable[[Request], Response]


@dataclass
class OddClient:
    """Walks through such an API, and keeps what it was answered, its own values called by what they are to it. Every
    link that it is shown must lead to the proxy."""

    odd: Oddities
    chance: Random
    known: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)  # by its own requests, in their order

    def run(self, program: list[Step], answer: Answer, trouble: Callable[[str], None]) -> list[tuple[Any, ...]]:
        return [heard for step in program for heard in self._do(step, answer, trouble)]

    def _mint(self, what: str) -> str:
        made = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.own[made] = f"<{what} {len(self.own)}>"
        return made

    def _do(self, step: Step, answer: Answer, trouble: Callable[[str], None]) -> Iterator[tuple[Any, ...]]:
        request = self._request(step)
        if request is None:
            return
        if request.method == "POST":
            request = self._keyed(request)
            if step.trouble:
                trouble(step.trouble)
                with suppress(DroppedError):
                    yield self._heard(answer(request))
                request = request if "same key" in step.trouble else self._keyed(request)
        response = answer(request)
        self._learn(response)
        if step.verb == "make" and response.status == 200:
            self._keep_order(response.json["id"])
        yield self._heard(response)

    def _keyed(self, request: Request) -> Request:
        kept = tuple(pair for pair in request.headers if pair[0] != "Idempotency-Key")
        key = ("Idempotency-Key", self._mint("key"))
        return Request(request.method, request.target, (*kept, key), request.body, request.origin)

    def _request(self, step: Step) -> Request | None:
        name = self.known[step.which % len(self.known)] if self.known else ""
        as_json = ("Content-Type", "application/json")
        match step.verb:
            case "make":
                made = {"metadata": {"order": self._mint("order"), "of": name}}
                return Request("POST", "/v1/things", (as_json,), json.dumps(made).encode(), ORIGIN)
            case "change" if name:
                return Request("POST", f"/v1/things/{name}", (as_json,), b'{"state": "changed"}', ORIGIN)
            case "choose":  # a header tells which of two things is asked for
                return Request("GET", "/v1/choice", (("X-Amz-Target", f"Things.Ask{step.which % 2}"),), b"", ORIGIN)
            case "get" if name:
                return Request("GET", f"/v1/things/{name}", (), b"", ORIGIN)
            case "list":
                return Request("GET", "/v1/things", (), b"", ORIGIN)
            case "follow" | "log" if step.verb in self.links:
                return Request("GET", self.links[step.verb], (), b"", ORIGIN)
            case "export":
                return Request("GET", "/v1/export", (), b"", ORIGIN)
            case "import" if name:
                parts, media = f"--x\r\n\r\n{name}\r\n--x--\r\n", ("Content-Type", "multipart/form-data; boundary=x")
                return Request("POST", "/v1/imports", (media,), parts.encode(), ORIGIN)
        return None

    def _learn(self, response: Response) -> None:
        value = response.json if isinstance(response.json, dict) else {}
        for row in (value, *value.get("data", ())):
            if row.get("object") == "order":
                self.known += [row["id"]] if row["id"] not in self.known else []
                self.links["log"] = self._target(row["log_url"])
        if self.odd.next in value:
            self.links["follow"] = self._target(value[self.odd.next])

    def _keep_order(self, name: str) -> None:
        """Ids that hold a time are sorted as they were made, under whatever names."""
        if self.odd.ids in HOLD_A_TIME and name not in self.made:
            assert not self.made or self.made[-1] < name
            self.made.append(name)

    def _target(self, link: str) -> str:
        assert link.startswith((f"{PROXY}/", "/v1/")), link
        parts = urlsplit(link)
        return f"{parts.path}?{parts.query}"

    def _heard(self, response: Response) -> tuple[Any, ...]:
        body, headers = response.body.decode("latin-1"), dict(response.headers)
        right = {name for name in SUMS if name in headers and headers[name] == SUMS[name](response.body)}
        assert right >= headers.keys() & SUMS.keys() - {"ETag"}  # for the bytes that came
        kept = [(name, value) for name, value in response.headers if name not in right]
        text = json.dumps([kept, body])
        for live, called in self.own.items():
            text = text.replace(live, called)
        return response.status, text
