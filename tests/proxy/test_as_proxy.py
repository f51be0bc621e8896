"""A session as the proxy of its clients: they ask for the API under its own address, and nothing is changed in them."""

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from replayer import Replayer
from replayer.cli import trusting
from replayer.core.session import verdicts
from replayer.errors import UsageError
from replayer.proxy.certificates import Authority
from replayer.proxy.connect import Elsewhere, Front, Origins
from replayer.proxy.handler import Handler
from replayer.proxy.server import Server, bound
from tests import npm

from .talking import (
    BEARER,
    JSON,
    PATIENCE,
    Api,
    Arrived,
    Heard,
    Lines,
    Wire,
    ask,
    files,
    heard,
    on_disk,
    player,
    recorder,
    reply,
    request,
)  # fmt: skip

HOST = "api.example.com"  # which nobody has: who asks for it past the proxy gets nothing
THERE = f"https://{HOST}"
NODE_PROXIES = "undici@7.16.0"  # Node before 22.21 reads no proxy from its environment
NODE = npm.folder(NODE_PROXIES)


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


# -- clients, unchanged -----------------------------------------------------------------------------------------------

PROGRAM = """
import asyncio, json, sys, urllib.request
import aiohttp, httpx, requests
URL, said = sys.argv[1] + "/v1/x?who=", {}
said["urllib"] = urllib.request.urlopen(URL + "urllib").read().decode()
said["requests"] = requests.get(URL + "requests").text
said["httpx"] = httpx.get(URL + "httpx").text
async def ask():
    async with aiohttp.ClientSession(trust_env=True) as session, session.get(URL + "aiohttp") as answer:
        return await answer.text()
said["aiohttp"] = asyncio.run(ask())
print(json.dumps(said))
"""
NODE_PROGRAM = """
const { createRequire } = await import("node:module");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 21)) {
  const { EnvHttpProxyAgent, setGlobalDispatcher } = createRequire(process.argv[1] + "/")("undici");
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
const answer = await fetch(process.argv[2] + "/v1/x?who=node");
console.log(JSON.stringify({ node: await answer.text() }));
"""


