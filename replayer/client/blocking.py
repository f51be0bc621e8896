"""The client for programs that wait: one connection for each call, through no proxy."""

import logging
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any, Self

from replayer.client import wording
from replayer.client.wording import PATIENCE, SESSIONS, ControlAddress, Opened

log = logging.getLogger("replayer")


class Client:
    """Opens sessions of the server at that address, which prints it, for who has its token.

    UsageError and CassetteError tell what cannot be, as they do in the server's own program; ReplayerError that nobody
    answers. `timeout` are the seconds that an answer may take.
    """

    def __init__(self, url: str, token: str, *, timeout: float = PATIENCE) -> None:
        self._server, self._timeout = ControlAddress.at(url, token), timeout

    def __repr__(self) -> str:
        return f"<Client {self._server.url}>"

    def sessions(self) -> list[dict[str, Any]]:
        """The open sessions: of each `id`, `url`, `cassette`, `mode`, `state`, `receipt` and the first `misses`."""
        return list(self.call("GET", SESSIONS)["sessions"])

    def open(self, cassette: str, **settings: Any) -> "RemoteSession":
        """A session, listening; in a `with` block it is ejected where that ends. `mode` is its record mode, and any
        setting can be given that is not the server's."""
        return RemoteSession(self, self.call("POST", SESSIONS, {"cassette": cassette, **settings}))

    def call(self, method: str, path: str, call: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the server answers to one call."""
        server, body = self._server, None if call is None else wording.in_json(call)
        connection = HTTPConnection(server.host, server.port, timeout=self._timeout)
        try:
            connection.request(method, path, body, server.headers(body))
            answer = connection.getresponse()
            status, said = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise server.silent(error) from None
        finally:
            connection.close()
        return wording.understood(status, said)


class RemoteSession(Opened):
    """An open session. `url` is where clients find it, without a slash at its end; with TLS `certificate` is the file
    that they are to believe."""

    def __init__(self, client: Client, opened: dict[str, Any]) -> None:
        super().__init__(opened)
        self._client = client

    def state(self) -> dict[str, Any]:
        """All that the server tells of it now; once it is ejected, what it told then."""
        return self._ended or self._client.call("GET", f"{SESSIONS}/{self.id}")

    def receipt(self) -> dict[str, Any]:
        """What it has done so far, in numbers: `recorded`, `played`, `missed` ...; `line` is all of it in one."""
        return dict(self.state()["receipt"])

    @property
    def misses(self) -> list[dict[str, str]]:
        """The requests that had no answer, each with `reason` and `message`."""
        return list(self.state()["misses"])

    def set_faults(self, *rules: str) -> None:
        """From now on it is these faults and no others that requests meet; without any, none."""
        self._client.call("POST", f"{SESSIONS}/{self.id}/faults", {"faults": rules})

    def eject(self, *, failed: bool = False) -> dict[str, Any]:
        """End it, and what came of it: the `receipt`, `misses`, whether a recording was `saved`, and the `reason` where
        it was not. What a run recorded that `failed` replaces no older cassette."""
        return self._eject({"failed": failed})

    def _eject(self, how: dict[str, bool]) -> dict[str, Any]:
        if self._ended is None:
            self._ended = self._client.call("DELETE", f"{SESSIONS}/{self.id}", how)
            if trouble := wording.unsaved(self._ended):
                log.warning("%s", trouble)
        return self._ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._eject(wording.ended(kind))
