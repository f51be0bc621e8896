"""A translator between upstream and cassette, and what it has been told."""

from collections.abc import Iterable
from typing import Any

from replayer.core.clock import SessionClock, facts
from replayer.core.message import Request, Response, wire
from replayer.core.naming.origin import Origin
from replayer.core.naming.upstream import Outgoing, UpstreamSpace
from replayer.core.rules import Api, registry
from tests.core.build import EPOCH, PROXY, answer, value_of

ORIGIN, UPSTREAM = "https://api.stripe.com", "https://sandbox.test"
NOW = 1_795_350_000
DAY = 86_400
LINK = "YWNjdF8xSElCWVpZeWVQclpxSEFlLF9WSWlIajBUWTZneUZMWQ0200abcdefgh"
ACCOUNT = "acct_1HIBYZYyePrZqHAe"


def translator() -> UpstreamSpace:
    return UpstreamSpace(Api(registry.INVOICE_RULES, wire.Links(PROXY, ORIGIN, UPSTREAM)), SessionClock())


def moment(
    tick: int = 1, at: int = NOW, *, writes: bool = True, sent: dict[tuple[str, int], int] | None = None
) -> facts.Moment:
    return facts.Moment(EPOCH + tick, at, at, write=writes, epoch=EPOCH, sent=sent or {})


def taken_in(
    to: UpstreamSpace,
    reply: Response,
    *,
    digest: str = "d",
    occurrence: int = 0,
    at: facts.Moment | None = None,
    method: str = "POST",
    credentials: Iterable[str] = (),
) -> Response:
    """The answer in cassette space."""
    when = at or moment()
    to.spaces.clock.enter(when)
    return to.to_cassette(reply, method, Origin(digest, occurrence), when, frozenset(credentials))


def told(value: Any, to: UpstreamSpace | None = None, **more: Any) -> Any:
    """What becomes of a JSON answer."""
    return value_of(taken_in(to or translator(), answer(value), **more))


def sent(to: UpstreamSpace, request: Request) -> Outgoing:
    return to.to_upstream(request)


def knowing(*reals: str) -> tuple[UpstreamSpace, list[str]]:
    """A translator that has told the aliases of these ids."""
    to = translator()
    return to, [told({"id": real}, to, digest=real)["id"] for real in reals]
