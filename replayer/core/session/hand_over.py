"""Handing over: a miss as somebody else can answer it, who goes on where the recorded session ends.

client  -- what a recording would have written down -->  sandbox
client  <-- with its own values, on the same clock ---   sandbox
"""

from dataclasses import dataclass, replace
from hashlib import blake2b

from replayer.core.client.bindings import Question, Writer
from replayer.core.client.holes import Hole
from replayer.core.lists import SYNTHESIZED
from replayer.core.matching.canonical import Canonical
from replayer.core.message.interaction import Headers, Request, Response
from replayer.core.rules.registry import Rules
from replayer.core.session.verdicts import Reason, Refuse

HANDED_OVER = frozenset({Reason.NO_MATCH, Reason.USED_UP, Reason.UNKNOWN_STATE})


@dataclass(frozen=True, slots=True)
class HandOver(Refuse):
    """A refusal, unless the sandbox can answer `request`. It is no miss yet.

    `key` is the idempotency key as the client sent it, and `bound` as the cassette knows it, both None without one.
    """

    question: Question
    key: str | None
    bound: str | None

    @property
    def asked(self) -> Canonical:
        return self.question.asked

    @property
    def request(self) -> Request:
        """The request in the cassette's space, down to its key."""
        request, bound = self.question.request, self.bound
        if bound is None or bound == self.key:
            return request
        return replace(request, headers=tuple(_rekeyed(pair, bound) for pair in request.headers))

    @property
    def own(self) -> dict[str, str]:
        """What of the answer is this one request's own: recorded to live."""
        return {self.bound: self.key} if self.bound and self.key else {}


def _rekeyed(pair: tuple[str, str], key: str) -> tuple[str, str]:
    return (pair[0], key) if pair[0].lower() == "idempotency-key" else pair


@dataclass(frozen=True, slots=True)
class Taken:
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
        kept: Headers = tuple(pair for pair in self.response.headers if pair[0].lower() not in left_out)
        return replace(self.response, headers=(*kept, (SYNTHESIZED, kind)))


def standing(write: Writer, *, virtual: bool) -> Writer:
    """What stands for the values of a request that is handed over. Where the times of a cassette are not ours, but
    those of another tool, they are `virtual` to nobody, and stay."""

    def stand(hole: Hole, origin: str) -> str:
        return hole.value if hole.kind == "time" and not virtual else write(hole, origin)

    return stand
