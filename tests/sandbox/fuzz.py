"""Requests that nobody should send, by the hundred thousand: `python -m tests.sandbox.fuzz [COUNT [SEED]]`.

Each gets an answer of the documented form, soon; and what is refused has changed nothing. Most go through
`InvoiceApi.answer`, a small share as raw bytes through a port.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from replayer.core.message import Request, wire
from replayer.sandbox import Sandbox
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.commands import OPERATIONS
from replayer.sandbox.serving.state import dump_account
from replayer.sandbox.wire.kinds import ParamKind
from replayer.sandbox.wire.refusals import Refused

from . import wellformed
from .shop import KEY, MONDAY, Shop

COUNT = 100_000
OVER_A_PORT = 40  # one of so many
LIFE = 150  # requests that one sandbox gets: what it holds is compared after each
SLOW = 1.0  # seconds of processor time
PATIENCE = 0.1  # seconds that half a request is waited for
METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "BREW", "get", "P\u00d6ST"]
VALUES = [
    *(
        "",
        "0",
        "1",
        "-1",
        "2000",
        "7",
        "true",
        "false",
        "maybe",
        "null",
        "usd",
        "EUR",
        "zzzz",
        "1.5",
        "1e9",
        "0x10",
        "+1",
    ),
    *("9" * 18, "9" * 19, "9" * 30, "-" + "9" * 25, "1." + "3" * 12, "1." + "3" * 40, "\u0663", "\u00b2", "NaN"),
    *("a" * 41, "b" * 501, "c" * 5001, "d" * 70_000, "send_invoice", "charge_automatically", "draft", "open", "self"),
    *("pm_card_visa", "pm_card_chargeDeclined", "tok_visa", "tok_chargeDeclined", "card", "4242424242424242", "delete"),
    *(
        "\x00",
        "\u2028",
        "\U0001f4b6",
        "a\r\nSet-Cookie: x",
        "../..",
        "%",
        "%%",
        "<script>",
        "'; DROP TABLE",
        "{}",
        "[]",
    ),
    *("customer", "data.customer", "lines.data.discounts", "payments.data.invoice.customer", "data", "a.b.c.d.e", "."),
    *(
        "status:'open'",
        "total>1 OR total<2",
        "-status:'x' AND created>=0",
        "metadata['a']:null",
        "((",
        "status:'",
        "~~~",
    ),
    *("2026-01-01", "1795305600", "4102444800", "include", "exclude", "type", "WzJd", "aW5feA==", "unassign"),
]
ODD_NAMES = [
    "wat",
    "metadata",
    "metadata[a[b]]",
    "metadata[",
    "expand",
    "expand[]",
    "a" * 300,
    "",
    "]",
    "[",
    "\u00fc",
    "id",
]
ODD_STEPS = ["", "0", "1", "-1", "99999999999", "00", "a", "[", "]", "][", "[]", "\x00", "metadata"]


PREFIXES = {
    "customers": "cus_",
    "events": "evt_",
    "invoices": "in_",
    "invoiceitems": "ii_",
    "lines": "il_",
    "payment_methods": "pm_",
    "test_helpers": "clock_",
    "webhook_endpoints": "we_",
}
# What makes a request succeed, now and then. The first id is a customer's, the second a line's.
USUAL = {
    "customer": ["customer={0}"],
    "lines": [
        "lines[0][amount]=5",
        "lines[0][id]={1}&lines[0][amount]=7",
        "lines[0][id]={1}&lines[0][behavior]=delete",
    ],
    "amount": ["amount=100", "unit_amount_decimal=1.5&quantity=3", ""],
    "query": ["query=total>1", "query=status:'open'"],
    "type": ["type=card&card[token]=tok_visa", "type=invoice.*"],
    "frozen_time": ["frozen_time=1795305600", "frozen_time=1795400000", "frozen_time=1796000000"],
    "url": ["url=http://127.0.0.1:9/hook", "url=https://example.com/"],
    "enabled_events": ["enabled_events[]=*", "enabled_events[]=invoice.paid", "enabled_events[0]=charge.succeeded"],
    "payment_method": ["payment_method=pm_card_visa", "paid_out_of_band=true", "payment_method=tok_chargeDeclined", ""],
}


def takes(kind: ParamKind, value: str) -> bool:
    try:
        kind.read(value, "x")
    except Refused:
        return False
    return True


class Noise:
    """Chance, and what it makes of the API's own tables."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._welcome: dict[int, list[str]] = {}

    def one(self, *odds: int) -> bool:
        """True once in that many times."""
        return self.chance.randrange(odds[0]) == 0

    def request(self, names: list[str]) -> Request:
        known = self.chance.choice(list(OPERATIONS))
        method, path = known.split(" ")
        while "{}" in path:
            prefix = PREFIXES[path.split("/")[2] if path.count("{}") == known.count("{}") else "lines"]
            path = path.replace("{}", quote(self.name(names, prefix), safe=""), 1)
        if self.one(40):
            method = self.chance.choice(METHODS)
        if self.one(40):
            path = self.path(path)
        form = self.form(dict(OPERATIONS[known].params), names)
        in_query = method != "POST" or self.one(20)
        target = f"{path}?{form.decode('latin-1')}" if in_query else path
        target = quote(target.encode("latin-1", "replace"), safe="".join(map(chr, range(33, 127))))
        return Request(method, target, self.headers(), b"" if in_query and not self.one(20) else form)

    def name(self, names: list[str], prefix: str = "") -> str:
        if self.one(10):
            return self.chance.choice(VALUES)[:500] or "x"
        fitting = [name for name in names if name.startswith(prefix)]
        return self.chance.choice(names if self.one(10) else fitting)

    def path(self, path: str) -> str:
        cut = self.chance.randrange(len(path) + 1)
        return self.chance.choice(
            [path + "/", path[:cut] or "/", "//" + path, path + "/x/y/z", "/v1/nope", "/v1/%FF%00"]
        )

    def form(self, kinds: Mapping[str, ParamKind], names: list[str]) -> bytes:
        fields = [
            self.field(kinds, names)
            for _ in range(self.chance.choice((0, 0, 0, 0, 1, 1, 2, 4)) if kinds or self.one(8) else 0)
        ]
        for name, usual in USUAL.items():
            if name in kinds and not self.one(6):
                fields.append(
                    self.chance.choice(usual).format(self.name(names, "cus_"), self.name(names, "il_")).encode()
                )
        form = b"&".join(fields)
        return self.broken(form) if self.one(20) else form

    def field(self, kinds: Mapping[str, ParamKind], names: list[str]) -> bytes:
        if not kinds or self.one(25):
            name = self.chance.choice(ODD_NAMES) + "".join(
                f"[{self.chance.choice(ODD_STEPS)}]" for _ in range(self.chance.choice((0, 1, 1, 2, 25)))
            )
        else:
            name, kind = self.inside(kinds)
            if not self.one(5):
                return f"{quote(name, safe='[]')}={quote(self.chance.choice(self.welcome(kind, names)))}".encode()
        value = self.name(names) if self.one(3) else self.chance.choice(VALUES)
        safe = self.chance.choice(["[]", "", "[]/:'"])
        text = value if self.one(6) else quote(value, safe="/")
        return (
            quote(name, safe=safe).encode()
            + b"="
            + text.encode(self.chance.choice(["utf-8"] * 9 + ["utf-16"]), "replace")
        )

    def welcome(self, kind: ParamKind, names: list[str]) -> list[str]:
        """The values that the kind takes, as far as they are among ours."""
        if id(kind) not in self._welcome:
            self._welcome[id(kind)] = [value for value in VALUES if takes(kind, value)] or [""]
        return self._welcome[id(kind)] if self.one(2) or not takes(kind, names[0]) else names

    def inside(self, kinds: Mapping[str, ParamKind]) -> tuple[str, ParamKind]:
        """A name that the table knows, down to where it ends, or a step too far or too short."""
        name = self.chance.choice(list(kinds))
        kind, path = kinds[name], name
        while (kind.fields or kind.each) and not self.one(8):
            if kind.each is not None:
                kind, path = kind.each, f"{path}[{self.chance.choice(['0', '0', '1', '', 'x', '7'])}]"
            else:
                step = self.chance.choice(list(kind.fields))
                kind, path = kind.fields[step], f"{path}[{step}]"
        return path + (f"[{self.chance.choice(ODD_STEPS)}]" if self.one(12) else ""), kind

    def broken(self, form: bytes) -> bytes:
        """Bytes changed, cut, doubled, or put where none should be."""
        noise, place = bytes(self.chance.choices(range(256), k=3)), self.chance.randrange(len(form) + 1)
        return self.chance.choice(
            [
                form[:place] + noise + form[place:],
                form[:place],
                form.replace(b"]", b"", 1),
                form.replace(b"[", b"[[", 1),
                form.replace(b"%", b"%Z", 1),
                form.replace(b"=", b"", 1),
                form + b"&" + form,
                b"&&=&" + form,
            ]
        )

    def headers(self) -> wire.Headers:
        """Mostly a welcome client."""
        key = ("Authorization", f"Bearer {KEY}")
        extra = [
            ("Idempotency-Key", self.chance.choice(["k", "l", "m" * 255, "n" * 256, "\u00fc"])),
            ("Stripe-Version", self.chance.choice(["2024-06-20", "2026-10-28.endive", "2024-13-99", "x", "\u00b2"])),
            ("Stripe-Account", self.chance.choice(["acct_1UI6qsHIBYZYyePr", "acct_1", "\u00fc" * 30])),
            (
                "Content-Type",
                self.chance.choice(["application/json", "text/plain", "application/x-www-form-urlencoded"]),
            ),
        ]
        wrong = [
            ("Authorization", value)
            for value in ("", "Bearer", "Bearer x", "Basic !!", "Basic c2tfdGVzdF94Og==", "x" * 9999)
        ]
        chosen = [pair for pair in extra if self.one(30)]
        return (self.chance.choice(wrong) if self.one(40) else key, *chosen)


