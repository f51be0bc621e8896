"""What is written has passed the check that reading makes: no recording leaves a file that nothing can play."""

import json
from pathlib import Path
from typing import Any

import pytest

from replayer import cassettes
from replayer.cassettes import folder, servable
from replayer.core.cassette import Interaction
from replayer.core.message import Request, Response
from replayer.errors import CassetteError

from .talking import JSON, Api, Heard, Lines, ask, ending, on_disk, player, recorder, reply


def code(answer: Heard) -> str:
    return str(json.loads(answer.body)["error"]["code"])


ODD = [
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 000 Nothing\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 099 Early\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 O\x7fK\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 \x1b[31mOK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n",
    b"HTTP/1.1 200 OK\r\nX-Odd: a\x02b\r\nContent-Length: 2\r\n\r\n{}",
]


@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
async def test_an_answer_that_no_file_could_give_again_is_a_502_and_the_rest_is_saved(
    api: Api, tmp_path: Path, said: bytes
) -> None:
    api["/v1/odd"] = ending(said)
    lines = Lines()
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "GET /v1/before")
        odd = await ask(proxy.url, "GET /v1/odd")
        await ask(proxy.url, "GET /v1/after")
        recorded = proxy.receipt.recorded
    assert odd.status == 502
    assert code(odd) in ("replayer_unrecordable", "replayer_upstream_failed")  # some are no HTTP to aiohttp already
    assert b"\x01" not in odd.body
    assert lines[1].outcome == "failed"
    if code(odd) == "replayer_unrecordable":
        assert recorded == 2
        assert [each.request.path for each in on_disk(tmp_path / "a.yaml").interactions] == ["/v1/before", "/v1/after"]
        async with player(tmp_path) as proxy:
            assert (await ask(proxy.url, "GET /v1/after")).status == 200


@pytest.mark.parametrize(
    "response",
    [
        Response(101, "Switching Protocols"),
        Response(0, "Nothing"),
        Response(200, "O\x01K"),
        Response(200, "OK", (("X\r\nY", "1"),)),
        Response(200, "OK", (("X", "\x00"),)),
        Response(1000, "Much"),
    ],
)
def test_the_writer_refuses_what_the_reader_does(response: Response, tmp_path: Path) -> None:
    interaction = Interaction(Request("GET", "/v1/x", (), b"", "https://api.stripe.com"), response)
    wrong = servable.unreadable(response, cassettes.entry(interaction))
    assert wrong
    facts = cassettes.loads(b"version: 1\nreplayer:\n  upstream: https://api.stripe.com\n  rules: generic\n"
                            b"  epoch: '2026-11-22T00:00:00Z'\ninteractions: []\n...\n", "it").facts  # fmt: skip
    assert facts is not None
    path = tmp_path / "a.yaml"
    path.write_text(cassettes.head(facts) + cassettes.entry(interaction) + "...\n", "utf-8")
    with pytest.raises(CassetteError, match="interaction 1"):
        folder.read(path)


async def test_what_would_not_be_read_again_leaves_the_old_cassette(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/old")
    old = (tmp_path / "a.yaml").read_bytes()
    whole = cassettes.dumps

    def torn(*values: Any) -> str:
        return whole(*values).replace("method: GET", "method: [GET", 1)

    monkeypatch.setattr(cassettes, "dumps", torn)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/new")
    assert (tmp_path / "a.yaml").read_bytes() == old
    assert "what was recorded cannot be read back" in caplog.text
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1


async def test_odd_bytes_that_http_can_say_are_recorded(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, ("X-Odd", "Jürgen\tT"), ("X-Odd", "2"), ("X-Empty", ""), status="299 Grüße")
    for proxy in (recorder(api, tmp_path), player(tmp_path)):
        async with proxy:
            answer = await ask(proxy.url, "GET /v1/x")
            assert (answer.status, answer.all("X-Odd"), answer.header("X-Empty")) == (299, ["Jürgen\tT", "2"], "")
