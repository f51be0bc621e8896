"""What is said to the sandbox itself, not to the API: `POST /__sandbox__/reset`, with the control token. Pure.

A page in a browser can send requests to loopback. It cannot set this header without being asked whether it may, which
it is not; and whatever names another origin or another host is refused before the token is looked at.
"""

import hmac
import json
from collections.abc import Sequence
from typing import Final

from replayer.core.message import Request, Response, wire

PREFIX: Final = "/__sandbox__/"
RESET: Final = "/__sandbox__/reset"
TOKEN: Final = "Sandbox-Token"  # noqa: S105 - the header's name
_OWN: Final = (None, "none", "same-origin")


def resets(request: Request, token: str, hosts: Sequence[str]) -> Response | None:
    """None where the request may reset the sandbox; else what it is answered with."""
    origin = wire.header(request.headers, "Origin")
    if wire.header(request.headers, "Host") not in hosts or origin not in (None, *(f"http://{host}" for host in hosts)):
        return answered(403, "The sandbox takes orders only from its own address.")
    if wire.header(request.headers, "Sec-Fetch-Site") not in _OWN:
        return answered(403, "The sandbox takes no orders from pages of another origin.")
    if request.path != RESET:
        return answered(404, f"The sandbox knows no {request.path}. There is: POST {RESET}.")
    if request.method != "POST":
        return answered(405, f"Use POST for {RESET}.")
    sent = wire.header(request.headers, TOKEN) or ""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), token.encode()):
        return answered(401, f"The header {TOKEN} must hold the control token of this sandbox.")
    return None


def answered(status: int, message: str | None = None) -> Response:
    shown = {"reset": True} if message is None else {"error": {"message": message}}
    body = json.dumps(shown, indent=2).encode() + b"\n"
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"))
    return Response(status, "", headers, body)
