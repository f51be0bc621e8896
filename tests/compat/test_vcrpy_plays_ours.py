"""vcrpy, which knows nothing of us, plays what we write: with requests, httpx and aiohttp, and without a network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import vcr  # type: ignore[import-untyped]  # vcrpy has no types

from replayer import cassettes as ours
from replayer.cassettes import folder
from replayer.core.cassette import Cassette, Facts, Interaction, Streamed
from replayer.core.message import Request, Response

ORIGIN = "https://api.stripe.com"
BODY = '{\n  "id": "in_1",\n  "name": "Zoë \N{GRINNING FACE}"\n}\n'.encode()
BINARY = bytes(range(256))
EVENTS = b'event: a\ndata: {"n": 1}\n\ndata: two\n\n'


def get(target: str, body: bytes, *headers: tuple[str, str]) -> Interaction:
    return Interaction(Request("GET", target, (("Accept", "*/*"),), b"", ORIGIN), Response(200, "OK", headers, body))


CASSETTE = Cassette(
    (
        get("/v1/invoices?limit=3&expand[]=data.customer", BODY, ("Content-Type", "application/json"), ("X", "1")),
        get("/v1/invoices/in_1/pdf", BINARY, ("Content-Type", "application/pdf")),
        replace(
            get("/v1/events", EVENTS, ("Content-Type", "text/event-stream")),
            streamed=Streamed("left", ((0, 5), (1, 12))),
        ),
        Interaction(
            Request("POST", "/v1/invoices", (), b"customer=cus_1&description=", ORIGIN),
            Response(402, "Payment Required", (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), b""),
        ),
    ),
    Facts(ORIGIN, "stripe", 1_795_305_600),
)
LIST = f"{ORIGIN}/v1/invoices?limit=3&expand[]=data.customer"
PDF = f"{ORIGIN}/v1/invoices/in_1/pdf"
STREAM = f"{ORIGIN}/v1/events"
FORM = "customer=cus_1&description="


@pytest.fixture
def played(tmp_path: Path) -> Any:
    folder.replace(tmp_path / "ours.yaml", ours.dumps(CASSETTE))
    with vcr.use_cassette(str(tmp_path / "ours.yaml"), record_mode="none") as cassette:
        yield cassette
        assert cassette.all_played


def test_with_requests(played: Any) -> None:
    listed = requests.get(LIST, timeout=5)
    assert (listed.status_code, listed.content, listed.headers["x"]) == (200, BODY, "1")
    assert requests.get(PDF, timeout=5).content == BINARY
    assert requests.get(STREAM, timeout=5).content == EVENTS
    refused = requests.post(f"{ORIGIN}/v1/invoices", FORM, timeout=5)
    assert (refused.status_code, refused.reason, refused.content) == (402, "Payment Required", b"")
    assert refused.cookies.get_dict() == {"a": "1", "b": "2"}
    assert played.play_count == 4


def test_with_httpx(played: Any) -> None:
    with httpx.Client() as client:
        assert client.get(LIST).content == BODY
        assert client.get(PDF).content == BINARY
        assert client.get(STREAM).content == EVENTS
        refused = client.post(f"{ORIGIN}/v1/invoices", content=FORM)
    assert (refused.status_code, refused.reason_phrase) == (402, "Payment Required")
    assert refused.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert played.play_count == 4


async def test_with_aiohttp(played: Any) -> None:
    async with aiohttp.ClientSession() as client:
        async with client.get(LIST) as listed:
            assert await listed.read() == BODY
        async with client.get(PDF) as pdf:
            assert await pdf.read() == BINARY
        async with client.get(STREAM) as stream:
            assert await stream.read() == EVENTS
        async with client.post(f"{ORIGIN}/v1/invoices", data=FORM) as refused:
            assert (refused.status, refused.reason) == (402, "Payment Required")
            assert refused.headers.getall("set-cookie") == ["a=1", "b=2"]
    assert played.play_count == 4
