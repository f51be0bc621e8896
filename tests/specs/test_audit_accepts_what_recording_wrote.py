"""What a recording wrote, the audit accepts: over objects with links to themselves, to one another, and to tokens."""

import json
from collections.abc import Iterable
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from replayer.cassettes import dumps
from replayer.core.audit import audit, spoiling
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.naming import aliases
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
