"""What a recording wrote, the audit accepts: over objects with links to themselves, to one another, and to tokens."""

import base64
import json
from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replayer.cassettes import dumps
from replayer.core.audit import audit, spoiling
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.rules import Rules, registry
from tests.specs.traffic import START, recording, session

HOST = "https://pay.stripe.com"
LINKS = (  # by which account, which charge, which token
    "{host}/receipts/{account}/{charge}/{receipt}",
    "{host}/receipts/{charge}",
    "{host}/receipts/payment/{token}",
    "{host}/receipts/invoices/{token}?s=ap",
    "{host}/i/{account}/test_{token}?s=ap",
    "{host}/i/{account}/test_{token}/pdf?for={charge}",
    "see {charge} and {token}",
    "",
)
FIELDS = ("receipt_url", "hosted_invoice_url", "invoice_pdf", "description")
objects = st.tuples(st.integers(0, 3), st.sampled_from(FIELDS), st.sampled_from(LINKS), st.integers(0, 3))


class Linked:
    """An API whose objects have links: each answer is a list of (object, field, link, whom the link is about)."""

    def __init__(self, seed: int, answers: Iterable[list[tuple[int, str, str, int]]]) -> None:
        self._chance, self._answers, self.now = Random(seed), iter(answers), START
        self._charges = [self._id("ch_", 24) for _ in range(4)]
        self._tokens = [self._id("", 40) for _ in range(4)]
        self._receipts = [self._id("rcpt_", length) for length in (14, 14, 24, 24)]
        self._account = self._id("acct_", 16)

    def _id(self, prefix: str, length: int) -> str:
        return prefix + "1" + "".join(self._chance.choices(aliases.BASE62, k=length - 1))

    def answer(self, _: Request) -> Response:
        self.now += 1.3
        value = [self._object(*one) for one in next(self._answers)]
        return Response(200, "OK", (("Content-Type", "application/json"),), json.dumps({"data": value}).encode())

    def _object(self, which: int, field: str, link: str, about: int) -> dict[str, object]:
        link = link.format(
            host=HOST,
            account=self._account,
            charge=self._charges[about],
            receipt=self._receipts[about],
            token=self._tokens[about],
        )
        return {"id": self._charges[which], "object": "charge", "created": int(START), field: link}


@pytest.mark.long
@given(
    st.lists(st.tuples(st.booleans(), st.lists(objects, min_size=1, max_size=4)), min_size=1, max_size=6),
    st.integers(0, 2**32),
)
@example([(True, [(0, "receipt_url", LINKS[0], 1)])], 0)  # the receipt of another charge
@example([(True, [(0, "receipt_url", LINKS[1], 1)])], 0)
def test_law_5_what_a_recording_wrote_is_no_finding(
    program: list[tuple[bool, list[tuple[int, str, str, int]]]], seed: int
) -> None:
    """Nor what it wrote when that was recorded again."""
    cassette = None
    for time in range(2):
        to = session(cassette, Mode.ALL)
        answer = recording(to, Linked(seed + time, [found for _, found in program]))
        for number, (writes, _) in enumerate(program):
            answer(Request("POST" if writes else "GET", f"/v1/charges/{number}"))
        cassette = to.cassette()
        assert cassette is not None
        assert [str(one) for one in audit(cassette, dumps(cassette))] == []
        assert spoiling(cassette, dumps(cassette)) == []


