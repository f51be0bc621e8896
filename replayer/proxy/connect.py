"""A forward proxy for the few origins that a session stands for, and for no others. It reads the head of a CONNECT, to
its last byte and not one more; then the connection goes to those that answer it, and nobody here reads on.

client  --- CONNECT api.stripe.com:443 --->  200, and what follows is TLS with us, by a certificate of this run
client  --- CONNECT elsewhere:443 -------->  403 with the remedy, counted as a miss; nothing is opened to anywhere
client  --- anything else ---------------->  HTTP, as if it had never passed here: GET http://api.local/x is GET /x

A connection that has begun is never turned into TLS in place: bytes that were read ahead would be lost, or would be
taken for a request that nobody sent by TLS. Here none was read.
"""

import asyncio
import logging
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import closing, suppress
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web

from replayer.core.session import verdicts
from replayer.proxy import answers
from replayer.proxy.answers import Told
from replayer.proxy.connections import BACKLOG
from replayer.proxy.handler import Handler

METHOD = b"CONNECT "
END = b"\r\n\r\n"
LONGEST = 16_384  # bytes of a head
LINE = re.compile(rb"CONNECT ([!-~]{1,300}) HTTP/1\.[01]\r\n")
ABSOLUTE = re.compile(r"(?i)(https?)://([^/?#@]+)((?:[/?#].*)?)", re.DOTALL)
AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+):([0-9]{1,5})")  # all of one that is written in small letters
PORTS = {"http": 80, "https": 443}
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
HANDSHAKE = 30.0  # seconds; who takes longer does not want to speak with us
FAREWELL = 1.0  # seconds that a client has to hear why it is refused, and that TLS takes to end
MOST = BACKLOG  # who have not said yet what they want: of more, who has waited longest is let go
PAUSE = 0.1  # seconds without a free descriptor
GONE = (OSError, TimeoutError, asyncio.CancelledError)  # it left, or it is let go
UNBELIEVED = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN")  # in OpenSSL's words for alerts

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

log = logging.getLogger("replayer")


class Origins:
    """The origins that a session stands for, in whatever way a client of a proxy names them."""

    def __init__(self, origins: Iterable[str]) -> None:
        self.origins = tuple(dict.fromkeys(origins))
        named = ((_authority(origin), origin.startswith("https:")) for origin in self.origins)
        self._secure = {authority: secure for authority, secure in named if authority}

    def __repr__(self) -> str:
        return f"<Origins {', '.join(self.origins)}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Their hosts, without ports."""
        return tuple(dict.fromkeys(authority.rpartition(":")[0] for authority in self._secure))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Those as they stand in a `Host` header: with the port, and without where it is the usual one."""
        found = []
        for authority, secure in self._secure.items():
            host, _, port = authority.rpartition(":")
            found += [host, authority] if int(port) == PORTS["https" if secure else "http"] else [authority]
        return tuple(found)

    @property
    def secure(self) -> tuple[str, ...]:
        """The hosts of those that are reached by TLS."""
        return tuple(authority.rpartition(":")[0] for authority, secure in self._secure.items() if secure)

    def is_secure(self, authority: str) -> bool | None:
        """Whether TLS is spoken at `host:port`; None where that is none of these."""
        return self._secure.get(authority.lower())

    def target(self, target: str) -> str:
        """The target as the API's server would be sent it, where it names one of these; else as it stands."""
        found = ABSOLUTE.fullmatch(target)
        if found is None:
            return target
        scheme, host, rest = found[1].lower(), found[2], found[3].partition("#")[0]
        if self.is_secure(_authority(f"{scheme}://{host}")) is not (scheme == "https"):
            return target
        return rest if rest.startswith("/") else f"/{rest}"


def _authority(origin: str) -> str:
    """`host:port` of an origin, in small letters; empty where it has none."""
    try:
        parts = urlsplit(origin.lower())
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return ""
    if not host or not port:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Elsewhere:
    """Refuses what a client asks of other hosts, and counts it as missed. All else goes on to whoever answers it."""

    def __init__(self, here: Sequence[str], handler: Handler, then: Answering) -> None:
        self._here, self._handler, self._then = here, handler, then

    def __repr__(self) -> str:
        return f"<Elsewhere than {', '.join(self._here)}>"

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        if http.method == "CONNECT":  # this connection speaks HTTP already: what follows is no tunnel, nor a request
            answer = answers.refused(400, "target", "A CONNECT has a connection to itself.").served(http.method)
            answer.force_close()
            return answer
        found = ABSOLUTE.fullmatch(http.raw_path)
        if found is None:
            return await self._then(http)
        return self.refuse(http.method, _authority(f"{found[1]}://{found[2]}")).served(http.method)

    def refuse(self, method: str, authority: str) -> Told:
        """The refusal of a request for `host:port`, which is told and counted."""
        began = time.perf_counter()
        named = AUTHORITY.fullmatch(authority.lower())
        asked, host = (named[0], named[1]) if named else ("another host", "HOST")
        stands = f"This session stands for {' and '.join(self._here)}, not for {asked}: nothing was sent there."
        message = f"{stands}\nTo fix: {self._remedy(asked, host)}"
        self._handler.session.refuse(verdicts.Refuse(verdicts.Reason.OTHER_HOST, message))
        told = answers.elsewhere(message)
        self._handler.say(told, method, asked, told.answer.status, began)
        return told

    def _remedy(self, asked: str, host: str) -> str:
        own = next((each for each in self._here if _authority(each).rpartition(":")[0] == host), "")
        if own:  # past the proxy there would be the real one
            return f"ask for it as {own}."
        there = f"http://{host}" if asked.endswith(":80") else f"https://{asked.removesuffix(':443')}"
        return (
            f"if the program may ask it directly, set NO_PROXY={host} for it. To record it as well, add "
            f"--upstream {there if ':' in asked else 'URL'} and record again."
        )


