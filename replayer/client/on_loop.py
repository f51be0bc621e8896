"""The client for programs with an event loop: one connection for each call, through no proxy. aiohttp is loaded with
the first one."""

import logging
from collections.abc import Generator
from types import TracebackType
from typing import Any

from replayer.client import wording
from replayer.client.wording import PATIENCE, SESSIONS, ControlAddress, Opened

log = logging.getLogger("replayer")


class AsyncClient:
    """Opens sessions as `Client` does: `async with client.open("a.yaml") as session`, or `await client.open(...)`."""

    def __init__(self, url: str, token: str, *, timeout: float = PATIENCE) -> None:
        self._server, self._timeout = ControlAddress.at(url, token), timeout

    def __repr__(self) -> str:
        return f"<AsyncClient {self._server.url}>"

    async def sessions(self) -> list[dict[str, Any]]:
        """The open sessions; see `Client.sessions`."""
        return list((await self.call("GET", SESSIONS))["sessions"])

    def open(self, cassette: str, **settings: Any) -> "Opening":
        """A session that is listening when it was waited for; see `Client.open`."""
        return Opening(self, {"cassette": cassette, **settings})

    async def call(self, method: str, path: str, call: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the server answers to one call."""
        import aiohttp  # late: who waits needs none

        server, body = self._server, None if call is None else wording.in_json(call)
        patience = aiohttp.ClientTimeout(total=self._timeout)
        try:
            async with (
                aiohttp.ClientSession(timeout=patience, headers=server.headers(body)) as http,
                http.request(method, f"{server.url}{path}", data=body) as answer,
            ):
                status, said = answer.status, await answer.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise server.silent(error) from None
        return wording.understood(status, said)


class AsyncRemoteSession(Opened):
    """An open session, as `RemoteSession` is one; all that asks the server has to be waited for."""

    def __init__(self, client: AsyncClient, opened: dict[str, Any]) -> None:
        super().__init__(opened)
        self._client = client

    async def state(self) -> dict[str, Any]:
        """All that the server tells of it now; once it is ejected, what it told then."""
        return self._ended or await self._client.call("GET", f"{SESSIONS}/{self.id}")

    async def receipt(self) -> dict[str, Any]:
        """What it has done so far, in numbers."""
        return dict((await self.state())["receipt"])

    async def misses(self) -> list[dict[str, str]]:
        """The requests that had no answer, each with `reason` and `message`."""
        return list((await self.state())["misses"])

    async def set_faults(self, *rules: str) -> None:
        """From now on it is these faults and no others that requests meet; without any, none."""
        await self._client.call("POST", f"{SESSIONS}/{self.id}/faults", {"faults": rules})

    async def eject(self, *, failed: bool = False) -> dict[str, Any]:
        """End it, and what came of it; see `RemoteSession.eject`."""
        return await self.end({"failed": failed})

    async def end(self, how: dict[str, bool]) -> dict[str, Any]:
        """End it in that way, once."""
        if self._ended is None:
            self._ended = await self._client.call("DELETE", f"{SESSIONS}/{self.id}", how)
            if trouble := wording.unsaved(self._ended):
                log.warning("%s", trouble)
        return self._ended


class Opening:
    """A session that will be open: `await` it, or let an `async with` block open and eject it."""

    def __init__(self, client: AsyncClient, call: dict[str, Any]) -> None:
        self._client, self._call = client, call
        self._session: AsyncRemoteSession | None = None

    def __await__(self) -> Generator[Any, None, AsyncRemoteSession]:
        return self._open().__await__()

    async def _open(self) -> AsyncRemoteSession:
        return AsyncRemoteSession(self._client, await self._client.call("POST", SESSIONS, self._call))

    async def __aenter__(self) -> AsyncRemoteSession:
        self._session = await self._open()
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.end(wording.ended(kind))
