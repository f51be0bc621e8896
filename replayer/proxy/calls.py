"""The calls of `replayer serve` as values: which order a method and a path give, and what a body says. Nothing is done
here, and nobody is let in.

GET    /__replayer__/health                 whether the server is there
GET    /__replayer__/sessions               the open sessions
POST   /__replayer__/sessions               open one: {"cassette": "a.yaml", "mode": "once", ...settings}
GET    /__replayer__/sessions/ID            its state, receipt and misses
DELETE /__replayer__/sessions/ID            eject it; {"failed": true} where the run failed
GET    /__replayer__/sessions/ID/faults     what goes wrong in it on purpose
POST   /__replayer__/sessions/ID/faults     {"faults": ["POST /v1/invoices status=500"]}
"""

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from replayer.errors import UsageError, unknown
from replayer.proxy.guard import CONTROL

LONGEST = 1 << 20  # bytes of a call: a thousand faults, or a large table of rules
LONGEST_NAME = 100  # characters of a name that a message repeats
SESSION = re.compile(r"/sessions/([0-9a-z]{1,64})(/faults)?")


class Order(Enum):
    """What a call has done."""

    HEALTH = "health"
    LIST = "list"
    OPEN = "open"
    SHOW = "show"
    EJECT = "eject"
    FAULTS = "faults"
    LAY = "lay"


HERE = {"/health": {"GET": Order.HEALTH}, "/sessions": {"GET": Order.LIST, "POST": Order.OPEN}}
OF_SESSION = {
    "": {"GET": Order.SHOW, "DELETE": Order.EJECT},
    "/faults": {"GET": Order.FAULTS, "POST": Order.LAY},
}

# What whoever opens a session says of it, and what was said where the server was started: the folder, the files that
# are read, the variables that are looked into, and what can move real money.
OF_CLIENTS = frozenset(
    {
        "as_proxy", "body_limit", "cassette", "cors", "epoch", "faults", "https", "idle_timeout",
        "ignore_headers", "keep_429", "latency", "lenient", "max_age", "more_upstreams", "on_expiry", "on_miss",
        "origin", "port", "record_mode", "record_on_failure", "request_timeout", "rules", "stream_timeout", "strict",
        "time", "timeout", "upstream", "volatile", "webhook_port", "webhook_retries", "webhooks",
    }
)  # fmt: skip
OF_SERVER = frozenset(
    {
        "allow_live", "allow_unused", "ca", "certificate", "client_cert", "fail_on_miss", "fail_on_unused",
        "freeze", "hosts", "insecure_upstream", "inspector", "listen", "rate", "receipt", "root", "store",
        "token_file", "upstream_auth", "vcrpy", "webhook_secret",
    }
)  # fmt: skip
UPSTREAMS = frozenset({"upstream", "more_upstreams"})  # whom a server may have chosen for all
MODE = "mode"  # as a session is opened; the setting is `record_mode`


@dataclass(frozen=True, slots=True)
class ControlCall:
    """An order, and the session that it is for; empty where it is for none."""

    order: Order
    session: str = ""


@dataclass(frozen=True, slots=True)
class WrongMethod:
    """The path is one of a call, and the method is none of its own."""

    allowed: tuple[str, ...]


def called(method: str, target: str) -> ControlCall | WrongMethod | None:
    """The call of that method and target, as they stood on the wire; None where the path is none."""
    path = target.removeprefix(CONTROL) if target.startswith(CONTROL) else ""
    found = SESSION.fullmatch(path)
    orders, session = (OF_SESSION[found[2] or ""], found[1]) if found else (HERE.get(path), "")
    if orders is None:
        return None
    order = orders.get("GET" if method == "HEAD" else method)
    return ControlCall(order, session) if order else WrongMethod(tuple(orders))


def opening(body: bytes, upstream: str) -> dict[str, Any]:
    """The settings of a session that is to be opened. `upstream` is the server's own; UsageError where a name is none,
    or is not for a client to set."""
    call = _object(body, 'The call is {"cassette": "a.yaml", "mode": "once", ...settings}.')
    if "cassette" not in call:
        raise UsageError('No cassette is named. Add one: {"cassette": "a.yaml"}.')
    if MODE in call:
        if "record_mode" in call:
            raise UsageError("The mode is given twice. Leave record_mode out.")
        call["record_mode"] = call.pop(MODE)
    for name in call:
        if name in OF_SERVER:
            raise UsageError(f"The setting {name} is set where 'replayer serve' is started. Leave it out.")
        if name not in OF_CLIENTS:
            raise unknown(name[:LONGEST_NAME], "setting", sorted(OF_CLIENTS))
    for name in UPSTREAMS & set(call):
        if upstream:
            raise UsageError(f"The upstream of this server is {upstream}. Leave {name} out.")
    return call


def ending(body: bytes) -> dict[str, bool]:
    """How the run ended that a session was for: `failed`, or `aborted` before it could. UsageError for all else."""
    usage = 'The call has no body, or {"failed": true}, or {"aborted": true}.'
    call = _object(body, usage) if body.strip() else {}
    if not set(call) <= {"failed", "aborted"} or not all(isinstance(value, bool) for value in call.values()):
        raise UsageError(usage)
    return call


def _object(body: bytes, usage: str) -> dict[str, Any]:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        call = None
    if not isinstance(call, dict):
        raise UsageError(usage)
    return call
