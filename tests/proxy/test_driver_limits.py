"""What a driver is answered is read no further than `body_limit`, packed or not."""

from pathlib import Path

import pytest

from replayer.core.message import bodies
from replayer.proxy.driver import Skipped
from replayer.proxy.round import play
from replayer.settings import Settings

from .talking import JSON, Api, ask, on_disk, recorder, reply


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip", ""])
async def test_an_answer_beyond_the_limit_is_passed_over_and_that_is_said(
    api: Api, tmp_path: Path, encoding: str
) -> None:
    api["/v1/x"] = reply(b'{"a": 1}', JSON)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    body = bodies.encode_content(b'{"a": "' + b"x" * 2000 + b'"}', encoding)
    assert body is not None
    api["/v1/x"] = reply(body, JSON, ("Content-Encoding", encoding or "identity"))
    path = tmp_path / "a.yaml"
    settings = Settings(cassette="a.yaml", root=str(tmp_path), upstream=api.url, body_limit=1000)
    found = await play(on_disk(path), path, settings, authorization="", allow_writes=False, step=lambda _: None)
    assert found.compared == []
    assert found.skipped == [Skipped(1, "GET /v1/x", "the answer is longer than body_limit, 1000 bytes")]
