"""Lives of invoices: the same steps on a session and on a twin of the upstream, in whatever order the lives take turns.

    recording   life 1, then life 2, ...                 a sandbox answers a session
    replay      they take turns, and look more often     a session answers; another sandbox, the twin, is asked too

What is read on replay must be what the twin shows, but for names and times.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from random import Random
from typing import Any
from urllib.parse import urlencode

from replayer.core.cassette import Cassette
from replayer.core.matching import canonical, stamps
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from replayer.sandbox.api import InvoiceApi as Api
from tests.specs.traffic import START, Upstream, recording, session

KEY = ("Authorization", "Bearer sk_test_LivesOfInvoices00001")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
TIMES = re.compile(r"created|date|end|start|.*_(at|end|start|date)")
TOKENS = re.compile(r"hosted_invoice_url|invoice_pdf|invoice_prefix|request_log_url|next_page|url|message")

# What a life does, one line each: its name, what it asks, with which form. `{invoice}` is what the life calls so.
STEPS = {
    "customer": ("POST /v1/customers", {"name": "Life {life}"}),
    "rename": ("POST /v1/customers/{customer}", {"name": "Renamed {life}"}),
    "item": (
        "POST /v1/invoiceitems",
        {"customer": "{customer}", "amount": "700", "currency": "usd", "metadata[of]": "{life}"},
    ),
    "line": (
        "POST /v1/invoiceitems",
        {
            "customer": "{customer}",
            "invoice": "{invoice}",
            "amount": "700",
            "currency": "usd",
            "metadata[on]": "{life}",
        },
    ),
    "reprice": ("POST /v1/invoiceitems/{item}", {"amount": "900"}),
    "unitem": ("DELETE /v1/invoiceitems/{item}", {}),
    "draft": (
        "POST /v1/invoices",
        {"customer": "{customer}", "metadata[of]": "{life}", "pending_invoice_items_behavior": "{swept}"},
    ),
    "second": (
        "POST /v1/invoices",
        {"customer": "{customer}", "metadata[second]": "{life}", "pending_invoice_items_behavior": "exclude"},
    ),
    "describe": ("POST /v1/invoices/{invoice}", {"description": "Of life {life}"}),
    "finalize": ("POST /v1/invoices/{invoice}/finalize", {}),
    "decline": ("POST /v1/invoices/{invoice}/pay", {"payment_method": "pm_card_chargeDeclined"}),
    "pay": ("POST /v1/invoices/{invoice}/pay", {"paid_out_of_band": "true"}),
    "void": ("POST /v1/invoices/{invoice}/void", {}),
    "delete": ("DELETE /v1/invoices/{invoice}", {}),
    "drop": ("DELETE /v1/invoices/{second}", {}),
    "get": ("GET /v1/invoices/{invoice}", {}),
    "expanded": ("GET /v1/invoices/{invoice}", {"expand[]": "customer"}),
    "lines": ("GET /v1/invoices/{invoice}/lines", {}),
    "other": ("GET /v1/invoices/{second}", {}),
    "list": ("GET /v1/invoices", {"customer": "{customer}"}),
    "wide": ("GET /v1/invoices", {"customer": "{customer}", "expand[]": "data.customer"}),
    "open": ("GET /v1/invoices", {"customer": "{customer}", "status": "open"}),
    "search": ("GET /v1/invoices/search", {"query": "customer:'{customer}'"}),
    "without": ("GET /v1/invoices/search", {"query": "-customer:'{customer}'", "limit": "100"}),
    "all": ("GET /v1/invoices", {"limit": "100"}),
    "whom": ("GET /v1/customers/{customer}", {}),
    "items": ("GET /v1/invoiceitems", {"customer": "{customer}"}),
    "its items": ("GET /v1/invoiceitems", {"invoice": "{invoice}"}),
    "pending": ("GET /v1/invoiceitems/{item}", {}),
}
NAMED = {"customer": "customer", "item": "item", "line": "item", "draft": "invoice", "second": "second"}
READS = frozenset(step for step, (line, _) in STEPS.items() if stamps.is_read(line.partition(" ")[0]))
OF_ALL = ("all", "without")  # these show what all lives have done


@dataclass
class Life:
    """What one life has done so far, and what it calls the things that it was told of; the same for any upstream."""

    number: int
    steps: Sequence[str]
    shared: bool = False
    done: int = 0
    names: dict[str, str] = field(default_factory=dict)
    last: tuple[str, int] | None = None

    def request(self, step: str, serial: int, run: int) -> Request:
        """`again` is the last write once more, under its own key."""
        if step == "again":
            step, serial = self.last or ("customer", serial)
        line, form = STEPS[step]
        method, _, path = line.partition(" ")
        called = {"life": self.number, "swept": "exclude" if self.shared else "include"} | {
            name: self.names.get(name, f"{name[:2]}_1NobodyHasThis{self.number:04d}Id")
            for name in ("customer", "invoice", "second", "item")
        }
        asked = urlencode({name: value.format(**called) for name, value in form.items()})
        path = path.format(**called)
        if method != "POST":
            return Request(method, f"{path}?{asked}" if asked else path, (KEY,))
        self.last = (step, serial)
        key = ("Idempotency-Key", f"run-{run}-life-{self.number}-step-{serial}")
        return Request(method, path, (KEY, FORM, key), asked.encode())

    def heard(self, step: str, response: Response) -> None:
        if step in NAMED and response.status == 200:
            self.names.setdefault(NAMED[step], json.loads(response.body)["id"])


def recorded(
    lives: Sequence[Sequence[str]], chance: Random | None = None, over: Cassette | None = None, *, shared: bool
) -> Cassette:
    """The lives one after the other, or in turns by chance, against a sandbox. Those that share have one customer, made
    before."""
    to, twin = session(over, Mode.ALL), Twin(7 if over is None else 8)
    answer = recording(to, Upstream(twin.answer, twin.now))
    everyone = [Life(number, steps, shared) for number, steps in enumerate(lives)]
    if shared:
        founded(everyone, answer)
    while left := [life for life in everyone if life.done < len(life.steps)]:
        life = chance.choice(left) if chance else left[0]
        step = life.steps[life.done]
        life.heard(step, answer(life.request(step, life.done, 0)))
        life.done += 1
    cassette = to.cassette()
    assert cassette is not None
    return cassette


def founded(everyone: Sequence[Life], answer: Callable[[Request], Response]) -> Response:
    """The one customer of all is made."""
    response = answer(Request("POST", "/v1/customers", (KEY, FORM), b"name=House"))
    for life in everyone:
        life.heard("customer", response)
    return response


class Twin:
    """A sandbox whose clock moves a second with each answer."""

    def __init__(self, seed: int = 7) -> None:
        self.now = START
        self._api = Api(Random(seed), int(START))

    def answer(self, request: Request) -> Response:
        self.now += 1
        return self._api.answer(request, int(self.now))


class Replayed:
    """The lives on a replay, and at the same time on a twin."""

    def __init__(self, cassette: Cassette, lives: Sequence[Sequence[str]], *, shared: bool, mode: Mode) -> None:
        self.session = session(cassette, mode)
        self.shared = shared
        self._twin = Twin(99)
        self._here = [Life(number, steps, shared) for number, steps in enumerate(lives)]
        self._there = [Life(number, steps, shared) for number, steps in enumerate(lives)]
        self._called: dict[str, str] = {}  # ids of the cassette to those of the twin
        self._looked: dict[tuple[int, bytes, int], Any] = {}  # what was seen when so many things had such names
        self._shown: dict[str, Any] = {}  # what the twin shows since its last write: who polls is shown the same
        self.played: list[str] = []  # the writes
        self.missed: list[str] = []
        self.read = 0
        if shared:
            self._pair(founded(self._here, self._played), founded(self._there, self._twin.answer))

    def left(self, number: int) -> bool:
        return self._here[number].done < len(self._here[number].steps)

    def step(self, number: int) -> str:
        """The next step of a life."""
        life = self._here[number]
        step = life.steps[life.done]
        self._ask(number, step, life.done)
        life.done += 1
        return step

    def try_again(self, number: int) -> None:
        """The last write once more, under its own key."""
        if self._here[number].last:
            self._ask(number, "again", -1)

    def look(self, number: int, read: str) -> None:
        """That read once more."""
        self._ask(number, read, -1)

    def _ask(self, number: int, step: str, serial: int) -> None:
        life, twin = self._here[number], self._there[number]
        request, there = life.request(step, serial, 1), twin.request(step, serial, 1)
        verdict = self.session.decide(request, START)
        assert not isinstance(verdict, Forward)
        if isinstance(verdict, verdicts.Refuse):
            self._refused(step, request, verdict)
        elif stamps.is_read(request.method):
            self.read += 1
            assert self._seen(verdict.response) == self._truth(there), (step, number, request.target)
        else:
            expected = self._twin.answer(there)
            self._shown.clear()
            life.heard(step, verdict.response)
            twin.heard(step, expected)
            self.played.append(f"{request.method} {request.path}")
            assert verdict.response.status == expected.status, (step, number)
            self._pair(verdict.response, expected)

    def _refused(self, step: str, request: Request, verdict: verdicts.Refuse) -> None:
        """Only a read in another state, and it names writes that were played, and others that were not."""
        assert stamps.is_read(request.method), (step, verdict.message)
        assert verdict.reason is verdicts.Reason.UNKNOWN_STATE, verdict.message
        nearest = re.search(r"^Nearest: (.+)$", verdict.message, re.MULTILINE)
        assert nearest
        for apart in nearest[1].split("; "):
            found = re.fullmatch(r"recorded (before|after) (.+), which you have (played|not played)", apart)
            assert found, apart
            assert (found[1] == "before") == (found[3] == "played")
            named = [write for write in found[2].split(", ") if not re.fullmatch(r"and \d+ more", write)]
            assert found[1] == "after" or set(named) <= set(self.played)
        self.missed.append(step)

    def _played(self, request: Request) -> Response:
        verdict = self.session.decide(request, START)
        assert isinstance(verdict, verdicts.Replay), verdict
        self.played.append(f"{request.method} {request.path}")
        return verdict.response

    def _pair(self, one: Response, other: Response) -> None:
        """What the two call the same thing."""
        for name, twin in zip(strings(json.loads(one.body)), strings(json.loads(other.body)), strict=False):
            if list(canonical.ids_in(name)) == [name] and list(canonical.ids_in(twin)) == [twin]:
                self._called.setdefault(name, twin)

    def _truth(self, read: Request) -> Any:
        if read.target not in self._shown:
            self._shown[read.target] = told(self._twin.answer(read), {}, shared=self.shared)
        return self._shown[read.target]

    def _seen(self, response: Response) -> Any:
        look = (response.status, response.body, len(self._called))
        if look not in self._looked:
            self._looked[look] = told(response, self._called, shared=self.shared)
        return self._looked[look]


def told(response: Response, called: dict[str, str], *, shared: bool) -> Any:
    """What an answer says, but for times and tokens; ids by the names that they are called by."""
    if not called:
        return _said(response.status, response.body, shared=shared)
    return response.status, _told(json.loads(response.body), called, shared=shared)


@lru_cache(1_000)  # who polls is told the same again and again
def _said(status: int, body: bytes, *, shared: bool) -> Any:
    return status, _told(json.loads(body), {}, shared=shared)


def _told(value: Any, called: dict[str, str], *, shared: bool) -> Any:
    if isinstance(value, str):
        return called.get(value, value)
    if isinstance(value, dict):
        return {key: _field(key, child, called, shared=shared) for key, child in value.items() if not _is_token(key)}
    if isinstance(value, list):
        return sorted((_told(child, called, shared=shared) for child in value), key=str)  # whoever was made first
    return value


@cache
def _is_token(key: str) -> bool:
    return bool(TOKENS.fullmatch(key))


@cache
def _is_time(key: str) -> bool:
    return bool(TIMES.fullmatch(key))


def _field(key: str, value: Any, called: dict[str, str], *, shared: bool) -> Any:
    if isinstance(value, int) and _is_time(key):
        return "a time"
    if key == "number" and isinstance(value, str):  # the numbers of one customer count on in whatever order
        return "a number" if shared else value.partition("-")[2]
    if key == "id" and isinstance(value, str) and value.startswith("il_"):  # of lines nobody speaks
        return "a line"
    return _told(value, called, shared=shared)


def strings(value: Any) -> Iterator[str]:
    """The texts of a JSON value, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child)
