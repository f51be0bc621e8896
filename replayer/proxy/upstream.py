"""The upstream: the one place from which requests leave. A session that only replays has none."""

import asyncio
import io
import os
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from errno import errorcode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from replayer.core.message import Request, wire
from replayer.proxy import trust
from replayer.proxy.own_key import OwnKey
from replayer.settings import words

if TYPE_CHECKING:
    from replayer.sandbox import Sandbox

CONNECT_TIMEOUT = 10.0  # seconds; an upstream that takes longer is as good as down
# aiohttp would add these where the client sent none; what the client did not say is not said for it.
ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
LARGE = 1 << 20  # bytes: aiohttp warns of a longer body, which it sends at once; a stream goes in pieces
FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


UNREADABLE = "its answer is no HTTP that Replayer can read"


class UpstreamError(Exception):
    """The upstream did not answer, or not to the end. The message is one short phrase without any secret."""


class UntrustedError(UpstreamError):
    """It is there, but we and it do not agree on who we are. The message says what helps."""


class Upstream:
    """Sends requests to one origin, fixed at start. Follows no redirects, keeps no cookies, decodes no bodies.

    `timeout` bounds a whole exchange, in seconds, `stream_timeout` one whose answer is carried through as it comes.
    `tls` is how its certificate is checked, where that is not as everybody does; `key` takes the place of the client's.
    """

    def __init__(
        self,
        origin: str,
        *,
        timeout: float,
        stream_timeout: float = 3600.0,
        tls: ssl.SSLContext | None = None,
        key: OwnKey | None = None,
    ) -> None:
        self.origin = origin
        self.sandbox: Sandbox | None = None
        """The embedded one that stands there, where it does."""
        self._tls, self._key = tls, key
        self._timeout, self._stream_timeout = timeout, stream_timeout
        self._client = aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0, ssl=True if tls is None else tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=ADDED_BY_AIOHTTP,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT, sock_read=timeout),
            max_line_size=words.LINE_LIMIT,
            max_field_size=words.LINE_LIMIT,
        )

    def __repr__(self) -> str:
        return f"<Upstream {self.origin}>"

    async def reach(self) -> None:
        """Fail now rather than at the first request: UpstreamError where nobody listens there, or whoever does cannot
        prove who it is."""
        parts = urlsplit(self.origin)
        secure = parts.scheme == "https"
        tls = (self._tls or ssl.create_default_context()) if secure else None
        port = parts.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
        except (OSError, TimeoutError) as error:
            raise _failed(error) from None
        writer.transport.abort()  # a farewell in TLS would be waited for

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator["Reply"]:
        """The upstream's reply, its body still on the way. UpstreamError where it does not come."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + self._timeout):
                reply = await self._client.request(
                    request.method,
                    URL(self.origin + request.target, encoded=True),  # as it was written: yarl would quote it anew
                    headers=list(self._key.put(request.headers) if self._key else request.headers),
                    data=io.BytesIO(request.body) if len(request.body) > LARGE else request.body or None,
                    allow_redirects=False,
                )
        except FAILURES as error:
            raise _failed(error) from None
        async with reply:  # what fails from here on may be the client's connection, not the upstream's
            yield Reply(reply, began + self._timeout, began + self._stream_timeout)

    async def close(self) -> None:
        await self._client.close()


class Upstreams:
    """Several of them in one session: each request goes to its own. `origin` is that of the first, which all go to that
    name none of the others."""

    def __init__(self, first: Upstream, others: Iterable[Upstream]) -> None:
        self.origin, self.sandbox, self._first = first.origin, first.sandbox, first
        self._others = {each.origin: each for each in others}

    def __repr__(self) -> str:
        return f"<Upstreams {', '.join((self.origin, *self._others))}>"

    def send(self, request: Request) -> AbstractAsyncContextManager["Reply"]:
        """The reply of that one which the request names; see `Upstream.send`."""
        return self._others.get(request.origin, self._first).send(request)


class Reply:
    """One reply whose head is there and whose body is still to be read, until a moment on the loop's clock."""

    def __init__(self, reply: aiohttp.ClientResponse, until: float, carried_until: float) -> None:
        self._reply = reply
        self._until, self._carried_until = until, carried_until
        self.status = reply.status
        self.reason = reply.reason or ""
        self.headers: wire.Headers = tuple(
            (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
            for name, value in reply.raw_headers
        )

    def carried(self) -> None:
        """The body is passed on as it comes: it has the time of a stream."""
        self._until = self._carried_until

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, as it comes. UpstreamError where it breaks off."""
        try:
            while chunk := await self._next():
                yield chunk
        except FAILURES as error:
            raise _failed(error) from None

    async def _next(self) -> bytes:
        async with asyncio.timeout_at(self._until):
            return await self._reply.content.readany()


def _failed(error: BaseException) -> UpstreamError:
    untrusted = trust.phrase(error)
    return UpstreamError(phrase_of(error)) if untrusted is None else UntrustedError(untrusted)


def phrase_of(error: BaseException) -> str:
    """Why somebody could not be asked, in words that quote nothing of what came."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "its answer broke off"
    reason = getattr(error, "os_error", error)
    if isinstance(reason, OSError) and reason.errno and reason.errno in errorcode:
        return os.strerror(reason.errno)  # asyncio words it with the address, uvloop without
    if isinstance(reason, aiohttp.ServerDisconnectedError):
        return "it closed the connection"
    if isinstance(reason, aiohttp.InvalidURL):
        return "the request's target is none that can be sent"
    if isinstance(reason, aiohttp.ClientResponseError | HttpProcessingError):
        return UNREADABLE  # its own words would quote what came, whatever is in it
    text = getattr(reason, "strerror", None) if isinstance(reason, OSError) else None
    return str(text).splitlines()[0] if text else type(reason).__name__
