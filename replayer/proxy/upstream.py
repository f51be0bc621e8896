"""The upstream: the one place from which requests leave. A session that only replays has none."""

import asyncio
import io
import os
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from errno import errorcode
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from replayer.core.message import Request, wire
from replayer.proxy import pacing, trust
from replayer.proxy.own_key import OwnKey
from replayer.settings import words

if TYPE_CHECKING:
    from replayer.sandbox import Sandbox

CONNECT_TIMEOUT = 10.0  # seconds; an upstream that takes longer is as good as down
# aiohttp would add these where the client sent none; what the client did not say is not said for it.
ADDED_BY_AIOHTTP = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
LARGE = 1 << 20  # bytes: aiohttp warns of a longer body, which it sends at once; a stream goes in pieces
OF_TRYING_AGAIN = ("retry-after", "retry-after-ms", "stripe-should-retry", "x-should-retry")
FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


UNREADABLE = "its answer is no HTTP that Replayer can read"


class UpstreamError(Exception):
    """The upstream did not answer, or not to the end. The message is one short phrase without any secret."""


class UntrustedError(UpstreamError):
    """It is there, but we and it do not agree on who we are. The message says what helps."""


class LimitedError(UpstreamError):
    """It takes no more requests now (429), and says no to this one for longer than anybody waits. `headers` are what
    its answer says of trying again."""

    def __init__(self, headers: wire.Headers) -> None:
        super().__init__("it takes no more requests for now (429)")
        self.headers = headers


class Upstream:
    """Sends requests to one origin, fixed at start. Follows no redirects, keeps no cookies, decodes no bodies.

    `timeout` bounds a whole exchange, in seconds, and how long a request is held back that was told 429;
    `stream_timeout` bounds one whose answer is carried through as it comes. `tls` is how its certificate is checked,
    where that is not as everybody does; `key` takes the place of the client's. `rate` is how many requests leave in a
    second, 0 for any number; with `keeps_429` such an answer is one like all others.
    """

    def __init__(
        self,
        origin: str,
        *,
        timeout: float,
        stream_timeout: float = 3600.0,
        tls: ssl.SSLContext | None = None,
        key: OwnKey | None = None,
        rate: float = 0.0,
        keeps_429: bool = False,
    ) -> None:
        self.origin = origin
        self._pace, self._rate, self._keeps_429 = pacing.pace_of(origin), rate, keeps_429
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
        """The upstream's reply, its body still on the way. UpstreamError where it does not come, LimitedError where it
        would be a 429 and nobody wants that one kept."""
        loop, tries = asyncio.get_running_loop(), 0
        arrived = loop.time()
        while True:
            if (left := self._pace.held) > self._timeout - (loop.time() - arrived):
                raise LimitedError((("Retry-After", str(ceil(left))),))
            await self._pace.turn(self._rate)
            held = loop.time() - arrived
            async with self._sent(request, held) as reply:
                if reply.status != pacing.LIMITED or self._keeps_429:
                    self._pace.answered()
                    yield reply
                    return
                tries += 1
                wait = self._wait(reply, tries, self._timeout - held)
                if wait is None:
                    raise LimitedError(tuple(pair for pair in reply.headers if pair[0].lower() in OF_TRYING_AGAIN))
            self._pace.hold(wait)

    def _wait(self, reply: "Reply", tries: int, left: float) -> float | None:
        """How long to wait until that request leaves again, if it may."""
        if not pacing.may_come_again(reply.headers):
            return None
        return pacing.wait_for(pacing.told_wait(reply.headers, time.time()), tries, left)

    @asynccontextmanager
    async def _sent(self, request: Request, held: float) -> AsyncIterator["Reply"]:
        """The reply to one that leaves now, after it was held back for so long."""
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
            yield Reply(reply, began + self._timeout, began + self._stream_timeout, held)

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
    """One reply whose head is there and whose body is still to be read, until a moment on the loop's clock. Its request
    was `held` back for so many seconds before it left."""

    def __init__(self, reply: aiohttp.ClientResponse, until: float, carried_until: float, held: float = 0.0) -> None:
        self._reply, self.held = reply, held
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