def names_of(shop: Shop) -> list[str]:
    """Ids of all kinds in all states, made before."""
    invoices = [shop.invoice(status) for status in ("draft", "draft", "open", "paid", "uncollectible", "void")]
    sent = shop.invoice(collection_method="send_invoice", days_until_due=3)
    declined = shop.customer("pm_card_chargeDeclined")
    pending = shop.post("/v1/invoiceitems", customer=declined, amount=5)["id"]
    endpoint = shop.post("/v1/webhook_endpoints", "enabled_events[]=*", url="http://127.0.0.1:9/hook")["id"]
    clock = shop.post("/v1/test_helpers/test_clocks", frozen_time=shop.at)["id"]
    timed = shop.customer("pm_card_chargeDeclined", test_clock=clock)
    shop.invoice(customer=timed, auto_advance="true")
    gone = shop.invoice()["id"]
    shop.delete(f"/v1/invoices/{gone}")
    made = [*invoices, sent]
    lines = [line["id"] for one in made for line in one["lines"]["data"]]
    items = [row["id"] for row in shop.get("/v1/invoiceitems")["data"]]
    cards = [row["id"] for row in shop.get("/v1/payment_methods")["data"]]
    return (
        [one["id"] for one in made]
        + [one["customer"] for one in made]
        + [*lines, *items, *cards, declined, pending, endpoint, clock, timed, gone]
        + [event["id"] for event in shop.get("/v1/events")["data"]]
    )


