"""The length that an answer tells is that of the bytes that are sent, by whatever path it leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from .talking import BEARER, FORM, JSON, Api, Heard, Wire, ask, heard, player, recorder, reply, request

VCRPY = """interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: https://x.io/a
  response:
    body: {string: '%s'}
    headers:
      Content-Length: ['%s']
      Content-Type: [application/json]
%s
    status: {code: 200, message: OK}
version: 1
"""
LINKED = '{"next":"https://x.io/a?page=2","z":1}'


def counted(answer: Heard) -> bool:
    """Whether it says how long it is once, and is as long."""
    return answer.whole and answer.all("Content-Length") == [str(len(answer.body))]


async def asked_twice(url: str, line: str) -> list[Heard]:
    """Two answers on one connection: a wrong length of the first would spoil the second."""
    found = []
    wire = await Wire.to(url)
    for _ in range(2):
        await wire.send(request(line, url).replace(b"Connection: close\r\n", b""))
        head = await wire.hear(b"\r\n\r\n")
        answer = heard(head)
        if not answer.whole:
            answer = heard(head + await wire.hear(b"}"))
        found.append(answer)
    await wire.close()
    return found


@pytest.mark.parametrize(
    ("body", "length", "more"),
    [
        (LINKED, "41", ""),
        (LINKED, "38", ""),
        ('{"a":"https:\\/\\/x.io\\/b https://x.io/c"}', "7", ""),
        ('{"a":1}', "7, 7", ""),
        ('{"a":1}', "99", "      Transfer-Encoding: [chunked]"),
        ('{"a":1}', "-1", "      content-length: ['3']"),
    ],
)
async def test_a_foreign_cassette_cannot_make_a_client_hang(tmp_path: Path, body: str, length: str, more: str) -> None:
    (tmp_path / "a.yaml").write_text(VCRPY % (body, length, more), "utf-8")
    async with player(tmp_path) as proxy:
        answers = await asked_twice(proxy.url, "GET /a")
        assert all(map(counted, answers))
        assert answers[0].body == answers[1].body
        assert json.loads(answers[0].body)


async def test_every_path_by_which_an_answer_leaves_counts_its_bytes(api: Api, tmp_path: Path) -> None:
    page = json.dumps({"object": "list", "data": [{"id": f"in_{n}AAAAAAAAAAAAAA"} for n in range(3)], "next": "LINK"})
    api["/v1/linked"] = reply(page.replace("LINK", f"{api.url}/v1/linked?page=2").encode(), JSON)
    api["/v1/echo"] = reply(b'{"order": "8d7f1b1e-6a0c-4a4e-9d0a-2f6f0a9d1c11"}', JSON)
    api["/v1/file"] = reply(b"\x89PNG" * 9, ("Content-Type", "image/png"))
    api["/v1/none"] = reply(b"", JSON)
    sent = [FORM, BEARER], b"order=8d7f1b1e-6a0c-4a4e-9d0a-2f6f0a9d1c11"
    async with recorder(api, tmp_path) as proxy:
        for path in ("linked", "file", "none"):
            assert counted(await ask(proxy.url, f"GET /v1/{path}"))
        assert counted(await ask(proxy.url, "POST /v1/echo", *sent))
        assert counted(await ask(proxy.url, "GET /__replayer__/x"))
        assert counted(await ask(proxy.url, "LIST /v1/x"))
    async with player(tmp_path) as proxy:
        for path in ("linked", "file", "none", "missed"):
            assert counted(await ask(proxy.url, f"GET /v1/{path}"))
        other = b"order=11111111-2222-4333-8444-555555555555"
        assert counted(await ask(proxy.url, "POST /v1/echo", [FORM, BEARER], other))
        head = await ask(proxy.url, "HEAD /v1/linked")  # what a miss has no body of
        assert (head.status, head.body) == (421, b"")


@pytest.mark.parametrize("setting", [{"on_miss": "sandbox"}, {"lenient": True}, {}])
async def test_answers_that_follow_count_their_bytes(tmp_path: Path, setting: dict[str, Any]) -> None:
    async with recorder("sandbox", tmp_path) as proxy:
        for _ in range(3):
            await ask(proxy.url, "POST /v1/customers", [FORM, BEARER], b"name=%C3%9Cnal")
        assert counted(await ask(proxy.url, "GET /v1/customers?limit=3"))
    async with player(tmp_path, **setting) as proxy:
        for line in ("GET /v1/customers?limit=2", "GET /v1/customers?limit=3", "GET /v1/invoices"):
            assert counted(await ask(proxy.url, line))
