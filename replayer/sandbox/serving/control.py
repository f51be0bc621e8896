"""What is said to the sandbox itself, not to the API, with the control token. Pure.

    POST /__sandbox__/reset                 empties it
    POST /__sandbox__/clock?advance=3600    moves its clock by so many seconds
    POST /__sandbox__/clock?to=2026-01-02   or to that moment

A page in a browser can send requests to loopback. It cannot set this header without being asked whether it may, which
it is not; and whatever names another origin or another host is refused before the token is looked at.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from replayer.core.message import Request, Response, wire

PREFIX: Final = "/__sandbox__/"
RESET: Final = "/__sandbox__/reset"
CLOCK: Final = "/__sandbox__/clock"
TOKEN: Final = "Sandbox-Token"  # noqa: S105 - the header's name
FARTHEST: Final = 10 * 366 * 86_400  # seconds that the clock is moved by at once
_OWN: Final = (None, "none", "same-origin")
_USAGE: Final = f"Say how far: POST {CLOCK}?advance=3600, or to when: POST {CLOCK}?to=2026-01-02T09:30:00Z."


def refused(request: Request, token: str, hosts: Sequence[str]) -> Response | None:
    """None where the request may order something; else what it is answered with."""
    origin = wire.header(request.headers, "Origin")
    if wire.header(request.headers, "Host") not in hosts or origin not in (None, *(f"http://{host}" for host in hosts)):
        return failed(403, "The sandbox takes orders only from its own address.")
    if wire.header(request.headers, "Sec-Fetch-Site") not in _OWN:
        return failed(403, "The sandbox takes no orders from pages of another origin.")
    if request.path not in (RESET, CLOCK):
        return failed(404, f"The sandbox knows no {request.path}. There are: POST {RESET}, POST {CLOCK}.")
    if request.method != "POST":
        return failed(405, f"Use POST for {request.path}.")
    sent = wire.header(request.headers, TOKEN) or ""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode()):
        return failed(401, f"The header {TOKEN} must hold the control token of this sandbox.")
    return None


def moved_to(request: Request, now: int) -> int | Response:
    """The second that the clock is to be moved to, or why it cannot be."""
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    try:
        target = now + int(asked["advance"]) if "advance" in asked else _second(asked["to"])
    except (KeyError, ValueError, OverflowError):
        return failed(400, _USAGE)
    if not now <= target <= now + FARTHEST:
        return failed(400, f"It is {now} for the sandbox. Its clock goes forward, and ten years at most at once.")
    return target


def _second(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def done(shown: Mapping[str, object]) -> Response:
    body = json.dumps(shown, indent=2).encode() + b"\n"
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"))
    return Response(200, "", headers, body)


def failed(status: int, message: str) -> Response:
    answer = done({"error": {"message": message}})
    return Response(status, "", answer.headers, answer.body)
