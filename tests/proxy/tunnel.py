"""A client that asks for the API under its own address, through a session as its proxy."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

from replayer import Replayer

from .talking import BEARER, Api, Heard, Wire, heard, player, recorder, request

HOST = "api.example.com"  # which nobody has: who asks for it past the proxy gets nothing
THERE = f"https://{HOST}"


def front(api: Api, ca: Path, root: Path, **settings: Any) -> Replayer:
    """A proxy of clients that records that upstream as the API."""
    return recorder(api, root, **{"ca": ca, "origin": THERE, "as_proxy": True, **settings})


def back(root: Path, **settings: Any) -> Replayer:
    """The same, with nothing but the cassette."""
    return player(root, as_proxy=True, **settings)


def line(target: str, method: str = "CONNECT") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


class Tunnel(Wire):
    """A connection through the proxy, with TLS inside of it."""

    @classmethod
    async def through(cls, proxy: Replayer, host: str = HOST, named: str = "", **versions: Any) -> "Tunnel":
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(line(f"{host}:443"))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        context = ssl.create_default_context(cafile=str(proxy.certificate))
        for name, value in versions.items():
            setattr(context, name, value)
        await writer.start_tls(context, server_hostname=named or host)
        return cls(reader, writer)

    @property
    def version(self) -> str:
        return str(self._writer.get_extra_info("ssl_object").version())


async def asked(proxy: Replayer, what: str, *headers: tuple[str, str], body: bytes = b"", **versions: Any) -> Heard:
    """One request through the proxy, on a connection of its own."""
    tunnel = await Tunnel.through(proxy, **versions)
    try:
        await tunnel.send(request(what, THERE, [BEARER, *headers], body, host=HOST))
        return heard(await tunnel.hear(), bodiless=what.startswith("HEAD "))
    finally:
        await tunnel.close()


async def raw(proxy: Replayer, sent: bytes) -> bytes:
    """What the proxy says to those bytes until it closes."""
    wire = await Wire.to(proxy.url)
    try:
        await wire.send(sent)
        return await wire.hear()
    finally:
        await wire.close()
