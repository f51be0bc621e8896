"""Several upstreams in one session, told apart by their hosts: one cassette, one set of names, one clock."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from replayer import Replayer
from replayer.cli import run
from replayer.errors import UsageError

from .conftest import FILE
from .talking import BEARER, Api, Heard, Wire, heard, on_disk, player, recorder, request


@dataclass
class Proxied:
    """What the clients of a proxy have to know of it, whichever program it is."""

    url: str
    certificate: Path | None


def recording(two: tuple[Api, Api], ca: Path, root: Path, **settings: Any) -> Replayer:
    one, other = two
    return recorder(one, root, **{"ca": ca, "as_proxy": True, "more_upstreams": other.url, **settings})


async def asked(proxy: Replayer | Proxied, what: str, api: Api, body: bytes = b"") -> Heard:
    """One request to that API through the proxy, as its clients would send it."""
    host = api.url.partition("//")[2]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    wire = Wire(reader, writer)
    method, _, path = what.partition(" ")
    if api.tls is None:
        await wire.send(request(f"{method} {api.url}{path}", api.url, [BEARER], body, host=host))
    else:
        writer.write(f"CONNECT {host} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        context = ssl.create_default_context(cafile=str(proxy.certificate))
        await writer.start_tls(context, server_hostname="127.0.0.1")
        await wire.send(request(what, api.url, [BEARER], body, host=host))
    answer = heard(await wire.hear())
    await wire.close()
    return answer


async def program(proxy: Replayer | Proxied, two: tuple[Api, Api]) -> list[bytes]:
    one, other = two
    said = [
        await asked(proxy, "GET /v1/x", one),
        await asked(proxy, "GET /v1/x", other),
        await asked(proxy, "POST /v1/files", other, b"a=1"),
    ]
    made = json.loads(said[-1].body)["id"]
    said.append(await asked(proxy, "POST /v1/links", one, f"file={made}".encode()))
    said.append(await asked(proxy, f"GET {json.loads(said[-1].body)['url'].removeprefix(other.url)}", other))
    assert {each.status for each in said} == {200}
    return [each.body for each in said]


async def test_equal_paths_on_two_hosts_are_two_questions_and_ids_have_one_name(
    two: tuple[Api, Api], ca: Path, tmp_path: Path
) -> None:
    one, other = two
    async with recording(two, ca, tmp_path) as proxy:
        recorded = await program(proxy, two)
    assert [each.target for each in one.arrived] == ["/v1/x", "/v1/links"]
    assert [each.target for each in other.arrived] == ["/v1/x", "/v1/files", f"/v1/files/{FILE}/contents"]
    assert one.arrived[1].body == f"file={FILE}".encode()  # the real one, which the other host had made
    assert json.loads(recorded[0]) == {"from": "one"}
    assert json.loads(recorded[1]) == {"from": "other"}
    text = (tmp_path / "a.yaml").read_text("utf-8")
    assert FILE not in text
    uris = [each.request.uri for each in on_disk(tmp_path / "a.yaml").interactions]
    assert uris.count(f"{one.url}/v1/x") == uris.count(f"{other.url}/v1/x") == 1
    assert run(["audit", str(tmp_path / "a.yaml")]) == 0
    await one.stop()
    await other.stop()
    async with player(tmp_path, as_proxy=True) as proxy:
        assert await program(proxy, two) == recorded
        assert (proxy.misses, proxy.receipt.unused) == ([], 0)


async def test_recording_again_changes_no_byte(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    async with recording(two, ca, tmp_path) as proxy:
        await program(proxy, two)
    before = (tmp_path / "a.yaml").read_bytes()
    async with recording(two, ca, tmp_path) as proxy:
        await program(proxy, two)
    assert (tmp_path / "a.yaml").read_bytes() == before


async def test_what_is_new_is_added_at_its_own_host(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    one, other = two
    async with recording(two, ca, tmp_path) as proxy:
        recorded = await program(proxy, two)
    async with recording(two, ca, tmp_path, record_mode="new_episodes") as proxy:
        assert await program(proxy, two) == recorded
        assert (await asked(proxy, "GET /v1/new", other)).status == 200
    assert [each.target for each in other.arrived[3:]] == ["/v1/new"]
    uris = [each.request.uri for each in on_disk(tmp_path / "a.yaml").interactions]
    assert len(uris) == len(recorded) + 1
    assert f"{other.url}/v1/new" in uris
    assert not any(uri.startswith(f"{one.url}/v1/new") for uri in uris)


async def test_a_recording_that_would_lose_a_host_is_refused(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    async with recording(two, ca, tmp_path) as proxy:
        await program(proxy, two)
    with pytest.raises(UsageError, match=rf"Name them in the setting more_upstreams \(--upstream {two[1].url}\)\.$"):
        async with recording(two, ca, tmp_path, more_upstreams=""):
            pass


async def test_at_a_base_url_one_of_them_is_chosen(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    async with recording(two, ca, tmp_path) as proxy:
        await program(proxy, two)
    with pytest.raises(UsageError, match=r"or play all of them with as_proxy\.$"):
        async with player(tmp_path):
            pass


async def test_each_is_reached_at_the_start_and_named_where_it_gives_no_answer(
    two: tuple[Api, Api], ca: Path, tmp_path: Path
) -> None:
    one, other = two
    async with recording(two, ca, tmp_path) as proxy:
        await other.stop()
        failed = await asked(proxy, "GET /v1/x", other)
        assert (failed.status, other.url in failed.body.decode()) == (502, True)
        assert (await asked(proxy, "GET /v1/x", one)).status == 200
    with pytest.raises(UsageError, match=f"The upstream {other.url} cannot be reached"):
        async with recording(two, ca, tmp_path, cassette="b.yaml"):
            pass


async def test_the_key_of_the_first_goes_to_no_other(
    two: tuple[Api, Api], ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", "sk_test_OfTheFirstUpstream0001")
    one, other = two
    async with recording(two, ca, tmp_path, upstream_auth="env:THE_KEY") as proxy:
        await asked(proxy, "GET /v1/x", one)
        await asked(proxy, "GET /v1/x", other)
    assert one.arrived[0].header("Authorization") == "Bearer sk_test_OfTheFirstUpstream0001"
    assert other.arrived[0].header("Authorization") == BEARER[1]


async def test_a_third_host_is_refused(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    async with recording(two, ca, tmp_path) as proxy, Api() as third:
        refused = await asked(proxy, "GET /v1/x", third)
        assert (refused.status, refused.header("Replayer-Miss")) == (403, "other-host")
        assert third.arrived == []


async def test_a_miss_names_the_host(two: tuple[Api, Api], ca: Path, tmp_path: Path) -> None:
    _, other = two
    async with recording(two, ca, tmp_path) as proxy:
        await program(proxy, two)
    async with player(tmp_path, as_proxy=True) as proxy:
        missed = await asked(proxy, "GET /v1/y", other)
        assert missed.status == 421
        assert f"No recorded interaction matches GET {other.url.removeprefix('http:')}/v1/y." in missed.body.decode()


async def test_without_a_proxy_nobody_could_tell_them_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"told apart by the hosts that a proxy is asked for\. Set as_proxy\."):
        async with recorder("https://a.io", tmp_path, more_upstreams="https://b.io"):
            pass
