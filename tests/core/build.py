"""One line builds a value: requests, answers, bodies, and a session with an upstream that says what it is told to."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from replayer.core.cassette import Cassette, Interaction
from replayer.core.client import Question
from replayer.core.client.question import Arrival
from replayer.core.clock import SessionClock
from replayer.core.matching import Canonical, canonical
from replayer.core.message import Request, Response, bodies, wire
from replayer.core.modes import Mode
from replayer.core.naming import Memory
from replayer.core.recording import Forward
from replayer.core.rules import Api, Rules, registry
from replayer.core.secrets import by_name
from replayer.core.session import Policy, Session, Words, verdicts

ORIGIN = "https://api.stripe.com"
PROXY = "http://127.0.0.1:4000"
KEY = "sk_test_FAKE00000000000000000000"
NOW = 1_795_350_000.4  # 2026-11-22T12:20:00Z and a bit
EPOCH = 1_795_305_600  # the midnight before
JSON: wire.Headers = (("Content-Type", "application/json"),)
FORM: wire.Headers = (("Content-Type", wire.FORM_TYPE),)

LINKS = wire.Links(PROXY, ORIGIN, ORIGIN)

INVOICE = "in_1UI6qsHIBYZYyePrZqHAeqdY"
OTHER = "in_1UI6qtHIBYZYyePrAbCdEfGh"
CUSTOMER = "cus_VIiHj0TY6gyFLY"


def req(line: str, body: str | bytes | dict[str, Any] = b"", *headers: tuple[str, str]) -> Request:
    """`req("POST /v1/invoices", "customer=cus_1")`: text is a form, a dict JSON, bytes are only bytes."""
    method, _, target = line.partition(" ")
    if isinstance(body, bytes):
        return Request(method, target, headers, body, ORIGIN)
    if isinstance(body, str):
        return Request(method, target, (*FORM, *headers), body.encode(), ORIGIN)
    return Request(method, target, (*JSON, *headers), json.dumps(body).encode(), ORIGIN)


def answer(value: Any, *headers: tuple[str, str], status: int = 200) -> Response:
    """An answer of the API: text as it stands, all else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return Response(status, "OK", (*JSON, *headers), text.encode())


def asked(line: str, body: str | bytes | dict[str, Any] = b"", *headers: tuple[str, str]) -> Canonical:
    """What such a request asks."""
    return canonical.canonical(req(line, body, *headers), registry.INVOICE_RULES)


def as_json(text: str) -> bodies.Body:
    return bodies.read(JSON, text.encode())


def as_form(text: str) -> bodies.Body:
    return bodies.read(FORM, text.encode())


def session(
    cassette: Cassette | None = None,
    mode: Mode = Mode.ALL,
    *,
    rules: Rules = registry.INVOICE_RULES,
    links: wire.Links = LINKS,
    upstream: str = ORIGIN,
    name: str = "invoices.yaml",
    remedy: str = "record it again",
    memory: Memory | None = None,
    **more: Any,
) -> Session:
    """A session on `invoices.yaml`; `more` is what its user decides."""
    made = Session(cassette, Api(rules, links, upstream), Policy(mode, **more), Words(name, remedy))
    if memory is not None:
        made.upstream.recall(memory)
    return made


def question(line: str, *headers: tuple[str, str], at: float = NOW) -> Question:
    """What a request asks that arrived at that time, and that minted nothing."""
    request, key = req(line, b"", *headers), dict(headers).get("Idempotency-Key")
    arrival = Arrival(request, at, lambda: SessionClock().asked(at), key, key, None, by_name.credentials_of(headers))
    return Question(arrival, asked(line), lambda: request)


def forwarded(to: Session, request: Request, at: float = NOW) -> Forward:
    """The verdict on a request that is sent on."""
    verdict = to.decide(request, at)
    assert isinstance(verdict, Forward), verdict
    return verdict


def tell(to: Session, request: Request, reply: Response, at: float = NOW) -> Response:
    """What a client is told while a session records that reply of the upstream."""
    exchange = forwarded(to, request, at).exchange
    taken = to.record(exchange, reply, at + 0.2)
    to.recorder.keep(exchange, taken.interaction)
    return taken.response


def recorded(*exchanges: tuple[Request, Response], over: Cassette | None = None) -> Cassette:
    """The cassette of these exchanges, one a second."""
    to = session(over)
    for number, (request, reply) in enumerate(exchanges):
        tell(to, request, reply, NOW + number)
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return cassette


def played(of: Session, request: Request) -> Response:
    """The answer to a request that is replayed."""
    verdict = of.decide(request, NOW)
    assert isinstance(verdict, verdicts.Replay), verdict
    return verdict.response


def refused(of: Session, request: Request) -> verdicts.Refuse:
    """The verdict on a request that is refused."""
    verdict = of.decide(request, NOW)
    assert isinstance(verdict, verdicts.Refuse), verdict
    return verdict


def value_of(response: Response) -> Any:
    return json.loads(response.body)


def only(cassette: Cassette | None) -> Interaction:
    """The one interaction of a cassette."""
    assert cassette is not None
    (interaction,) = cassette.interactions
    return interaction


def values_in(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The strings and numbers of a JSON value with their places, in order: the second opinion on `json_leaves`."""
    if isinstance(value, dict):
        for key, child in value.items():
            step = "".join(f"\\{letter}" if letter in ".[\\" else letter for letter in key) or '""'
            yield from values_in(child, f"{place}.{step}" if place else step)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from values_in(child, f"{place}[{index}]")
    elif not isinstance(value, bool | None):
        yield place, value


# Half characters too: JSON can name them, as `\udc00`.
strings = st.text(max_size=12) | st.text('\udc00\udfffü/"\\ A', max_size=5)
numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """A JSON text as some server would print it: indented or not, ASCII or not, slashes escaped or not."""
    value = draw(values)
    indent = draw(st.sampled_from((None, 2)))
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if draw(st.booleans()) or any("\ud800" <= character <= "\udfff" for character in text):
        text = json.dumps(value, indent=indent)
    return text.replace("/", "\\/") if draw(st.booleans()) else text