def stored(api: InvoiceApi) -> Any:
    """All that is kept, but for the answers to idempotency keys: a refusal may be one of them."""
    accounts = [dump_account(account) for account in (api.own, *api.connected.values())]
    return [{name: part for name, part in account.items() if name != "keys"} for account in accounts]


def run(count: int, seed: int) -> dict[int, int]:
    """How often each status was answered. AssertionError at the first answer that is not as it should be."""
    noise, statuses = Noise(seed), dict[int, int]()
    for number in range(count):
        if number % LIFE == 0:
            shop = Shop(seed + number)
            names = names_of(shop)
        request, before, begun = noise.request(names), stored(shop.api), time.process_time()
        shop.at += 1
        try:
            answer = shop.api.answer(request, shop.at)
            wellformed.check(request, answer, shop.at)
            refused = answer.status not in (200, 402)
            assert not refused or stored(shop.api)[: len(before)] == before, "a refused request changed the state"
            assert time.process_time() - begun < SLOW, "the answer took too long"
        except Exception as error:
            raise AssertionError(f"request {number} of seed {seed}: {request!r}") from error
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
    return statuses


def as_bytes(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + request.body


async def over_a_port(count: int, seed: int) -> dict[int, int]:
    """The same as raw bytes, a fifth of them damaged as HTTP too."""
    noise, statuses = Noise(seed), dict[int, int]()
    names = names_of(Shop())
    async with Sandbox(seed=1, clock=lambda: MONDAY) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        for number in range(count):
            whole, damaged = as_bytes(noise.request(names)), noise.one(10)
            sent = noise.broken(whole) if damaged else whole
            status = await asyncio.wait_for(status_of(port, sent, PATIENCE if damaged else SLOW), 5)
            allowed = (*wellformed.DOCUMENTED, 413, *([0] if damaged else []))
            assert status in allowed, f"request {number} of seed {seed}: {status} to {sent!r}"
            statuses[status] = statuses.get(status, 0) + 1
    return statuses


async def status_of(port: int, sent: bytes, patience: float) -> int:
    """0 where nothing came in time: damaged bytes may be no whole request, and then there is nothing to answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        head = await asyncio.wait_for(reader.readline(), patience)
        return int(head.split(b" ")[1]) if head else 0
    except (ConnectionError, TimeoutError):
        return 0
    finally:
        writer.close()


def shares(count: int) -> Iterator[int]:
    port = count // OVER_A_PORT
    yield count - port
    yield port


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    count, seed = (int(word) for word in (*sys.argv[1:], *(str(COUNT), "1")[len(sys.argv) - 1 :]))
    inside, port = shares(count)
    begun = time.perf_counter()
    say(f"{inside} requests to InvoiceApi.answer: {dict(sorted(run(inside, seed).items()))}")
    say(f"{port} requests over a port: {dict(sorted(asyncio.run(over_a_port(port, seed)).items()))}")
    say(f"seed {seed}, {time.perf_counter() - begun:.0f} s: every answer documented, no refusal changed anything")


if __name__ == "__main__":
    main()
