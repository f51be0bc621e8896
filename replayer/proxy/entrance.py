"""How a session is reached: at which address, under which names, by TLS, as a client's proxy. What is answered there is
no business of this.

                  client asks                         the links that it is shown lead to
http              http://127.0.0.1:PORT               that address
https             https://127.0.0.1:PORT              that address
as_proxy          the upstream, by this proxy         the upstream, and so here again
"""

import socket
import ssl
from collections.abc import Iterable
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from replayer.errors import UsageError
from replayer.proxy import trust
from replayer.proxy.connect import Answering, Elsewhere, Front, Origins
from replayer.proxy.connections import Connections
from replayer.proxy.guard import Door
from replayer.proxy.handler import Handler
from replayer.proxy.preflights import Preflights
from replayer.proxy.prompt import Prompt
from replayer.proxy.server import Server, origin
from replayer.settings import Settings, words

if TYPE_CHECKING:
    from replayer.proxy.certificates import Authority

MISSING = "{} needs the package cryptography, for the certificates of a run. Install it: pip install cryptography."
NO_PLACE = (
    "Nobody knows for which host this is to be the proxy: {} names none. Set upstream (--upstream URL) or origin "
    "(--origin URL), as the program asks for it."
)
OURS = b"# Replayer, for one run alone\n"  # stands before a certificate, where nobody minds
OPEN = (
    "Whoever reaches {} can ask this proxy, and what it stands for: listen is meant for containers and for networks "
    "where you know everybody."
)
NAMED = "This proxy may be asked under other names, too: {}."


class Entrance:
    """One way of being reached. `url` is where clients find it, `origin` where the API is to them; `stands_for` are the
    upstreams that it is the proxy for, `certificate` is the file that clients are to believe, if there is TLS, and
    `notices` are what whoever starts it should know."""

    def __init__(
        self, settings: Settings, listener: socket.socket, spoken: Iterable[str], stack: AsyncExitStack
    ) -> None:
        """As the settings want it, on that socket. `spoken` are the origins by which the API may be called, the
        cassette's first; what is put on disk is gone with the stack. UsageError where it cannot be."""
        self._settings, self._listener = settings, listener
        self.url = origin(listener, "https" if settings.https else "http")
        self.stands_for = tuple(dict.fromkeys(filter(None, spoken))) if settings.as_proxy else ()
        if settings.as_proxy and not self.stands_for:
            raise UsageError(NO_PLACE.format(settings.cassette))
        self.origin = self.stands_for[0] if self.stands_for else self.url
        self.notices = _notices(settings, self.url)
        self.certificate: Path | None = None
        self._tls: ssl.SSLContext | None = None
        secure = Origins(self.stands_for).secure
        if settings.https or secure:
            authority = _authority((*settings.names, *secure), "https" if settings.https else "as_proxy")
            self._tls, self.certificate = authority.tls, _put(authority.certificate, settings.certificate, stack)
        self._server: Server | None = None
        self._front: Front | None = None
        self._handler: Handler | None = None

    def __repr__(self) -> str:
        return f"<Entrance {self.url} for {self.origin}>"

    @property
    def door(self) -> Door:
        """Who is let in."""
        settings, hosts = self._settings, Origins(self.stands_for).hosts
        schemes = ("http", "https") if self.stands_for else ("https" if settings.https else "http",)
        return Door(settings.names, settings.pages, schemes, hosts)

    async def serve(self, handler: Handler, prompt: Prompt | None) -> None:
        """Let that handler answer there. `prompt` answers what it can before the handler comes to it."""
        settings, self._handler = self._settings, handler
        answering: Answering = Preflights(handler, settings.pages) if settings.pages else handler
        own = (self.url, self.url.replace(words.HOST, "localhost"))
        origins = Origins((*self.stands_for, *own)) if self.stands_for else None
        elsewhere = Elsewhere(self.stands_for, handler, answering)
        self._server = Server(
            elsewhere if origins else answering,
            limit=settings.body_limit,
            limits=Connections(request_timeout=settings.request_timeout, idle_timeout=settings.idle_timeout),
            tell=handler.tell_unread,
            prompt=prompt,
            target=origins.target if origins else None,
        )
        if origins is None:
            await self._server.start(self._listener, self._tls)
            return
        protocols = await self._server.ready()
        self._front = Front(origins, elsewhere, protocols, self._tls, patience=settings.request_timeout)
        self._front.start(self._listener)

    async def close(self) -> None:
        """Let nobody in any more, and let those end who are being answered."""
        if self._front is not None:
            await self._front.close()
        if self._server is not None:
            await self._server.close()
        if self._handler is not None:
            await self._handler.steps.end()


def _authority(hosts: Iterable[str], wanted_by: str) -> "Authority":
    """The authority of this run. UsageError where it cannot be made, telling what wanted it."""
    try:
        from replayer.proxy.certificates import Authority  # late: few sessions have one
    except ImportError:
        raise UsageError(MISSING.format(wanted_by)) from None
    return Authority.of(hosts)


def _put(certificate: bytes, chosen: str, stack: AsyncExitStack) -> Path:
    """Have a certificate on disk until the stack is closed, where it was chosen to be. UsageError where it cannot be,
    or where something of somebody else's is."""
    path = Path(chosen) if chosen else Path(stack.enter_context(TemporaryDirectory(prefix="replayer-"))) / "ca.pem"
    try:
        if path.exists() and not path.read_bytes().startswith(OURS):
            raise UsageError(f"{path} is there, and no certificate of Replayer's. Choose another file for it.")
        path.write_bytes(OURS + certificate)
    except OSError as error:
        raise UsageError(f"The certificate cannot be put into {path}: {error.strerror}. Choose another file.") from None
    stack.callback(path.unlink, missing_ok=True)
    return path


def _notices(settings: Settings, url: str) -> tuple[str, ...]:
    """What of that is not as safe as it is without."""
    found = []
    if not ip_address(settings.listen).is_loopback:
        found.append(OPEN.format(f"{settings.listen}, port {urlsplit(url).port},"))
    if settings.names:
        found.append(NAMED.format(", ".join(settings.names)))
    if settings.insecure_upstream:
        found.append(trust.INSECURE)
    return tuple(found)