class Front:
    """Accepts the connections of clients, and hands each to whoever speaks what it speaks. `protocols` makes one that
    answers it, `tls` is how it is spoken with behind a CONNECT; who says nothing for `patience` seconds is let go."""

    def __init__(
        self,
        origins: Origins,
        elsewhere: Elsewhere,
        protocols: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
        *,
        patience: float,
    ) -> None:
        self._origins, self._elsewhere, self._protocols, self._tls = origins, elsewhere, protocols, tls
        self._patience = patience
        self._accepting: asyncio.Task[None] | None = None
        # Who has not said yet what they want, the oldest first.
        self._serving: dict[asyncio.Task[None], None] = {}

    def __repr__(self) -> str:
        return f"<Front of {self._origins!r}, {len(self._serving)} are being heard>"

    def start(self, listener: socket.socket) -> None:
        """Accept whoever connects there."""
        listener.setblocking(False)
        listener.listen(BACKLOG)
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listener))

    async def close(self) -> None:
        """Accept no more, and let those go that have not said yet what they want."""
        tasks = [*self._serving, *([self._accepting] if self._accepting else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError:  # it left already, or there is no descriptor left
                await asyncio.sleep(PAUSE)
                continue
            task = loop.create_task(self._serve(client))
            self._serving[task] = None
            task.add_done_callback(partial(self._heard, client))
            if len(self._serving) > MOST:
                next(iter(self._serving)).cancel()

    def _heard(self, client: socket.socket, task: asyncio.Task[None]) -> None:
        self._serving.pop(task, None)
        if task.cancelled():  # it may never have begun
            client.close()

    async def _serve(self, client: socket.socket) -> None:
        client.setblocking(False)
        try:
            async with asyncio.timeout(self._patience):
                head = await _head(client)
            secure = await self._answered(client, head) if head else False
        except BaseException as error:
            client.close()
            if isinstance(error, GONE):
                return
            raise
        if secure is None:
            await _part(client)
            return
        await self._hand_over(client, self._tls if secure else None)

    async def _answered(self, client: socket.socket, head: bytes) -> bool | None:
        """Answer a CONNECT. Whether TLS is spoken from here on; None where nothing is."""
        loop, line = asyncio.get_running_loop(), LINE.match(head)
        if line is None or not head.endswith(END):
            await loop.sock_sendall(client, answers.in_bytes(answers.unreadable().served("CONNECT")))
            return None
        authority = line[1].decode("ascii")
        secure = self._origins.is_secure(authority)
        if secure is None:
            refused = self._elsewhere.refuse("CONNECT", authority)
            await loop.sock_sendall(client, answers.in_bytes(refused.served("CONNECT")))
            return None
        await loop.sock_sendall(client, ESTABLISHED)
        return secure

    async def _hand_over(self, client: socket.socket, tls: ssl.SSLContext | None) -> None:
        limits = {"ssl_handshake_timeout": HANDSHAKE, "ssl_shutdown_timeout": FAREWELL} if tls else {}
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocols, client, ssl=tls, **limits)
        except ssl.SSLError as error:
            if any(word in (error.reason or "") for word in UNBELIEVED):
                log.warning("A client does not believe the certificate of this run: it needs to be told the authority.")
        except (OSError, TimeoutError):
            return  # it left in the middle of its handshake


async def _head(client: socket.socket) -> bytes:
    """The head of a CONNECT, taken off the connection; empty where it is none, and then nothing was taken. What is
    longer than LONGEST is not read to its end. ConnectionError where the client left."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, len(METHOD))  # half a word would wake us without end
    await _readable(client)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
    begun = client.recv(len(METHOD), socket.MSG_PEEK)
    if begun != METHOD:
        return b""
    head = b""
    while not head.endswith(END) and len(head) < LONGEST:
        await _readable(client)
        seen = head + client.recv(LONGEST - len(head), socket.MSG_PEEK)
        if seen == head:
            raise ConnectionResetError
        end = seen.find(END, max(0, len(head) - len(END)))
        head += client.recv((end + len(END) if end >= 0 else len(seen)) - len(head))
    return head


async def _readable(client: socket.socket) -> None:
    """Something came, or the client left. Nothing is read."""
    loop, descriptor, ready = asyncio.get_running_loop(), client.fileno(), asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


async def _part(client: socket.socket) -> None:
    """Let a client hear what it was told before the connection is gone: closing over what it still sends would lose
    that. Nothing of it is looked at."""
    loop = asyncio.get_running_loop()
    with closing(client), suppress(OSError, TimeoutError):
        client.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(FAREWELL):
            while await loop.sock_recv(client, LONGEST):
                pass
