"""The sandbox of the invoice API as an upstream in this process, and one session that records it or plays what it did:
no sockets, so that a thousand programs cost seconds."""

import json
import random
from typing import Any, Self
from urllib.parse import urlencode

from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import Session, verdicts
from replayer.sandbox.api import InvoiceApi as Api
from tests.specs.traffic import START, session
from tests.specs.world import ORIGIN

HEADERS = (
    ("Authorization", "Bearer sk_test_PagesOfTheSandbox01"),
    ("Content-Type", "application/x-www-form-urlencoded"),
)


def request(method: str, path: str, params: dict[str, Any] | None = None, key: str = "") -> Request:
    """One request of a client: parameters in the query of a GET, else as a form; with an idempotency key or without."""
    form = urlencode(params or {})
    if method == "GET":
        return Request(method, path + (f"?{form}" if form else ""), HEADERS, b"", ORIGIN)
    headers = (*HEADERS, ("Idempotency-Key", key)) if key else HEADERS
    return Request(method, path, headers, form.encode(), ORIGIN)


class Shop:
    """A sandbox of its own, and a session that records what it answers. A second goes by with each request."""

    def __init__(self, seed: int = 1, over: Cassette | None = None) -> None:
        self.now = START
        self.api = Api(random.Random(seed), int(START))
        self.session = session(over, Mode.ALL)

    @classmethod
    def of(cls, api: Api, now: float) -> Self:
        """A recording that begins then, of a sandbox in which there is something already."""
        shop = cls()
        shop.api, shop.now = api, now + 60
        return shop

    def ask(self, method: str, path: str, params: dict[str, Any] | None = None, key: str = "") -> Response:
        """What a client is told while it is recorded."""
        self.now += 1
        verdict = self.session.decide(request(method, path, params, key), self.now)
        assert isinstance(verdict, Forward), verdict
        reply = self.api.answer(verdict.request, int(self.now))
        recorded = self.session.record(verdict.exchange, reply, self.now)
        self.session.recorder.keep(verdict.exchange, recorded.interaction)
        return recorded.response

    def answered(self, method: str, path: str, params: dict[str, Any] | None = None) -> Response:
        """What the upstream itself answers to that, in its own names; it is not recorded."""
        return self.api.answer(request(method, path, params), int(self.now))

    def made(self, path: str, params: dict[str, Any] | None = None) -> str:
        """The id of what that makes."""
        return str(json.loads(self.ask("POST", path, params).body)["id"])

    @property
    def cassette(self) -> Cassette:
        cassette = self.session.cassette()
        assert cassette is not None
        return cassette


class Replayed:
    """A session that plays a cassette."""

    def __init__(self, cassette: Cassette, **more: Any) -> None:
        self.session: Session = session(cassette, Mode.NONE, **more)

    def ask(
        self, method: str, path: str, params: dict[str, Any] | None = None, key: str = ""
    ) -> verdicts.Replay | verdicts.Refuse:
        verdict = self.session.decide(request(method, path, params, key), START)
        assert not isinstance(verdict, Forward)
        return verdict
