"""Handing over: a miss as somebody else can answer it, who goes on where the recorded session ends.

client  -- what a recording would have written down -->  sandbox
client  <-- with its own values, on the same clock ---   sandbox
"""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

from replayer.core.client import Question
from replayer.core.lists import SYNTHESIZED
from replayer.core.matching import Canonical
from replayer.core.message import Request, Response, wire
from replayer.core.rules import Rules
from replayer.core.session.verdicts import Reason, Refuse

HANDED_OVER = frozenset({Reason.NO_MATCH, Reason.USED_UP, Reason.UNKNOWN_STATE})


@dataclass(frozen=True, slots=True)
class HandOver(Refuse):
    """A refusal, unless the sandbox can answer `request`. It is no miss yet."""

    question: Question = field(kw_only=True)

    @property
    def asked(self) -> Canonical:
        return self.question.asked

    @property
    def key(self) -> str | None:
        """The idempotency key as the cassette knows it."""
        return self.question.arrival.bound or self.question.arrival.key

    @property
    def request(self) -> Request:
        """The request in the cassette's space, down to its key."""
        request, key = self.question.request, self.key
        if key is None or key == self.question.arrival.key:
            return request
        return replace(request, headers=tuple(_rekeyed(pair, key) for pair in request.headers))


def _rekeyed(pair: tuple[str, str], key: str) -> tuple[str, str]:
    return (pair[0], key) if pair[0].lower() == "idempotency-key" else pair


@dataclass(frozen=True, slots=True)
class SandboxAnswer:
    """What the sandbox answered. `touched` are the ids and the collections that are not any more as they were recorded:
    none where nothing was changed. `origin` tells the request from all others of the session."""

    response: Response
    origin: str
    touched: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """The request as one number that no recorded write has: a state behind it was never recorded."""
        return int(blake2b(f"sandbox\0{self.origin}".encode(), digest_size=8).hexdigest(), 16) | 1

    @property
    def objects(self) -> frozenset[str]:
        """The ids alone. Who adds to a collection takes nothing away from those who do the same."""
        return frozenset(name for name in self.touched if not name.startswith("/"))

    def marked(self, rules: Rules, kind: str) -> Response:
        """The answer as one of a cassette, without what those leave out, and with the mark of its kind."""
        left_out = rules.noise_headers | {"content-length"}
        kept: wire.Headers = tuple(pair for pair in self.response.headers if pair[0].lower() not in left_out)
        return replace(self.response, headers=(*kept, (SYNTHESIZED, kind)))
