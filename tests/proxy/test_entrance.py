"""How a session is reached: by TLS, under other names, from outside; and what of that is said aloud."""

import json
import ssl
from pathlib import Path

import aiohttp
import pytest

from replayer.errors import UsageError
from replayer.proxy.server import bound, origin
from replayer.settings import Settings

from .talking import JSON, Api, Lines, ask, player, recorder, reply


def believing(certificate: Path | None) -> ssl.SSLContext:
    assert certificate is not None
    return ssl.create_default_context(cafile=str(certificate))


# -- by TLS -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "proxy.test"])
async def test_it_speaks_tls_under_all_of_its_names(api: Api, tmp_path: Path, name: str) -> None:
    api["/v1/x"] = reply(f'{{"next": "{api.url}/v1/y"}}'.encode(), JSON)
    for proxy in (
        recorder(api, tmp_path, https=True, hosts="proxy.test"),
        player(tmp_path, https=True, hosts=["proxy.test"]),
    ):
        async with proxy, aiohttp.ClientSession() as client:
            assert proxy.url.startswith("https://127.0.0.1:")
            tls, port = believing(proxy.certificate), proxy.url.rpartition(":")[2]
            asked = client.get(f"{proxy.url}/v1/x", ssl=tls, server_hostname=name, headers={"Host": f"{name}:{port}"})
            async with asked as answer:
                assert await answer.json() == {"next": f"{proxy.url}/v1/y"}


async def test_a_page_of_its_own_is_one_by_tls(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, https=True) as proxy, aiohttp.ClientSession() as client:
        for page, status in ((proxy.url, 200), (proxy.url.replace("https", "http"), 403)):
            asked = client.get(f"{proxy.url}/v1/x", ssl=believing(proxy.certificate), headers={"Origin": page})
            async with asked as answer:
                assert answer.status == status


async def test_http_to_a_port_that_speaks_tls_is_no_request(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, https=True) as proxy:
        with pytest.raises(AssertionError):
            await ask(proxy.url.replace("https", "http"), "GET /v1/x")
    assert api.arrived == []


async def test_both_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Leave https out"):
        async with recorder("https://api.example.com", tmp_path, https=True, as_proxy=True):
            pass


# -- under which names ------------------------------------------------------------------------------------------------


async def test_it_answers_to_names_that_it_was_given_and_to_no_others(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with recorder(api, tmp_path, hosts="Replayer, proxy.test") as proxy:
        for host, status in (
            ("replayer:8080", 200), ("REPLAYER", 200), ("proxy.test", 200), ("localhost", 200),
            ("evil.example", 403), ("replayer.evil.example", 403), ("replayer@evil.example", 403), ("xreplayer", 403),
            ("replayer:80:80", 403), ("replayer/x", 403), ("*", 403),
        ):  # fmt: skip
            assert (await ask(proxy.url, "GET /v1/x", host=host)).status == status, host
        refused = await ask(proxy.url, "GET /v1/x", host="evil.example")
        said = json.loads(refused.body)["error"]["message"]
        assert said.startswith("This proxy answers only to 127.0.0.1, replayer, proxy.test and localhost.")
    assert "This proxy may be asked under other names, too: replayer, proxy.test." in caplog.text


@pytest.mark.parametrize("name", ["http://replayer", "replayer:80", "*", "a b", ".", "a..b", "[::1]"])
def test_what_is_no_name_is_refused_at_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name"):
        Settings.load({"hosts": [name]}, folder=tmp_path, environment={})


# -- from where -------------------------------------------------------------------------------------------------------


async def test_listening_elsewhere_is_said_aloud_and_hosts_are_checked_still(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture, lines: Lines
) -> None:
    async with recorder(api, tmp_path, listen="0.0.0.0", tell=lines) as proxy:  # noqa: S104 - that is what is tested
        assert proxy.url.startswith("http://127.0.0.1:")
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        assert (await ask(proxy.url, "GET /v1/x", host="replayer:8080")).status == 403
        assert f"Whoever reaches 0.0.0.0, port {proxy.url.rpartition(':')[2]}, can ask this proxy" in caplog.text


async def test_on_this_machine_alone_nothing_is_said(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for address in ("127.0.0.1", "127.0.0.2"):
        async with recorder(api, tmp_path, f"{address}.yaml", listen=address) as proxy:
            assert address in proxy.url
            await ask(proxy.url, "GET /v1/x", host="localhost")
    assert "Whoever reaches" not in caplog.text


def test_an_address_of_six_is_written_in_brackets() -> None:
    with bound(0, "::1") as listener:
        assert origin(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(UsageError, match=r"^Port 0 of 192\.0\.2\.1 cannot be used: "):
        bound(0, "192.0.2.1")


@pytest.mark.parametrize("address", ["localhost", "0.0.0.0:80", "", "*", "127.0.0.1/8"])
def test_what_is_no_address_to_listen_on_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="The address to listen on"):
        Settings.load({"listen": address}, folder=tmp_path, environment={})
