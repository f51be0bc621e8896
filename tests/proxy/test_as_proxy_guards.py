"""What a proxy of its clients does not do: it reaches no other host, and takes nothing for a request that is none."""

import asyncio
import json
import socket
import ssl
from pathlib import Path

import pytest

from replayer.core.session import verdicts

from .talking import PATIENCE, Api, Lines, Wire, ask, heard, request
from .tunnel import HOST, THERE, Tunnel, asked, front, line, raw

OTHERS = ["evil.example:443", "api.example.com:444", "api.example.com.evil.example:443", "127.0.0.1:22", "[::1]:22",
          "localhost:22", "169.254.169.254:80", "metadata.google.internal:80", "api.example.com@evil.example:443",
          "evil.example#api.example.com:443", "api.example.com:4_43", "api.example.com:+443", "api.example.com:443/",
          "api.example.com.:443", "api.example.com:443:443", "[api.example.com]:443", "api%2eexample.com:443",
          "https://api.example.com:443", "api.example.com:65979",
          "0.0.0.0:443", "0x7f000001:443", ":443", "api.example.com"]  # fmt: skip


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
