"""Never a 500, never silence, never a traceback: whatever arrives, and whatever breaks inside."""

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from replayer.core.session import Session
from replayer.proxy import breakdown
from replayer.proxy.handler import Line

from .talking import BEARER, FORM, JSON, SECRET, Api, Lines, Wire, ask, on_disk, player, recorder

MULTIPART = "multipart/form-data; boundary="

ODD = [
    ("GET /v1/x?name=J%FCrgen", [BEARER], b""),
    ("GET /v1/J%FCrgen/a%FF?b=%C0%AE%C0%AE%2F", [BEARER], b""),
    ("GET /v1/x?a=%ED%A0%80&%FF=%fe", [BEARER], b""),
    ("GET /v1/x/%c0%ae%c0%ae/%c0%ae%c0%ae", [BEARER], b""),
    ("GET /v1/x?created[gte]=9999-12-31T23:59:59-14:00&a=0001-01-01T00:00:00%2B14:00", [BEARER], b""),
    ("GET /v1/x?created[gte]=253402300799&b=-62135596800&c=99999999999999999999", [BEARER], b""),
    ("GET /v1/x", [("Authorization", "Basic " + base64.b64encode("jürgen:geheim".encode("latin-1")).decode())], b""),
    ("GET /v1/x", [("Authorization", "Basic \udcff\udcfe日本")], b""),
    ("POST /v1/x", [BEARER, ("Content-Type", f"{MULTIPART}\udcff")], b"--\xff\r\n\r\nx\r\n--\xff--\r\n"),
    ("POST /v1/x", [BEARER, ("Content-Type", f'{MULTIPART}"\udcfe\udcfd"')], b"--\xfe\xfd\r\n"),
    ("POST /v1/x", [BEARER, FORM], b"name=J%FCrgen&%FF=%FE&a[%FF]=1"),
    ("POST /v1/x", [BEARER, JSON], b'{"name": "J\xfcrgen", "half": "\\ud800"}'),
    ("POST /v1/x", [BEARER, ("Content-Type", "text/plain; charset=\udcff")], b"abc"),
    ("POST /v1/x", [BEARER, ("Idempotency-Key", "\udcff\udcfe")], b""),
]


@pytest.mark.parametrize(("line", "headers", "body"), ODD, ids=range(len(ODD)))
async def test_what_is_no_utf8_is_recorded_played_and_missed_as_anything_else(
    api: Api, tmp_path: Path, line: str, headers: list[tuple[str, str]], body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with recorder(api, tmp_path, "odd.yaml") as proxy:
        assert (await ask(proxy.url, line, headers, body)).status == 200
    async with recorder(api, tmp_path, "other.yaml") as proxy:
        assert (await ask(proxy.url, "GET /v1/customers?name=x&created[gte]=1764500000")).status == 200
        assert (await ask(proxy.url, "POST /v1/x", [FORM], b"name=x")).status == 200
    async with player(tmp_path, "odd.yaml") as proxy:
        assert (await ask(proxy.url, line, headers, body)).status == 200
    async with player(tmp_path, "other.yaml") as proxy:
        missed = await ask(proxy.url, line, headers, body)
        (miss,) = proxy.misses
    assert (missed.status, missed.header("Replayer-Miss")) == (421, "no-match")
    assert json.loads(missed.body)["error"]["message"] == miss.message
    assert miss.message.encode()  # what can be printed
    assert "Traceback" not in caplog.text


async def test_a_miss_shows_bytes_that_are_no_utf8_as_a_path_has_them(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x?name=J%C3%BCrgen")
    async with player(tmp_path) as proxy:
        missed = await ask(proxy.url, "GET /v1/x?name=J%FCrgen")
    assert "matches GET /v1/x?name=J%FCrgen.\n" in json.loads(missed.body)["error"]["message"]


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
async def test_a_client_that_leaves_in_the_middle_of_its_body_is_one_line(
    api: Api, tmp_path: Path, framing: str, caplog: pytest.LogCaptureFixture
) -> None:
    lines = Lines()
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "GET /v1/x")
        wire = await Wire.to(proxy.url)
        await wire.send(f"POST /v1/x HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n5\r\nhal".encode())
        wire.vanish()
        line = await lines.last(2)
    assert (line.outcome, "The client left" in line.note) == ("refused", True)
    assert caplog.text == ""
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 1  # the rest is whole


# -- what nobody foresaw ----------------------------------------------------------------------------------------------


def broken(monkeypatch: pytest.MonkeyPatch, name: str, path: str) -> None:
    """Have the session fail inside at requests for that path."""
    whole = getattr(Session, name)

    def fails(self: Session, first: Any, *rest: Any, **named: Any) -> Any:
        request = first if name == "decide" else first.question.request
        if request.path == path:
            raise KeyError(SECRET)
        return whole(self, first, *rest, **named)

    monkeypatch.setattr(Session, name, fails)


@pytest.mark.parametrize("step", ["decide", "record"])
async def test_a_recording_in_which_a_request_failed_inside_is_not_saved_as_whole(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broken(monkeypatch, step, "/v1/bad")
    lines = Lines()
    async with recorder(api, tmp_path, tell=lines) as proxy:
        assert (await ask(proxy.url, "GET /v1/good")).status == 200
        failed = await ask(proxy.url, "GET /v1/bad")
        assert (await ask(proxy.url, "GET /v1/good")).status == 200
        receipt = proxy.receipt
    assert (failed.status, failed.header("Replayer-Miss")) == (421, "fault")
    assert json.loads(failed.body)["error"]["code"] == "replayer_fault"
    assert receipt.missed == 1
    reference = lines[1].note.split()[1].rstrip(":")
    assert f"reference {reference}" in failed.body.decode()
    assert "KeyError at tests/proxy/test_last_resort.py" in lines[1].note
    assert f"a request failed inside Replayer (reference {reference})" in caplog.text
    assert SECRET not in "".join((caplog.text, failed.body.decode(), *(line.note for line in lines)))
    assert not (tmp_path / "a.yaml").exists()
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 2  # nothing is lost


async def test_a_replay_in_which_a_request_failed_inside_is_not_green(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/bad")
    broken(monkeypatch, "decide", "/v1/bad")
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/bad")).status == 421
        assert [miss.reason.value for miss in proxy.misses] == ["fault"]


async def test_whoever_is_told_of_a_request_may_fail_without_a_500(api: Api, tmp_path: Path) -> None:
    def fails(_: Line) -> None:
        raise ValueError(SECRET)

    async with recorder(api, tmp_path, tell=fails) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert (answer.status, answer.header("Replayer-Miss")) == (421, "fault")


def test_a_reference_is_the_same_for_the_same_error_and_another_elsewhere() -> None:
    def found(key: str, number: str = "") -> breakdown.Breakdown:
        try:
            return {"c": breakdown.Breakdown("", "")}[key] if key else breakdown.Breakdown("", str(int(number)))
        except (KeyError, ValueError) as error:
            return breakdown.of(error)

    assert found("a") == found("b")
    assert found("a").reference != found("", "x").reference
    assert "'a'" not in found("a").note
