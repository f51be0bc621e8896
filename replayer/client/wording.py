"""What is asked of the server and what its answers mean, for both clients. Nothing is sent here."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from replayer.errors import CassetteError, ReplayerError, UsageError

SESSIONS = "/__replayer__/sessions"
PATIENCE = 120.0  # seconds: a session that is opened may have to reach its upstream, one that is ejected to be written
CASSETTE, USAGE = "replayer_cassette", frozenset({400, 401, 403, 404, 405, 409, 413})


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where calls go, and what lets them in."""

    host: str
    port: int
    token: str = field(repr=False)

    @classmethod
    def at(cls, url: str, token: str) -> "ControlAddress":
        """The server of that address; UsageError where it is none."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port or parts.scheme != "http" or parts.path.strip("/"):
            raise UsageError(f"The server {url!r} is no address. Use the one that 'replayer serve' prints.")
        token = token.strip()
        if not token.isprintable() or not token.isascii() or not token:
            raise UsageError("The token is none. Use what stands in the file of --token-file.")
        return cls(host, port, token)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def headers(self, body: bytes | None) -> dict[str, str]:
        """What is sent along with a call."""
        typed = {"Content-Type": "application/json"} if body is not None else {}
        return {"Replayer-Token": self.token, **typed}

    def silent(self, error: Exception) -> ReplayerError:
        """The error where nobody answers."""
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return ReplayerError(f"No server of sessions answers at {self.url}: {why}. Start one: replayer serve.")


class Opened:
    """An open session as the server described it, however it is asked of it later."""

    def __init__(self, opened: dict[str, Any]) -> None:
        self.id, self.url = str(opened["id"]), str(opened["url"])
        self.cassette, self.mode = str(opened["cassette"]), str(opened["mode"])
        self.certificate: str | None = opened.get("certificate")
        self._ended: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.cassette} {self.mode} at {self.url}>"


def in_json(call: dict[str, Any]) -> bytes:
    """A call as it is sent; UsageError where it holds what JSON has no word for."""
    try:
        return json.dumps(call, default=str).encode()
    except (TypeError, ValueError) as error:
        raise UsageError(f"The session cannot be described in JSON: {error}.") from None


def understood(status: int, body: bytes) -> dict[str, Any]:
    """What the server says; its refusal as the error that the same would be in this program."""
    try:
        said = json.loads(body)
        error = said.get("error")
    except (ValueError, AttributeError):
        raise ReplayerError(f"The server answered {status}, and not as 'replayer serve' does.") from None
    if error is None and status < 300:
        return dict(said)
    message = error.get("message", "") if isinstance(error, dict) else ""
    code = error.get("code") if isinstance(error, dict) else None
    if code == CASSETTE:
        raise CassetteError(message)
    raise (UsageError if status in USAGE else ReplayerError)(message or f"The server answered {status}.")


def ended(error: type[BaseException] | None) -> dict[str, bool]:
    """What is said of a run that ended with that: an exception is a failure, all else ended it from outside."""
    if error is None:
        return {}
    return {"failed": True} if issubclass(error, Exception) else {"failed": True, "aborted": True}


def unsaved(said: dict[str, Any]) -> str:
    """Why a recording did not become its cassette; empty where it did, or where there was none."""
    return f"{said['cassette']} was not saved: {said['reason']}." if said.get("saved") is False else ""
