"""A session as the proxy of its clients: they ask for the API under its own address, and nothing is changed in them."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from replayer import Replayer
from replayer.cli import trusting
from replayer.proxy.certificates import Authority
from replayer.proxy.connect import Elsewhere, Front, Origins
from replayer.proxy.handler import Handler
from replayer.proxy.server import Server, bound
from tests import packages

from .talking import (
    BEARER,
    JSON,
    PATIENCE,
    Api,
    Arrived,
    Wire,
    ask,
    descriptors,
    heard,
    on_disk,
    recorder,
    reply,
    request,
)
from .tunnel import HOST, THERE, Tunnel, asked, back, front, line, raw

NODE_PROXIES = "undici@7.16.0"  # Node before 22.21 reads no proxy from its environment
NODE = packages.npm_folder(NODE_PROXIES)

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
    return (
        [] if packages.lacking_of_npm(NODE_PROXIES) else ["node", "--input-type=module", "-e", NODE_PROGRAM, str(NODE)]
    )


@pytest.mark.long
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


@pytest.mark.long
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
