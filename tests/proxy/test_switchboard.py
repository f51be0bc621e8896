"""The control port of many sessions: who is let in, and what a wrong call is told."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from replayer.proxy import calls
from replayer.settings import Settings

from .desk import AT, TOKEN, desk, error
from .talking import Api, Wire, ask, files, request

# -- who is let in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
async def test_without_the_token_nothing_is_told(tmp_path: Path, token: str | None) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        for line in (
            f"GET {AT}",
            f"POST {AT}",
            f"GET {AT}/abc",
            f"DELETE {AT}/abc",
            "GET /",
            "GET /__replayer__/other",
        ):
            assert error(await here.call(line, token=token))[:2] == (401, "token")
        assert list(here.sessions) == []


async def test_that_the_server_is_there_is_told_to_who_has_no_token(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        answer = await here.call("GET /__replayer__/health", token=None)
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
        assert (await here.call("HEAD /__replayer__/health", token=None)).status == 200


@pytest.mark.parametrize(
    "headers",
    [[("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "SELF")], [("Sec-Fetch-Site", "none")]],
)
@pytest.mark.parametrize("line", [f"POST {AT}", "GET /__replayer__/health", f"OPTIONS {AT}"])
async def test_no_page_of_a_browser_calls_not_even_with_the_token(
    tmp_path: Path, line: str, headers: list[tuple[str, str]]
) -> None:
    async with desk(tmp_path, upstream="sandbox", cors="https://evil.example") as here:
        own = [(name, value.replace("SELF", here.url)) for name, value in headers]
        answer = await here.call(line, {"cassette": "a.yaml"}, own)
        assert error(answer)[:2] == (403, "origin")
        assert answer.header("Access-Control-Allow-Origin") is None
        assert list(here.sessions) == []


NAMES = [
    "evil.example",
    "localhost.",
    "127.1",
    "2130706433",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",  # noqa: S104 - as a name
    "localhost#x",
    "[::1%25lo]",
]


@pytest.mark.parametrize("host", NAMES)
async def test_a_name_that_was_made_to_point_here_is_refused(tmp_path: Path, host: str) -> None:
    async with desk(tmp_path) as here:
        own = [("Replayer-Token", TOKEN), ("X-Forwarded-Host", "127.0.0.1"), ("Forwarded", "host=127.0.0.1")]
        for path in (AT, "/__replayer__/health", f"{here.url}{AT}"):
            assert error(await ask(here.url, f"GET {path}", own, host=host))[:2] == (403, "host")


SMUGGLED = {
    "two lengths": "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}",
    "a length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks by another name": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": "Content-Length: +2\r\n\r\n{}",
    "a folded header": "X:\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
    "an end of line within": "X: a\nReplayer-Token: b\r\nContent-Length: 2\r\n\r\n{}",
    "a null": "X: \0\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("head", SMUGGLED.values(), ids=SMUGGLED)
async def test_a_call_that_can_be_read_in_two_ways_is_none_nor_is_what_comes_behind_it(
    tmp_path: Path, head: str
) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        own = f"Host: {here.url.removeprefix('http://')}\r\nReplayer-Token: {TOKEN}\r\n"
        behind = request(f"POST {AT}", here.url, [("Replayer-Token", TOKEN)], b'{"cassette": "smuggled.yaml"}')
        wire = await Wire.to(here.url)
        await wire.send(f"POST {AT} HTTP/1.1\r\n{own}{head}".encode() + behind)
        said = await wire.hear()
        assert said.startswith(b"HTTP/1.0 400 ")
        assert said.count(b"HTTP/1.") == 1
        await wire.close()
        assert list(here.sessions) == []


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
async def test_no_header_makes_another_call_of_one(api: Api, tmp_path: Path, name: str) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        await here.call(f"GET {AT}/{opened['id']}", more=[(name, "DELETE")])
        assert (await here.shown(opened))["state"] == "open"


@pytest.mark.parametrize(
    "path", [f"{AT}/", f"{AT}?a", "//__replayer__/sessions", "/__replayer__/%73essions", "/", "/v1"]
)
async def test_no_other_spelling_is_a_call(tmp_path: Path, path: str) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        assert error(await here.call(f"POST {path}", {"cassette": "a.yaml"}))[:2] == (404, "path")


@pytest.mark.parametrize("target", ["http://127.0.0.1/__replayer__/sessions", "example.com:443"])
async def test_it_is_nobody_s_proxy(tmp_path: Path, target: str) -> None:
    async with desk(tmp_path) as here:
        method = "CONNECT" if target.endswith(":443") else "GET"
        assert (await here.call(f"{method} {target}")).status in (400, 403, 404)


@pytest.mark.parametrize(
    ("line", "allow"),
    [
        (f"PUT {AT}", "GET, POST"),
        (f"DELETE {AT}", "GET, POST"),
        (f"POST {AT}/abc", "GET, DELETE"),
        (f"DELETE {AT}/abc/faults", "GET, POST"),
        ("POST /__replayer__/health", "GET"),
    ],
)
async def test_another_method_is_told_the_right_ones(tmp_path: Path, line: str, allow: str) -> None:
    async with desk(tmp_path) as here:
        answer = await here.call(line)
        assert (answer.status, answer.header("Allow")) == (405, allow)


@pytest.mark.parametrize("path", [f"{AT}/abc", f"{AT}/abc/faults", f"{AT}/{'a' * 64}"])
async def test_a_session_that_is_none_is_404(tmp_path: Path, path: str) -> None:
    async with desk(tmp_path) as here:
        assert error(await here.call(f"GET {path}"))[:2] == (404, "session")


# -- wrong calls ------------------------------------------------------------------------------------------------------

USAGE = 'The call is {"cassette"'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", USAGE),
        (b"[]", USAGE),
        (b'{"cassette": "a.yaml"', USAGE),
        (b"[" * 100_000, USAGE),
        (b"\xff\xfe", USAGE),
        (b"{}", "No cassette is named."),
        (b'{"cassette": 1}', "The setting cassette must be text, not 1."),
        (b'{"cassette": null}', "The setting cassette must be text, not None."),
        (b'{"cassette": ""}', "The cassette name '' is empty."),
        (b'{"cassette": "\\ud800.yaml"}', "cannot be a file here"),
        (b'{"cassette": "a.yaml", "rules": {"base": 1}}', "must be the name of a set of rules"),
        (b'{"cassette": "a.yaml", "faults": [1]}', "must hold rules of faults"),
        (b'{"cassette": "../a.yaml"}', "leads upwards with '..'"),
        (b'{"cassette": "/etc/passwd"}', "is not below the root"),
        (b'{"cassette": "a.yaml", "mode": "nome"}', "'nome' is not a record mode. Did you mean 'none'?"),
        (b'{"cassette": "a.yaml", "mode": "all", "record_mode": "all"}', "The mode is given twice."),
        (b'{"cassette": "a.yaml", "lenyent": true}', "'lenyent' is not a setting. Did you mean 'lenient'?"),
        (b'{"cassette": "a.yaml", "strict": 1}', "The setting strict must be true or false, not 1."),
        (b'{"cassette": "a.yaml", "latency": "soon"}', "soon"),
        (b'{"cassette": "a.yaml", "upstream": "sandbox"}', "The upstream of this server is http://127.0.0.1:1."),
        (b'{"cassette": "a.yaml", "more_upstreams": ["sandbox"]}', "Leave more_upstreams out."),
        *(
            (
                json.dumps({"cassette": "a.yaml", name: "x"}).encode(),
                f"The setting {name} is set where 'replayer serve'",
            )
            for name in sorted(calls.OF_SERVER)
        ),
    ],
)
async def test_a_wrong_call_says_what_is_right_in_one_line_and_opens_nothing(
    tmp_path: Path, body: bytes, says: str
) -> None:
    async with desk(tmp_path, upstream="http://127.0.0.1:1") as here:
        status, code, message = error(await here.call(f"POST {AT}", body))
        assert (status, code) == (400, "usage")
        assert says in message
        assert "\n" not in message
        assert list(here.sessions) == []
    assert files(tmp_path) == {}


async def test_a_cassette_that_cannot_be_read_or_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("<<<<<<< mine")
    async with desk(tmp_path) as here:
        assert error(await here.call(f"POST {AT}", {"cassette": "bad.yaml"}))[:2] == (400, "cassette")
        status, code, message = error(await here.call(f"POST {AT}", {"cassette": "a.yaml", "mode": "none"}))
        assert (status, code) == (400, "usage")
        assert message.startswith(f"There is no cassette {tmp_path}/a.yaml.")
        (tmp_path / "bad.yaml").unlink()
        assert (
            error(await here.call(f"POST {AT}", {"cassette": "bad.yaml", "upstream": "http://127.0.0.1:1"}))[0] == 400
        )
        opened = await here.open("bad.yaml", upstream="sandbox")  # what failed holds nothing
        assert opened["mode"] == "once"


@pytest.mark.parametrize("body", [b"1", b'{"failed": 1}', b'{"fialed": true}'])
async def test_a_wrong_word_of_how_it_ended_ejects_nothing(api: Api, tmp_path: Path, body: bytes) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        assert error(await here.call(f"DELETE {AT}/{opened['id']}", body))[:2] == (400, "usage")
        assert (await here.shown(opened))["state"] == "open"


async def test_a_call_that_is_too_long_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        wire = await Wire.to(here.url)
        head = request(f"POST {AT}", here.url, [("Replayer-Token", TOKEN), ("Content-Length", str(calls.LONGEST + 1))])
        await wire.send(head)
        assert b" 413 " in await wire.hear(b"\r\n")
        await wire.close()


def test_each_setting_is_the_client_s_or_the_server_s() -> None:
    assert {field.name for field in fields(Settings)} == calls.OF_CLIENTS | calls.OF_SERVER
    assert not calls.OF_CLIENTS & calls.OF_SERVER