NAMES = ("access_token", "clientSecret", "api_key", "password", "token", "secret", "note", "cursor", "next_page", "url")
Made = Callable[["Odd"], object]
VALUES: dict[str, Made] = {
    "random": lambda odd: odd.random(30),
    "dashed": lambda odd: odd.random(9) + "-" + odd.random(12) + "_" + odd.random(9),
    "with a prefix": lambda odd: f"accs_secret__{odd.random(40)}",
    "an id": lambda odd: odd.id("in_"),
    "a key": lambda odd: "sk_" + f"test_{odd.random(24)}",
    "a word": lambda _: "required",
    "a link": lambda odd: f"https://files.test/links/{odd.random(40)}?x={odd.random(24)}#{odd.random(30)}",
    "a hosted link": lambda odd: f"https://invoice.stripe.com/i/{odd.id('acct_')}/test_{odd.random(60)}?s=ap",
    "a checkout": lambda odd: f"https://checkout.stripe.com/c/pay/{odd.id('cs_test_')}#fid{odd.random(60)}",
    "in base64": lambda odd: base64.b64encode(f"00|{odd.id('acct_')}|{odd.id('fl_test_')}".encode()).decode(),
    "in prose": lambda odd: f"access_token: {odd.random(30)}, {{'api_key': '{odd.random(20)}'}}",
    "in a string": lambda odd: json.dumps({"api_key": odd.random(30), "n": [odd.id("ch_")]}),
    "in an object": lambda odd: {"value": odd.random(30), "type": "bearer"},
    "in a list": lambda odd: [odd.random(30), odd.id("ch_")],
    "a pair": lambda odd: [{"name": "api_key", "value": odd.random(30)}],
    "one of two types": lambda odd: [odd.twice | {"object": "plan"}, odd.twice | {"object": "price"}],
    "a number": lambda _: 4711,
    "nothing": lambda _: None,
}


class Odd:
    """An API that has anything under any name, new in each answer; `repeats` has it say the same again."""

    def __init__(self, seed: int, answers: Iterable[list[tuple[str, str]]], *, repeats: bool) -> None:
        self._chance, self._answers, self._repeats, self.now = Random(seed), iter(answers), repeats, START
        self._said: dict[str, object] = {}
        self.twice: dict[str, object] = {"id": self.id("price_"), "created": int(START)}

    def random(self, length: int) -> str:
        return "aB1" + "".join(self._chance.choices(aliases.BASE62, k=length - 3))

    def id(self, prefix: str) -> str:
        return prefix + "1" + self.random(20)

    def answer(self, request: Request) -> Response:
        self.now += 1.3
        value: dict[str, object] = {"id": self.id("ob_"), "object": "thing", "created": int(self.now)}
        for name, kind in next(self._answers):
            value[name] = self._said.setdefault(kind, VALUES[kind](self)) if self._repeats else VALUES[kind](self)
        headers = (("Content-Type", "application/json"), ("X-Auth-Token", self.random(30)), ("X-Seen", request.path))
        return Response(200, "OK", headers, json.dumps(value).encode())


@pytest.mark.long
@given(
    st.lists(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(VALUES))), max_size=5), max_size=5),
    st.integers(0, 2**32),
    st.booleans(),
    st.sampled_from((registry.INVOICE_RULES, registry.GENERIC_RULES)),
)
@example([[("url", "a link")], [("note", "a link")]], 0, True, registry.INVOICE_RULES)
@example([[("note", "one of two types")]], 0, False, registry.INVOICE_RULES)
@example(  # chance has written `xxx` into one of its tokens
    [[("access_token", "a checkout")] * 2, [("access_token", "a checkout"), ("access_token", "a link")]],
    18,
    False,
    registry.INVOICE_RULES,
)
@example([[("cursor", "dashed"), ("next_page", "dashed")]], 0, True, registry.INVOICE_RULES)  # one without an owner
def test_law_5_nor_is_what_it_wrote_of_an_api_with_anything_under_any_name(
    program: list[list[tuple[str, str]]], seed: int, repeats: bool, rules: Rules
) -> None:
    """Nor what it wrote when that was recorded again, with what the client sent back of it."""
    cassette = None
    for time in range(2):
        to = session(cassette, Mode.ALL, rules=rules)
        answer = recording(to, Odd(seed + time, [[], *program, *program], repeats=repeats))
        heard = answer(Request("POST", "/v1/things"))
        for number in range(2 * len(program)):
            sent = heard.body if number % 2 else b""
            heard = answer(Request("POST", f"/v1/things/{number}", (("Content-Type", "application/json"),), sent))
        cassette = to.cassette()
        assert cassette is not None
        assert [str(one) for one in audit(cassette, dumps(cassette), rules)] == []
