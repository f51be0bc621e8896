"""APIs with the oddities of people's traffic, drawn at random, and clients that walk through them.

An upstream has all its chance from a seed: two seeds are two runs of one API. Its exports may be another host's; of yet
another one it only knows links.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from hypothesis import strategies as st

from replayer.core.message import Request, Response
from tests.specs.oddities import (
    EXPORTS,
    FILES,
    HOLD_A_TIME,
    IDS,
    JSONS,
    LETTERS,
    LONG_AGO,
    SUMS,
    TIMES,
    WEEK,
    Oddities,
    of,
    token,
)
from tests.specs.traffic import PROXY, START
from tests.specs.world import ORIGIN

SECRET = "open-sesame"  # what a client calls itself by, in a field that its user has declared


@dataclass(frozen=True)
class Step:
    """What a client does next: to which of the objects that it knows, and what goes wrong on the way."""

    verb: str
    which: int
    trouble: str  # "dropped" and "refused" are tried again, under the same key or a new one


VERBS = ["make", "make", "make", "change", "get", "get", "list", "follow", "log", "export", "import", "choose"]
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
        headers = [(self.odd.requests, self._mint(of(LETTERS, 14, "req_"))), self._date]
        if isinstance(value, tuple):
            media, raw = value
        else:
            headers += self._sends_on(status, value)
            media, raw = "application/json", JSONS[self.odd.json](value)
        headers.append(("Content-Type", media))
        headers += [(name, SUMS[name](raw)) for name in self.odd.sums]
        key = request.header("idempotency-key")
        if self.odd.echoes and key:
            headers.append(("Idempotency-Key", key))
        return Response(status, "", tuple(headers), raw)

    def _sends_on(self, status: int, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """The headers that lead on from an answer, and how its JSON is packed."""
        if self.odd.json == "packed":
            yield "Content-Encoding", "gzip"
        if "Link" in value:
            yield "Link", f'<{value.pop("Link")}>; rel="next"'
        if status == 303:
            yield "Location", f"{self.odd.origin}/v1/things/{value['id']}"

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
                made = self._made(request)
                return (303, {"id": made["id"]}) if self.odd.sends_on else (200, made)
            case "POST", ["imports"]:
                known = [row["id"] for row in self.rows if row["id"].encode() in request.body]
                return 200, {"object": "import", "ids": known}
            case "GET", ["things"]:
                return 200, self._page(self.tokens.get(unquote(query.get(self.odd.cursor, "")), 0))
            case "GET", ["choice"]:
                return 200, {"of": request.header("x-amz-target")}
            case "GET", ["export"]:
                is_there = request.origin == (FILES if self.odd.elsewhere else ORIGIN)
                ids = [row["id"] for row in self.rows]
                return (200, EXPORTS[self.odd.export](ids, self._chance)) if is_there else (404, {"error": "not here"})
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
            digits = of("123456789", 15)
            row["card"] = {"network_transaction_id": self._mint(digits)}
        if self.odd.shared:
            row["invoice"] = {"object": "bill", "id": row["id"]} if self.odd.ids in ("UUID", "hex") else row["id"]
        if self.odd.secret:
            row["pin"] = self._mint(of("ABCDEFGH", 6, "door-"))
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
            following = self._mint(token)
            self.tokens[following] = first + 2
            link = f"{self.odd.origin}/v1/things?{self.odd.cursor}={quote(following, safe='')}"
            page[self.odd.next] = {"next": {"href": link}} if self.odd.next == "_links" else link
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
        if step.verb == "make" and response.status in (200, 303):
            self._keep_order(response.json["id"])
        yield self._heard(response)
        if response.status == 303:
            onward = answer(Request("GET", self._target(response.header("location") or ""), (), b"", ORIGIN))
            self._learn(onward)
            yield self._heard(onward)

    def _keyed(self, request: Request) -> Request:
        kept = tuple(pair for pair in request.headers if pair[0] != "Idempotency-Key")
        key = ("Idempotency-Key", self._mint("key"))
        return Request(request.method, request.target, (*kept, key), request.body, request.origin)

    def _request(self, step: Step) -> Request | None:
        name = self.known[step.which % len(self.known)] if self.known else ""
        as_json = ("Content-Type", "application/json")
        match step.verb:
            case "make":
                made: dict[str, Any] = {"metadata": {"order": self._mint("order"), "of": name}}
                if self.odd.secret:
                    made["pin"] = SECRET
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
                return Request("GET", "/v1/export", (), b"", FILES if self.odd.elsewhere else ORIGIN)
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
        link = value.get(self.odd.next) or (response.header("link") or "").partition("<")[2].partition(">")[0]
        if link:
            self.links["follow"] = self._target(link["next"]["href"] if isinstance(link, dict) else link)

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
        if response.media_type == "application/zip":
            with zipfile.ZipFile(io.BytesIO(response.body)) as archive:
                assert archive.testzip() is None
        text = json.dumps([kept, body])
        for live, called in self.own.items():
            text = text.replace(live, called)
        return response.status, text
