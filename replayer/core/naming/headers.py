"""Which headers travel on and which are kept. Only names are decided here; values are translated elsewhere."""

import re

from replayer.core.message import Request, Response, wire
from replayer.core.rules import Rules, ruleset

# RFC 9110 7.6.1: these speak of one connection, and each side of the proxy has its own.
HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip

# How long an answer took is another number each time, whoever calls it so: `openai-processing-ms`, `X-Query-Duration`.
TOOK = re.compile(r"(?i)(?:^|-)(?:processing-ms|duration|elapsed|latency|(?:response|processing|query)-time)(?:-m?s)?$")

# So is what is left to its caller, of whatever is counted: `x-ratelimit-remaining-tokens`.
LEFT = re.compile(r"(?i)(?:^|-)rate-?limit-(?:[a-z]+-){0,3}(?:remaining|reset|used)(?:-[a-z]+){0,3}$")

REFRAMED = frozenset({"host", "content-length", "accept-encoding", "expect"})


def named_by_connection(headers: wire.Headers) -> frozenset[str]:
    """The headers that `Connection` names as its own, besides the usual ones."""
    values = [value for name, value in headers if name.lower() == "connection"]
    return HOP_BY_HOP | {token.strip().lower() for value in values for token in value.split(",") if token.strip()}


def onward(headers: wire.Headers) -> wire.Headers:
    """What of a request's headers goes to the upstream. Answers are asked for unencoded: they are to be read."""
    kept = wire.without(headers, named_by_connection(headers) | REFRAMED)
    return (*kept, ("Accept-Encoding", "identity"))


def recorded(request: Request, rules: Rules, more: frozenset[str] = frozenset()) -> wire.Headers:
    """What of a request's headers a cassette keeps: what the request asks with, the type of its body, what may choose
    the answer, and `more`."""
    kept, choosing = {*rules.matched_headers, *rules.kept_headers}, {*rules.choosing, *rules.preferring}

    def keeps(name: str, value: str) -> bool:
        lower = name.lower()
        if lower in kept or name in more or ruleset.chooses(lower, value):
            return True
        return lower in choosing and wire.chooses(name, value)

    return gathered(tuple(pair for pair in request.headers if keeps(*pair)))


def answered(response: Response, rules: Rules, *, method: str, decoded: bool) -> wire.Headers:
    """What of a response's headers is recorded and answered: all but the connection's, the noise and the framing.

    The length of an answer to HEAD, and of one without a body, is a fact that cannot be counted anew.
    """
    dropped = named_by_connection(response.headers) | rules.noise_headers
    dropped |= {name.lower() for name, _ in response.headers if TOOK.search(name) or LEFT.search(name)}
    if method != "HEAD" and response.status not in (204, 304):
        dropped |= {"content-length"}
    if decoded:
        dropped |= {"content-encoding"}
    return gathered(wire.without(response.headers, dropped))


def gathered(headers: wire.Headers) -> wire.Headers:
    """Repeated headers stand together, where the first one stood: a cassette keeps them as one list (RFC 9110 5.3 lets
    a proxy do so)."""
    places: dict[str, int] = {}
    for index, (name, _) in enumerate(headers):
        places.setdefault(name.lower(), index)
    return tuple(sorted(headers, key=lambda pair: places[pair[0].lower()]))
