"""The upstream's own key: it goes out in the place of the client's, and stands nowhere else."""

import asyncio
import base64
import gzip
import re
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import wire
from replayer.core.rules import registry
from replayer.errors import UsageError
from replayer.proxy.own_key import OwnKey, veiled
from replayer.settings import Settings

from .talking import (
    BEARER,
    JSON,
    SECRET,
    Api,
    Arrived,
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

REAL = "sk_test_TheRealKeyThatNobodySees01"
BASIC = base64.b64encode(f"{REAL}:".encode()).decode()
OWN = {"upstream_auth": "env:THE_REAL_KEY"}


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("THE_REAL_KEY", REAL)
    return REAL


def on_the_way(*headers: tuple[str, str], key: str = f"Bearer {REAL}") -> wire.Headers:
    return OwnKey("THE_REAL_KEY", key).put(headers)


# -- where it is put --------------------------------------------------------------------------------------------------


def test_it_takes_the_place_of_the_clients_own() -> None:
    sent = on_the_way(("Host", "x"), ("authorization", "Bearer sk_test_any"), ("Accept", "*/*"))
    assert sent == (("Host", "x"), ("authorization", f"Bearer {REAL}"), ("Accept", "*/*"))


def test_where_the_client_says_basic_it_is_the_user_without_a_password() -> None:
    assert on_the_way(("Authorization", "basic c2tfdGVzdDo=")) == (("Authorization", f"Basic {BASIC}"),)


def test_a_client_that_shows_no_key_is_given_one() -> None:
    assert on_the_way(("Accept", "*/*")) == (("Accept", "*/*"), ("Authorization", f"Bearer {REAL}"))


def test_where_the_client_says_x_api_key_it_stands_there_bare() -> None:
    assert on_the_way(("X-Api-Key", "any")) == (("X-Api-Key", REAL),)
    both = on_the_way(("X-Api-Key", "any"), ("Authorization", "Bearer any"))
    assert both == (("X-Api-Key", "any"), ("Authorization", f"Bearer {REAL}"))


def test_of_two_only_one_is_left() -> None:
    two = ("Authorization", "Bearer one"), ("Authorization", "Bearer two")
    assert on_the_way(*two) == (("Authorization", f"Bearer {REAL}"),)


def test_a_whole_header_is_sent_as_it_is() -> None:
    sent = on_the_way(("Authorization", "Basic c2tfdGVzdDo="), key="Token abcdefgh")
    assert sent == (("Authorization", "Token abcdefgh"),)


def test_it_does_not_show_itself() -> None:
    assert REAL not in repr(OwnKey("THE_REAL_KEY", f"Bearer {REAL}"))


# -- a session --------------------------------------------------------------------------------------------------------


async def test_the_upstream_gets_it_and_nobody_else(api: Api, tmp_path: Path, lines: Lines, real: str) -> None:
    told = f'{{"you_are": "{real}", "again": "{base64.b64encode(real.encode()).decode()}"}}'.encode()
    api.answers["/v1/me"] = reply(told, JSON, ("X-Key", real))
    api.answers["/v1/packed"] = reply(gzip.compress(told), JSON, ("Content-Encoding", "gzip"))
    api.answers[f"/v1/keys/{real}"] = reply(b"{}", JSON)
    async with recorder(api, tmp_path, tell=lines, **OWN) as proxy:
        heard = [await ask(proxy.url, f"GET /v1/{path}") for path in ("me", "packed", f"keys/{real}")]
        assert real not in repr(proxy)
    assert [arrived.header("authorization") for arrived in api.arrived] == [f"Bearer {real}"] * 3
    assert [answer.status for answer in heard] == [200, 200, 200]
    spelled = real.encode(), base64.b64encode(real.encode()), BASIC.encode()
    on_disk_now = b"".join(files(tmp_path).values())
    seen = b"".join(answer.body + repr(answer.headers).encode() for answer in heard) + repr(lines).encode()
    assert not any(spelling in on_disk_now + seen for spelling in spelled)
    assert SECRET.encode() not in on_disk_now


@pytest.mark.usefixtures("real")
async def test_a_replay_needs_no_key_and_answers_whoever_asks(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorder(api, tmp_path, record_mode="once", **OWN) as proxy:
        await ask(proxy.url, "GET /v1/me")
    monkeypatch.delenv("THE_REAL_KEY")
    async with recorder(api, tmp_path, record_mode="once", **OWN) as proxy:
        assert (await ask(proxy.url, "GET /v1/me", [("Authorization", "Bearer sk_test_another")])).status == 200
    async with player(tmp_path, **OWN) as proxy:
        assert (await ask(proxy.url, "GET /v1/me", [])).status == 200
    assert len(api.arrived) == 1
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 1


async def test_a_variable_that_is_not_set_is_said_before_anything_is_asked(api: Api, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no key for the upstream: THE_REAL_KEY is not set"):
        async with recorder(api, tmp_path, **OWN):
            pass
    assert files(tmp_path) == {}


async def test_a_live_key_is_refused_before_anything_is_asked(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = "sk_live_" + "0" * 20
    monkeypatch.setenv("THE_REAL_KEY", live)
    rules = {"rules": registry.INVOICE_RULES.name, **OWN}
    with pytest.raises(UsageError, match=r"THE_REAL_KEY holds a live key, which can move real money") as error:
        async with recorder(api, tmp_path, **rules):
            pass
    assert live not in str(error.value)
    assert api.arrived == []
    async with recorder(api, tmp_path, allow_live=True, **rules) as proxy:
        await ask(proxy.url, "GET /v1/me", [BEARER])
    assert api.arrived[0].header("authorization") == f"Bearer {live}"


@pytest.mark.parametrize("wrong", ["sk_test_TheKeyItself0001", "env:", "env:A B", "STRIPE_API_KEY"])
def test_a_setting_that_names_no_variable_is_refused_without_being_told(wrong: str) -> None:
    with pytest.raises(UsageError) as error:
        Settings(upstream_auth=wrong).validated()
    assert "env:STRIPE_API_KEY" in str(error.value)
    assert wrong not in str(error.value).replace("env:STRIPE_API_KEY", "")


# -- what is passed on as it comes ------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([REAL.encode(), b"sk_test_", REAL[:9].encode(), b"x", b"data: \n\n"])), st.data())
def test_it_is_veiled_however_the_bytes_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    text = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def arrived() -> bytes:
        return b"".join([chunk async for chunk in veiled(sent(), frozenset({REAL}))])

    assert asyncio.run(arrived()) == text.replace(REAL.encode(), b"*" * len(REAL))


async def test_an_event_stream_that_tells_it_tells_asterisks_at_once(api: Api, tmp_path: Path, real: str) -> None:
    first, last, heard_it = f"data: {real}\n\n".encode(), b"data: end\n\n", asyncio.Event()

    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(first + last, ("Content-Type", "text/event-stream"))
        writer.write(whole[: -len(last)])
        async with asyncio.timeout(5):
            await heard_it.wait()
        writer.write(last)

    api.answers["/v1/x"] = slowly
    async with recorder(api, tmp_path, **OWN) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        begun = await wire.hear(b"*\n\n")
        heard_it.set()
        rest = await wire.hear()
        await wire.close()
    assert real.encode() not in begun + rest
    assert re.fullmatch(rb"data: (?:sk_test_)?\*{26,}\n\n" + last, heard(begun + rest).body)
