"""Programs of the invoice API, in memory: on a sandbox of its own, recorded, and recorded in part and gone on with."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import HandOver, verdicts
from replayer.proxy.sandbox_answers import Continuing
from replayer.sandbox.api import InvoiceApi as Api
from tests.core.build import EPOCH, FORM, KEY, ORIGIN, session

Ask = Callable[[Request], Response]
PREFIX = re.compile(r'(?<="invoice_prefix": ")[0-9A-Z]{8}|(?<="number": ")[0-9A-Z]{8}')
LINK = re.compile(r"(?<=/test_)[0-9A-Za-z+_=-]{40,}")
FINGERPRINT = re.compile(r'(?<="fingerprint": ")[0-9A-Za-z]{16}')
LOG = re.compile(r'(?<="request_log_url": )"[^"]*"')
TOKEN = re.compile(r'(?<="next_page": )"[^"]*"')
TIME = re.compile(r"\b179\d{7}\b")
ID = re.compile(r"\b[a-z]{2,10}_[0-9A-Za-z]{14,}")

# What a program does to an invoice, with which parameters.
ACTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("finalize", {}),
    ("pay", {}),
    ("pay", {"paid_out_of_band": "true"}),
    ("pay", {"payment_method": "pm_card_chargeDeclined"}),
    ("void", {}),
    ("mark_uncollectible", {}),
    ("send", {}),
)
CARDS = ("pm_card_visa", "pm_card_chargeDeclined", "")
VERBS = (
    "customer",
    "item",
    "draft",
    "line",
    "unline",
    "act",
    "act",
    "act",
    "update",
    "rename",
    "delete",
    "drop",
    "again",
)
READS = ("get", "whom", "invoices", "customers", "items", "lines", "cards", "whole", "found")


@dataclass(frozen=True)
class Step:
    """One request. Numbers choose among what the program was told of; `mark` makes it unlike all others."""

    verb: str
    which: int = 0
    how: int = 0
    amount: int = 100
    mark: str = ""

    def request(self, told: "Heard") -> Request:
        form: dict[str, Any]
        invoice, customer = told.one("in_", self.which), told.one("cus_", self.which)
        mark = {"description": self.mark} if self.mark else {}
        expand = {"expand[0]": "default_payment_method"} if self.mark else {}
        match self.verb:
            case "customer":
                card = CARDS[self.how % 3]
                pays = {"invoice_settings[default_payment_method]": card} if card else {}
                return post("/v1/customers", {"name": f"N{self.how}", "balance": -self.amount % 300, **pays, **mark})
            case "item":
                on = {"invoice": invoice} if self.how % 2 else {}
                return post("/v1/invoiceitems", {"customer": customer, "amount": self.amount, **on, **mark})
            case "draft":
                terms = {"collection_method": "send_invoice", "days_until_due": 3} if self.how % 2 else {}
                swept = "include" if self.how % 3 else "exclude"
                form = {"customer": customer, "pending_invoice_items_behavior": swept, **terms, **mark}
                return post("/v1/invoices", form)
            case "line":
                form = {"lines[0][amount]": self.amount, "lines[0][description]": self.mark or f"L{self.how}"}
                return post(f"/v1/invoices/{invoice}/add_lines", form)
            case "unline":
                behavior = "unassign" if self.how % 2 else "delete"
                form = {"lines[0][id]": told.one("il_", self.which), "lines[0][behavior]": behavior, **expand}
                return post(f"/v1/invoices/{invoice}/remove_lines", form)
            case "act":
                action, form = ACTIONS[self.how % len(ACTIONS)]
                return post(f"/v1/invoices/{invoice}/{action}", {**form, **expand})
            case "update":
                return post(f"/v1/invoices/{invoice}", {"description": f"D{self.how}", **mark})
            case "rename":
                return post(f"/v1/customers/{customer}", {"email": f"e{self.how}@x.org", **mark})
            case "delete":
                return Request("DELETE", f"/v1/invoices/{invoice}", (BEARER,), b"", ORIGIN)
            case "drop":
                return Request("DELETE", f"/v1/invoiceitems/{told.one('ii_', self.which)}", (BEARER,), b"", ORIGIN)
            case "again":
                return told.writes[self.which % len(told.writes)] if told.writes else get("/v1/customers")
            case "get":
                return get(f"/v1/invoices/{invoice}")
            case "whole":
                return get(f"/v1/invoices/{invoice}", **{"expand[0]": "customer", "expand[1]": "payments"})
            case "found":
                return get("/v1/invoices/search", query=f"customer:'{customer}' AND total>{self.amount}", limit=2)
            case "whom":
                return get(f"/v1/customers/{customer}")
            case "lines":
                return get(f"/v1/invoices/{invoice}/lines", limit=self.amount % 3)
            case "customers":
                return get("/v1/customers", limit=1 + self.amount % 3)
            case "items":
                return get("/v1/invoiceitems", customer=customer, **({"pending": "true"} if self.how % 2 else {}))
            case "cards":
                return get("/v1/payment_methods", customer=customer)
            case _:
                status = ("draft", "open", "paid", "void", "")[self.how % 5]
                filters = {
                    "status": status,
                    "customer": customer if self.amount % 2 else "",
                    "limit": 1 + self.amount % 4,
                }
                return get("/v1/invoices", **{name: value for name, value in filters.items() if value})


BEARER = ("Authorization", f"Bearer {KEY}")


def get(path: str, **query: Any) -> Request:
    return Request("GET", path + ("?" + urlencode(query) if query else ""), (BEARER,), b"", ORIGIN)


def post(path: str, form: dict[str, Any]) -> Request:
    return Request("POST", path, (BEARER, *FORM), urlencode(form).encode(), ORIGIN)


class Heard:
    """What a program was told: the ids in the order in which it heard of them, and what it wrote under which key.

    It chooses nothing that a marked step made: so `choices` tells whether such a step led it another way.
    """

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.strange: set[str] = set()
        self.choices: list[tuple[int, int]] = []
        self.writes: list[Request] = []
        self.answers: list[Response] = []

    def one(self, prefix: str, which: int) -> str:
        known = [name for name in self.ids if name.startswith(prefix)]
        self.choices.append((which, len(known)))
        return known[which % len(known)] if known else f"{prefix}nobody"

    def hear(self, request: Request, response: Response, *, marked: bool) -> None:
        self.answers.append(response)
        told = dict.fromkeys(ID.findall(response.body.decode()))
        if marked:
            self.strange |= told.keys() - self.ids.keys()
        self.ids |= {name: None for name in told if name not in self.strange}
        if request.method == "POST":
            self.writes.append(request)


def run(program: Iterable[Step], ask: Ask) -> Heard:
    """The program, each of its writes under a key of its own."""
    heard = Heard()
    for number, step in enumerate(program):
        before = len(heard.choices)
        request = step.request(heard)
        if step.mark:
            del heard.choices[before:]
        if request.method == "POST" and step.verb != "again":
            key = ("Idempotency-Key", f"{number:08x}-aaaa-4bbb-8ccc-000000000000")
            request = Request("POST", request.target, (*request.headers, key), request.body, ORIGIN)
        heard.hear(request, ask(request), marked=bool(step.mark))
    return heard


class Alone:
    """A sandbox whose clock stands at an epoch and moves a second with each write, as the virtual one does; a
    retry moves nothing on."""

    def __init__(self, seed: int = 1) -> None:
        self._api, self._writes, self._keys = Api(random.Random(seed), EPOCH), 0, set[str | None]()

    def __call__(self, request: Request) -> Response:
        key = wire.header(request.headers, "Idempotency-Key")
        self._writes += request.method != "GET" and (key is None or key not in self._keys)
        self._keys.add(key)
        return self._api.answer(request, EPOCH + self._writes)


class Recording:
    """A recording of a sandbox."""

    def __init__(self) -> None:
        self._session, self._sandbox, self._at = session(), Alone(2), EPOCH + 40_000

    def __call__(self, request: Request) -> Response:
        self._at += 1
        verdict = self._session.decide(request, float(self._at))
        assert isinstance(verdict, Forward)
        answer = self._sandbox(verdict.request)
        recorded = self._session.record(verdict.exchange, answer, float(self._at))
        self._session.recorder.keep(verdict.exchange, recorded.interaction)
        return recorded.response

    @property
    def cassette(self) -> Cassette:
        return self._session.cassette() or Cassette()


class Continued:
    """A replay that goes on with the sandbox. `refused` are the misses that stand; `played` tells which steps were."""

    def __init__(self, cassette: Cassette, **more: Any) -> None:
        self.session = session(cassette, Mode.NONE, hands_over=True, **more)
        self._go_on = Continuing(self.session)
        self.played: list[bool] = []

    def __call__(self, request: Request) -> Response:
        match self.session.decide(request, EPOCH + 9_000_000.0):
            case verdicts.Replay(response):
                self.played.append(True)
                return response
            case HandOver() as handed:
                found = self._go_on.answer(handed)
                assert found is not None, handed.message
                self.played.append(False)
                return found.response
            case verdict:
                raise AssertionError(verdict)


def alike(answers: Iterable[Response]) -> list[tuple[int, str]]:
    """Status and body of each answer, every name by the number in which it came up, without times of the session."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(), f"name{len(numbers)}")

    return [(answer.status, _renamed(answer.body.decode(), number)) for answer in answers]


def _renamed(text: str, number: Callable[[re.Match[str]], str]) -> str:
    text = LINK.sub("link", LOG.sub("null", text))  # a sandbox gives its links anew each second
    text = TOKEN.sub("token", text)  # opaque: a recording has names for them
    for pattern in (PREFIX, FINGERPRINT, ID):
        text = pattern.sub(number, text)
    return TIME.sub("then", text)