async def run(proxy: Replayer, *command: str) -> Any:
    """What a program prints that is told of the proxy by its environment alone."""
    own = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    child = await asyncio.create_subprocess_exec(
        *command,
        env=own | trusting.environment(proxy._running.entrance, own, proxy.cassette.parent),  # noqa: SLF001 - as exec does
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    return json.loads(out)


def node() -> list[str]:
    """Node with what it needs to read a proxy from its environment; empty where it cannot be had."""
    return [] if npm.lacking(NODE_PROXIES) else ["node", "--input-type=module", "-e", NODE_PROGRAM, str(NODE)]


@pytest.mark.stands_still("what Node needs is installed once")
async def test_clients_record_and_replay_with_nothing_changed_but_their_environment(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    async def answer(arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(json.dumps({"asked": arrived.target, "more": f"{THERE}/v1/y"}).encode(), JSON))

    secure_api["/v1/x"] = answer
    commands = [[sys.executable, "-c", PROGRAM, THERE], [*node(), THERE]]
    commands += [["curl", "--silent", f"{THERE}/v1/x?who=curl"]] if shutil.which("curl") else []
    commands = [command for command in commands if len(command) > 1]
    said = []
    async with front(secure_api, ca, tmp_path) as proxy:
        said.append([await run(proxy, *command) for command in commands])
    await secure_api.stop()
    async with back(tmp_path) as proxy:
        said.append([await run(proxy, *command) for command in commands])
        assert proxy.misses == []
        assert proxy.receipt.unused == 0
    assert said[0] == said[1]
    assert json.loads(said[0][0]["httpx"]) == {"asked": "/v1/x?who=httpx", "more": f"{THERE}/v1/y"}
    assert {each.request.uri for each in on_disk(tmp_path / "a.yaml").interactions} >= {f"{THERE}/v1/x?who=requests"}
    assert (f"{THERE}/v1/x?who=node" in (tmp_path / "a.yaml").read_text("utf-8")) == bool(node())


@pytest.mark.parametrize("odd", ["", "https://", "ftp://a.io", "https://a.io:99999", "https://[::1"])
def test_what_is_no_origin_stands_for_nothing(odd: str) -> None:
    origins = Origins([odd, "https://[::1]:8443", "http://B.io"])
    assert origins.hosts == ("[::1]:8443", "b.io", "b.io:80")
    assert origins.names == ("[::1]", "b.io")
    assert (origins.is_secure("[::1]:8443"), origins.is_secure("B.IO:80"), origins.is_secure("")) == (True, False, None)
    assert origins.target("http://b.io?x") == "/?x"
    assert origins.target("http://b.io/x#y") == "/x"
    assert origins.target("https://b.io/x") == "https://b.io/x"


# -- what goes through ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_versions_of_tls_keep_alive_heads_and_100_continue(
    secure_api: Api, ca: Path, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    secure_api["/v1/x"] = reply(b'{"a": 1}', JSON)

    async def all_of_it(proxy: Replayer) -> list[bytes]:
        tunnel = await Tunnel.through(proxy, minimum_version=version, maximum_version=version)
        assert tunnel.version == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
        told, head = [], f"Host: {HOST}\r\n{BEARER[0]}: {BEARER[1]}\r\n".encode()
        await tunnel.send(b"GET /v1/x HTTP/1.1\r\n" + head + b"\r\n")
        told.append((await tunnel.hear(b'{"a": 1}')).partition(b"\r\n\r\n")[2])
        await tunnel.send(b"HEAD /v1/x HTTP/1.1\r\n" + head + b"\r\n")
        told.append((await tunnel.hear(b"\r\n\r\n")).partition(b"\r\n\r\n")[2])
        await tunnel.send(b"POST /v1/x HTTP/1.1\r\n" + head + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        told.append(await tunnel.hear(b"100 Continue\r\n\r\n"))
        await tunnel.send(b"a=1")
        told.append((await tunnel.hear(b'{"a": 1}')).partition(b"\r\n\r\n")[2])
        await tunnel.close()
        return told

    async with front(secure_api, ca, tmp_path) as proxy:
        recorded = await all_of_it(proxy)
    await secure_api.stop()
    async with back(tmp_path) as proxy:
        assert await all_of_it(proxy) == recorded == [b'{"a": 1}', b"", b"HTTP/1.1 100 Continue\r\n\r\n", b'{"a": 1}']


async def echo(http: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=await http.read())


async def test_eight_mebibytes_go_through_in_both_directions() -> None:
    """Without a session: one would look through all of them."""
    large, origins, vouching = os.urandom(8 << 20), Origins([THERE]), Authority.of([HOST])
    server = Server(echo, limit=len(large))
    with bound(0) as listener:
        elsewhere = Elsewhere([THERE], cast(Handler, None), echo)
        front = Front(origins, elsewhere, await server.ready(), vouching.tls, patience=PATIENCE)
        front.start(listener)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
        writer.write(line(f"{HOST}:443"))
        await reader.readuntil(b"\r\n\r\n")
        trusting_it = ssl.create_default_context(cadata=vouching.certificate.decode("ascii"))
        await writer.start_tls(trusting_it, server_hostname=HOST)
        writer.write(request("POST /x", THERE, body=large, host=HOST))
        async with asyncio.timeout(PATIENCE):
            said = await reader.read()
        assert said.partition(b"\r\n\r\n")[2] == large
        writer.close()
        await front.close()
        await server.close()


def descriptors() -> int:
    """How many are open in this program, where that can be seen."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


async def test_many_connections_at_once_and_their_descriptors_come_back(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        await asked(proxy, "GET /v1/x")
    async with back(tmp_path) as proxy:
        before = descriptors()
        heard = await asyncio.gather(*(asked(proxy, "GET /v1/x") for _ in range(200)))
        assert {each.status for each in heard} == {200}
        await asyncio.sleep(0.1)
        assert descriptors() <= before + 2


async def test_links_between_answers_are_the_apis_own(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    next_page = f'{{"next": "{secure_api.url}/v1/y", "self": "https://{HOST}/v1/x"}}'.encode()
    secure_api["/v1/x"] = reply(next_page, JSON, ("Location", f"{secure_api.url}/v1/z"))
    for proxy in (front(secure_api, ca, tmp_path), back(tmp_path)):
        async with proxy:
            answer = await asked(proxy, "GET /v1/x")
            assert json.loads(answer.body) == {"next": f"{THERE}/v1/y", "self": f"{THERE}/v1/x"}
            assert answer.header("Location") == f"{THERE}/v1/z"


async def test_an_api_without_tls_is_asked_for_by_its_full_address(api: Api, tmp_path: Path) -> None:
    there = "http://api.example.com"
    for proxy in (recorder(api, tmp_path, origin=there, as_proxy=True), back(tmp_path)):
        async with proxy:
            assert proxy.certificate is None  # there is nothing to believe
            for target in (f"{there}/v1/x", "HTTP://API.example.com:80/v1/x", "/v1/x"):
                wire = await Wire.to(proxy.url)
                await wire.send(request(f"GET {target}", there, host="api.example.com"))
                assert heard(await wire.hear()).status == 200
                await wire.close()
            tunnelled = await raw(proxy, line("api.example.com:80") + request("GET /v1/x", there))
            assert tunnelled.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert {each.request.uri for each in on_disk(tmp_path / "a.yaml").interactions} == {f"{there}/v1/x"}


async def test_its_own_address_still_answers_as_a_base_url_does(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        assert (await ask(proxy.url, f"GET {proxy.url}/v1/x")).status == 200
    assert [each.target for each in secure_api.arrived] == ["/v1/x", "/v1/x"]


# -- and what does not ------------------------------------------------------------------------------------------------

OTHERS = ["evil.example:443", "api.example.com:444", "api.example.com.evil.example:443", "127.0.0.1:22", "[::1]:22",
          "localhost:22", "169.254.169.254:80", "metadata.google.internal:80", "api.example.com@evil.example:443",
          "evil.example#api.example.com:443", "0.0.0.0:443", "0x7f000001:443", ":443", "api.example.com"]  # fmt: skip


@pytest.mark.parametrize("target", OTHERS)
async def test_no_other_host_is_reached_by_connect(
    secure_api: Api, ca: Path, tmp_path: Path, target: str, lines: Lines
) -> None:
    """An open proxy; CONNECT to loopback and to the addresses of clouds."""
    async with front(secure_api, ca, tmp_path, tell=lines) as proxy:
        refused = heard(await raw(proxy, line(target) + request("GET /v1/x", THERE, host=HOST)))
        assert (refused.status, refused.header("Replayer-Miss")) == (403, "other-host")
        said = json.loads(refused.body)["error"]
        assert said["code"] == "replayer_other_host"
        assert f"stands for {THERE}" in said["message"]
        assert "To fix: " in said["message"]
        assert [miss.reason for miss in proxy.misses] == [verdicts.Reason.OTHER_HOST]
        assert (lines[0].method, lines[0].status, lines[0].outcome) == ("CONNECT", 403, "missed")
    assert secure_api.arrived == []  # nor was what came behind it taken for a request


async def test_the_same_host_by_another_scheme_is_not_to_be_asked_past_the_proxy(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        refused = await ask(proxy.url, f"GET http://{HOST}/v1/x")
    said = json.loads(refused.body)["error"]["message"]
    assert f"not for {HOST}:80: nothing was sent there.\nTo fix: ask for it as {THERE}." in said
    assert "NO_PROXY" not in said


@pytest.mark.parametrize("target", ["http://evil.example/x", "http://api.example.com:444/", "https://evil.example/",
                                    "http://127.0.0.1:22/", "http://evil.example:80"])  # fmt: skip
async def test_no_other_host_is_reached_by_a_full_address(
    secure_api: Api, ca: Path, tmp_path: Path, target: str
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        refused = await ask(proxy.url, f"GET {target}")
        assert (refused.status, refused.header("Replayer-Miss")) == (403, "other-host")
        assert len(proxy.misses) == 1
    assert secure_api.arrived == []


async def test_cve_2025_23217_its_own_paths_are_not_reached_through_itself(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    """mitmweb's control API answered whoever asked the proxy for it."""
    async with front(secure_api, ca, tmp_path) as proxy:
        own, path = proxy.url.partition("//")[2], "/__replayer__/sessions"
        assert (await ask(proxy.url, f"GET {proxy.url}{path}")).status == 404
        assert (await ask(proxy.url, f"GET http://localhost:{own.rpartition(':')[2]}/x/..{path}")).status == 404
        assert (await asked(proxy, f"GET {path}")).status == 404
        call = ("Replayer-Token", proxy.token)
        assert (await asked(proxy, "POST /__replayer__/faults", call, body=b'{"faults": []}')).status == 403
        tunnelled = await raw(proxy, line(own) + request(f"GET {path}", proxy.url))
        assert b"HTTP/1.1 404 " in tunnelled
    assert secure_api.arrived == []


async def test_cve_2018_14505_a_tunnel_to_the_api_leads_to_no_other_name(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        tunnel = await Tunnel.through(proxy)
        await tunnel.send(request("GET /v1/x", THERE, host="evil.example"))
        assert heard(await tunnel.hear()).status == 403
        await tunnel.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            await Tunnel.through(proxy, named="evil.example")
    assert secure_api.arrived == []


async def test_cve_2021_32827_no_page_of_another_origin_asks_through_a_tunnel(
    secure_api: Api, ca: Path, tmp_path: Path
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        for origin, status in (("https://evil.example", 403), ("null", 403), (THERE, 200)):
            assert (await asked(proxy, "POST /v1/x", ("Origin", origin))).status == status
        assert (await asked(proxy, "POST /v1/x", ("Sec-Fetch-Site", "cross-site"))).status == 403
    assert len(secure_api.arrived) == 1


@pytest.mark.parametrize("target", [f"http://{HOST}@evil.example/x", "ftp://evil.example/", "//evil.example/x", "*"])
async def test_what_is_no_address_is_none_of_the_apis(secure_api: Api, ca: Path, tmp_path: Path, target: str) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        said = await ask(proxy.url, f"OPTIONS {target}", host="evil.example")
    assert said.status in (400, 403)
    assert secure_api.arrived == []


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT api.example.com:443 HTTP/2.0\r\n\r\n",
        b"CONNECT  api.example.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT api.example.com:443\r\n\r\n",
        b"CONNECT api.example.com:443 HTTP/1.1 x\r\n\r\n",
        b"CONNECT \xff:443 HTTP/1.1\r\n\r\n",
        b"CONNECT api.example.com:443 HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_a_connect_that_is_none_is_refused(secure_api: Api, ca: Path, tmp_path: Path, sent: bytes) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        assert (await raw(proxy, sent)).startswith(b"HTTP/1.1 400 ")


async def test_what_is_smuggled_behind_a_connect_is_no_request(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    """Behind the 200 there is TLS or nothing: bytes that came along in plain are no request, and make none TLS."""
    smuggled = request("POST /v1/smuggled", THERE, host=HOST)
    async with front(secure_api, ca, tmp_path) as proxy:
        said = await raw(proxy, line(f"{HOST}:443") + smuggled)
        assert b"HTTP/1.1 200 OK" not in said
        wire = await Wire.to(proxy.url)  # piece by piece, the head in two
        for piece in (b"CONN", b"ECT api.example.com:443 HT", b"TP/1.1\r\n\r", b"\n" + smuggled):
            await wire.send(piece)
            await asyncio.sleep(0.02)
        assert b"HTTP/1.1 200 OK" not in await wire.hear()
        await wire.close()
        first = request("GET /v1/first", THERE, host=HOST).replace(b"Connection: close\r\n", b"")
        wire = await Wire.to(proxy.url)
        await wire.send(first + line(f"{HOST}:443") + smuggled)
        said = await wire.hear(b"replayer_target")  # a connection that has begun with HTTP stays with it
        assert b"established" not in said
        await wire.close()
    assert [each.target for each in secure_api.arrived] == ["/v1/first"]


async def test_the_first_bytes_of_tls_may_come_with_the_connect(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    """A client in a hurry: what it sends ahead is lost to nobody."""
    there, back_ = ssl.MemoryBIO(), ssl.MemoryBIO()
    async with front(secure_api, ca, tmp_path) as proxy:
        client = ssl.create_default_context(cafile=str(proxy.certificate)).wrap_bio(back_, there, server_hostname=HOST)
        wire = await Wire.to(proxy.url)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        await wire.send(line(f"{HOST}:443") + there.read())
        back_.write((await wire.hear(b"\r\n\r\n")).partition(b"\r\n\r\n")[2])
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    back_.write(await wire._reader.read(1 << 16))  # noqa: SLF001
        client.write(request("GET /v1/x", THERE, host=HOST))
        await wire.send(there.read())
        back_.write(await wire.hear())
        assert b"HTTP/1.1 200 OK" in client.read(1 << 16)
        await wire.close()


async def test_a_client_that_leaves_leaves_nothing(
    secure_api: Api, ca: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        for sent in (b"", b"CON", b"CONNECT api.exa", line(f"{HOST}:443"), line(f"{HOST}:443") + b"\x16\x03\x01"):
            wire = await Wire.to(proxy.url)
            await wire.send(sent)
            await asyncio.sleep(0.01)
            wire.vanish()
        tunnel = await Tunnel.through(proxy)
        await tunnel.send(b"GET /v1/half HTTP/1.1\r\n")
        tunnel.vanish()
        await asyncio.sleep(0.02)
        assert (await asked(proxy, "GET /v1/x")).status == 200
        assert proxy.misses == []
    assert [each.target for each in secure_api.arrived] == ["/v1/x"]
    assert "Traceback" not in caplog.text
    assert "eof_received" not in caplog.text


async def test_many_who_say_nothing_take_the_place_of_nobody_else(
    secure_api: Api, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("replayer.proxy.connect.MOST", 3)
    async with front(secure_api, ca, tmp_path) as proxy:
        silent = [await Wire.to(proxy.url) for _ in range(10)]
        assert (await asked(proxy, "GET /v1/x")).status == 200
        assert await silent[0].hear() == b""
        for wire in silent:
            await wire.close()


async def test_who_says_nothing_is_not_waited_for(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    async with front(secure_api, ca, tmp_path, request_timeout=0.1) as proxy:
        assert await raw(proxy, b"") == b""
        assert await raw(proxy, b"CONNECT api") == b""


def disbelieve(port: int) -> None:
    """A client that was told of no authority, and says so."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(line(f"{HOST}:443"))
        assert b" 200 " in plain.recv(1 << 10)
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname=HOST)


async def test_a_client_that_does_not_believe_us_is_told_of(
    secure_api: Api, ca: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        await asyncio.to_thread(disbelieve, int(proxy.url.rpartition(":")[2]))
        await asyncio.sleep(0.05)
    assert "does not believe the certificate of this run" in caplog.text


async def test_ending_does_not_wait_for_those_who_have_said_nothing(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    async with front(secure_api, ca, tmp_path) as proxy:
        wires = [await Wire.to(proxy.url), await Tunnel.through(proxy)]
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 2
    for wire in wires:
        await wire.close()


# -- settings ---------------------------------------------------------------------------------------------------------


async def test_a_cassette_that_names_no_host_needs_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\ninteractions: []\n", "utf-8")
    with pytest.raises(UsageError, match=r"Nobody knows for which host this is to be the proxy: a\.yaml names none"):
        async with back(tmp_path):
            pass
    async with back(tmp_path, origin=THERE) as proxy:
        assert (await asked(proxy, "GET /v1/x")).status == 421


async def test_without_cryptography_the_extra_is_named(
    secure_api: Api, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "replayer.proxy.certificates", raising=False)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(UsageError) as error:
        async with front(secure_api, ca, tmp_path):
            pass
    assert "pip install 'replayer[tls]'" in str(error.value)


@pytest.mark.parametrize("chosen", ["", "chosen.pem"])
async def test_the_certificate_goes_with_the_session(
    secure_api: Api, ca: Path, tmp_path: Path, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with front(secure_api, ca, tmp_path, certificate=chosen) as proxy:
        path = proxy.certificate
        assert path is not None
        assert path.read_bytes().count(b"BEGIN CERTIFICATE") == 1
        assert b"PRIVATE" not in path.read_bytes()
    assert not path.exists()
    assert path.parent.exists() == bool(chosen)


async def test_a_file_of_somebody_elses_is_not_written_over(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    before = files(ca.parent)
    with pytest.raises(UsageError, match="is there, and no certificate of Replayer's"):
        async with front(secure_api, ca, tmp_path, certificate=ca):
            pass
    assert files(ca.parent) == before
    left = tmp_path / "left.pem"  # by a run that was killed
    async with front(secure_api, ca, tmp_path, certificate=left):
        kept = left.read_bytes()
    left.write_bytes(kept)
    async with front(secure_api, ca, tmp_path, certificate=left):
        assert left.read_bytes() != kept


async def test_a_certificate_that_cannot_be_put_there_is_told(secure_api: Api, ca: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere/ca\.pem: No such file or directory\. Choose another file\.$"):
        async with front(secure_api, ca, tmp_path, certificate=str(tmp_path / "nowhere/ca.pem")):
            pass
