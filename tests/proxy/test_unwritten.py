"""What may not be written, or cannot be, is not answered either, and the old cassette stays."""

import errno
import json
import zlib
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from replayer.cassettes import Journal

from .talking import (
    FORM,
    JSON,
    Api,
    Lines,
    ask,
    files,
    on_disk,
    player,
    recorder,
    reply,
)

PDF = ("Content-Type", "application/pdf")
CUSTOMER = "cus_VIiHj0TY6gyFLY"
BYTES = bytes(range(256)) * 300


async def test_a_pdf_with_an_id_packed_in_it_is_not_written_and_the_old_cassette_stays(
    api: Api, tmp_path: Path, lines: Lines
) -> None:
    api["/v1/customers"] = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)
    api["/v1/pdf"] = reply(b"%PDF", PDF)
    async with recorder(api, tmp_path) as proxy:
        for line in ("POST /v1/customers", "GET /v1/pdf"):
            await ask(proxy.url, line)
    old = (tmp_path / "a.yaml").read_bytes()

    packed = zlib.compress(b"<< " * 20 + CUSTOMER.encode())  # named in place it would be another one, of another length
    api["/v1/pdf"] = reply(BYTES + packed + BYTES, PDF)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        answers = [await ask(proxy.url, line) for line in ("POST /v1/customers", "GET /v1/pdf", "GET /v1/other")]
    assert [answer.status for answer in answers] == [200, 502, 200]
    assert [line.outcome for line in lines] == ["recorded", "failed", "recorded"]
    found = "an id of the upstream (cus_...)"
    assert f"The answer to GET /v1/pdf still holds {found}, and was not written." in (lines[1].note or "")
    assert (tmp_path / "a.yaml").read_bytes() == old
    left = on_disk(tmp_path / "a.yaml.journal")
    assert [each.request.target for each in left.interactions] == ["/v1/customers", "/v1/other"]
    assert CUSTOMER.encode() not in b"".join(files(tmp_path).values())


async def test_text_that_may_not_be_written_may_not_be_answered(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/customers"] = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)
    packed = b64encode(CUSTOMER.encode())
    api["/v1/x"] = reply(b"\xff" + packed, ("Content-Type", "text/plain"))  # it is not in its own charset
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "POST /v1/customers")
        refused = await ask(proxy.url, "GET /v1/x")
        assert (await ask(proxy.url, "GET /v1/other")).status == 200
    assert (refused.status, refused.header("Stripe-Should-Retry")) == (502, "false")
    assert json.loads(refused.body)["error"]["code"] == "replayer_unsafe"
    assert packed not in refused.body
    assert [line.outcome for line in lines] == ["recorded", "failed", "recorded"]
    kept = on_disk(tmp_path / "a.yaml").interactions  # the rest is whole, and there was no cassette before
    assert [each.request.target for each in kept] == ["/v1/customers", "/v1/other"]


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_full_disk_loses_nothing_that_was_answered(
    api: Api, tmp_path: Path, media: tuple[str, str], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    api["/v1/x"] = reply(b'{"a": 1}', media)
    real = Journal.append

    def full(self: Journal, text: str) -> None:
        if "/v1/x" in text:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, text)

    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "GET /v1/before")
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            answer = await ask(proxy.url, "GET /v1/x")
            await lines.last(2)
        await ask(proxy.url, "GET /v1/after")
    where = tmp_path / "a.yaml"
    assert lines[1].note == f"The journal of {where} cannot be written: No space left on device."
    assert (answer.status, lines[1].outcome) == (502, "failed")
    assert "No space left on device" in json.loads(answer.body)["error"]["message"]
    assert not where.exists()  # it would be played as if it were all
    left = on_disk(tmp_path / "a.yaml.journal")
    assert [each.request.target for each in left.interactions] == ["/v1/before", "/v1/after"]


async def test_what_stood_on_a_full_disk_is_recorded_when_it_is_asked_again(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Journal, __: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with recorder(api, tmp_path) as proxy:
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            assert (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).status == 502
        answer = (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).unframed()
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).unframed() == replace(answer)


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_full_disk_while_recording_again_leaves_the_old_cassette(
    api: Api, tmp_path: Path, media: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Journal, __: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    api["/v1/x"] = reply(b'{"a": 1}', media)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    old = files(tmp_path)["a.yaml"]
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/other")
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            await ask(proxy.url, "GET /v1/x")
    assert files(tmp_path)["a.yaml"] == old
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1
