"""The control call of a session, at its own address: which faults it meets from now on.

    POST /__replayer__/faults   Replayer-Token: ...   {"faults": ["POST /v1/invoices status=500 times=1"]}

Only a program on this machine that knows the token is let in: no page of a browser is, whatever its origin.
"""

import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import web

from replayer.core.faults import FaultRule
from replayer.core.message import Request, wire
from replayer.errors import UsageError
from replayer.proxy import answers, guard
from replayer.proxy.answers import Told
from replayer.proxy.injecting import Injecting
from replayer.proxy.moving import Moving

FAULTS = f"{guard.CONTROL}/faults"
TOKEN = "replayer-token"  # noqa: S105 - the name of a header
LENGTH = 24  # bytes of chance
MOST = 1000  # rules of a session
PAGES = ("origin", "sec-fetch-site")  # what only a browser says; Node says how it fetches, too


def token_of(file: str) -> str:
    """The token that stands in that file, which is made, for its owner alone, where there is none; a new one where no
    file is named. UsageError where it cannot be read."""
    if not file:
        return secrets.token_urlsafe(LENGTH)
    path = Path(file)
    try:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            token = path.read_text("ascii").strip()
        else:
            token = secrets.token_urlsafe(LENGTH)
            with os.fdopen(descriptor, "w", encoding="ascii") as opened:
                opened.write(f"{token}\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds more than letters and digits"
        raise UsageError(f"The token file {file} cannot be used: {why}.") from None
    if not token.isprintable() or not token or " " in token:
        raise UsageError(f"The token file {file} holds no token. Delete it, and it is made anew.")
    return token


class Control:
    """Answers the calls to one session from who sends its token."""

    def __init__(self, token: str, injecting: Injecting, moving: Moving) -> None:
        self.token, self.injecting, self.moving = token, injecting, moving

    def __repr__(self) -> str:
        return "<Control>"

    def is_meant(self, http: web.BaseRequest) -> bool:
        """Whether that request is a call, by its path as it stands there."""
        return http.raw_path == FAULTS

    async def answer(
        self, http: web.BaseRequest, headers: wire.Headers, read: Callable[[], Awaitable[Request]]
    ) -> Told:
        """What a call is answered, which `read` reads to its end. Who may not call is told so, and nothing of the
        session."""
        if turned_away := refusal(http, headers, self.token):
            return turned_away
        if http.method not in ("GET", "POST"):
            return answers.refused(405, "method", f"{FAULTS} takes POST, and GET to see what there is.")
        if http.method == "POST":
            try:
                self.injecting.lay(rules_in((await read()).body))
            except web.HTTPRequestEntityTooLarge:
                return answers.too_long(http.client_max_size)
            except UsageError as error:
                return answers.refused(400, "faults", str(error))
        return told({"faults": self.injecting.faults.shown})


def refusal(http: web.BaseRequest, headers: wire.Headers, token: str) -> Told | None:
    """What a control call is answered from who may make none; None where it is to be heard."""
    if elsewhere := refused_place(http, headers):
        return elsewhere
    if not knows(headers, token):
        return answers.refused(401, "token", "A control call needs the token, in the header Replayer-Token.")
    return None


def refused_place(http: web.BaseRequest, headers: wire.Headers) -> Told | None:
    """What a control call is answered by where it comes from; None where that is a program on this machine."""
    barred = guard.refused(headers, FAULTS)
    if barred is not None and barred is not guard.PATH:
        return answers.refused(barred.status, barred.code, barred.message)
    if any(name.lower() in PAGES for name, _ in headers):
        return answers.refused(guard.ORIGIN.status, guard.ORIGIN.code, "No page of a browser controls a session.")
    if not is_here(http):
        return answers.refused(403, "place", "Control calls come from this machine.")
    return None


def knows(headers: wire.Headers, token: str) -> bool:
    """Whether the token is sent, and sent once."""
    sent = [value for name, value in headers if name.lower() == TOKEN]
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode("utf-8", "replace"), token.encode())


def told(shown: Mapping[str, Any], status: int = 200) -> Told:
    """The answer to a call that was heard."""
    text = json.dumps(shown, indent=2, ensure_ascii=False) + "\n"
    body = text.encode("utf-8", "backslashreplace")
    answer = web.Response(status=status, body=body, content_type="application/json", charset="utf-8")
    return Told(answer, "control")


def is_here(http: web.BaseRequest) -> bool:
    """Whether the connection comes from this machine."""
    peer = http.transport.get_extra_info("peername") if http.transport is not None else None
    try:
        address = ip_address(peer[0]) if peer else None
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # as IPv6 writes one of IPv4
    return address is not None and (mapped or address).is_loopback


def rules_in(body: bytes) -> list[FaultRule]:
    """The faults that a call lays; UsageError where it is none."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        call = None
    texts = call.get("faults") if isinstance(call, dict) and set(call) == {"faults"} else None
    if not isinstance(texts, list) or len(texts) > MOST or not all(isinstance(text, str) for text in texts):
        raise UsageError('The call is {"faults": ["POST /v1/invoices status=500", ...]}; an empty list takes all away.')
    return list(map(FaultRule.parse, texts))
