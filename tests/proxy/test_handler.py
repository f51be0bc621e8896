"""What arrives, as it arrives: what is no business of the API, what the upstream gets to see, what the log tells."""

import base64
import gzip
import json
import logging
from pathlib import Path

import pytest

from replayer import Replayer
from replayer.core.message import bodies
from replayer.core.session import verdicts
from replayer.proxy.handler import Line

from .talking import BEARER, FORM, JSON, SECRET, Api, Heard, Lines, Wire, ask, files, on_disk, player, recorder, reply
from .talking import request as written


def message(answer: Heard) -> str:
    return str(json.loads(answer.body)["error"]["message"])


# -- no business of the API -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "127.0.0.2"])
async def test_a_page_that_had_its_name_point_here_is_refused(api: Api, tmp_path: Path, host: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await ask(proxy.url, "GET /v1/x", host=host)
    assert answer.status == 403
    assert message(answer).startswith("This proxy answers only to 127.0.0.1 and localhost. Add a name in the")
    assert api.arrived == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:8000", "[::1]:8000", "[::1]"])
async def test_every_name_of_this_machine_is_answered(api: Api, tmp_path: Path, host: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x", host=host)).status == 200


@pytest.mark.parametrize(
    "line",
    ["GET http://127.0.0.1/v1/x", "GET https://api.stripe.com/v1/x", "CONNECT api.stripe.com:443", "OPTIONS *"],
)
async def test_it_is_no_open_proxy(api: Api, tmp_path: Path, line: str, lines: Lines) -> None:
    async with recorder(api, tmp_path, tell=lines) as proxy:
        answer = await ask(proxy.url, line)
    assert (answer.status, message(answer)) == (400, "Ask for a path of the API: this is a reverse proxy.")
    assert api.arrived == []
    assert lines[0].outcome == "refused"


@pytest.mark.parametrize("path", ["/__replayer__", "/__replayer__/page", "/__replayer__/x", "/__replayer__/x?y#z"])
async def test_its_own_paths_are_never_the_upstreams(api: Api, tmp_path: Path, path: str) -> None:
    for proxy in (recorder(api, tmp_path), player(tmp_path)):
        async with proxy:
            if proxy.receipt.unused == 0:
                await ask(proxy.url, "GET /v1/x")
            for method in ("GET", "POST", "DELETE"):
                assert (await ask(proxy.url, f"{method} {path}")).status == 404
    assert [arrived.target for arrived in api.arrived] == ["/v1/x"]


@pytest.mark.parametrize(
    "authorization",
    ["Bearer sk_live_NeverEver00000000001", "Basic " + base64.b64encode(b"rk_live_Never00001:").decode()],
)
async def test_live_keys_are_refused_unless_they_are_allowed(api: Api, tmp_path: Path, authorization: str) -> None:
    headers = [("Authorization", authorization)]
    async with recorder(api, tmp_path) as proxy:
        refused = await ask(proxy.url, "POST /v1/x", headers)
        misses = proxy.misses
    assert (refused.status, refused.header("Replayer-Miss")) == (421, "live-key")
    assert "allow_live" in message(refused)
    assert [miss.reason for miss in misses] == [verdicts.Reason.LIVE_KEY]
    assert api.arrived == []
    assert files(tmp_path) == {}
    async with recorder(api, tmp_path, allow_live=True) as proxy:
        assert (await ask(proxy.url, "POST /v1/x", headers)).status == 200
    assert [arrived.header("Authorization") for arrived in api.arrived] == [authorization]
    async with player(tmp_path) as proxy:  # on replay no money can move
        assert (await ask(proxy.url, "POST /v1/x", headers)).status == 200


# -- what the upstream gets to see ------------------------------------------------------------------------------------

ODD_TARGETS = [
    "//v1//x",
    "/v1/a%2Fb/c%20d",
    "/v1/x?created%5Bgte%5D=1&created[lt]=2",
    "/v1/x;v=1/y;z?a;b",
    "/v1/x?q=%C3%BC+%26%2F1&q=%c3%bc",
    "/v1/%E2%82%AC/%F0%9F%92%B6",
    "/v1/%FF%FE?%ff",
    "/v1/x?a=b=c&&d&=e",
    "/v1/x?a=b?c",
    "/v1/./x/../y",
    "/v1/x?q=~!$'()*,:@-._",
    "/v1/x%00%0D%0A",
    '/v1/x?q="<>\\^`{|}',
    f"/v1/x?query={'%22a%22+AND+' * 4000}",
]


@pytest.mark.parametrize("target", ODD_TARGETS, ids=lambda target: target[:30])
async def test_a_target_arrives_as_it_was_written(api: Api, tmp_path: Path, target: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, f"GET {target}")).status == 200
    assert [arrived.target for arrived in api.arrived] == [target]
    assert on_disk(tmp_path / "a.yaml").interactions[0].request.target == target
    await api.stop()
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, f"GET {target}")).body == b"{}"


async def test_headers_arrive_as_they_were_sent_and_none_is_added(api: Api, tmp_path: Path) -> None:
    sent = [
        BEARER,
        ("X-Odd-Case", "  a, b  "),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
        ("Accept", "*/*"),
        ("Cookie", "a=b"),
    ]
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x", [*sent, ("Accept-Encoding", "gzip, br"), ("TE", "trailers")])
    (arrived,) = api.arrived
    assert arrived.headers[0] == ("Host", api.url.removeprefix("http://"))
    assert arrived.headers[1:] == (
        *((name, value.strip()) for name, value in sent),
        ("Accept-Encoding", "identity"),
    )


async def test_the_headers_of_one_connection_stay_on_it(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        sent = written(
            "GET /v1/x", proxy.url, [("X-Mine", "1"), ("Keep-Alive", "9"), ("Proxy-Authorization", "Basic x")]
        )
        wire = await Wire.to(proxy.url)
        await wire.send(sent.replace(b"Connection: close", b"Connection: close, X-Mine"))
        await wire.hear()
        await wire.close()
    assert [name for name, _ in api.arrived[0].headers] == ["Host", "Accept-Encoding"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS"])
async def test_any_method_with_any_body_arrives(api: Api, tmp_path: Path, method: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, f"{method} /v1/x", [FORM], b"description=&metadata[a]=1")
    (arrived,) = api.arrived
    assert (arrived.method, arrived.body) == (method, b"description=&metadata[a]=1")


async def test_a_body_in_chunks_arrives_whole(api: Api, tmp_path: Path) -> None:
    chunks = b"5\r\nname=\r\n3;x=y\r\nAda\r\n0\r\n\r\n"
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "POST /v1/x", [FORM, ("Transfer-Encoding", "chunked")], chunks, framed=False)
    assert api.arrived[0].body == b"name=Ada"
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/x", [FORM], b"name=Ada")).status == 200


async def test_a_client_that_waits_for_a_100_gets_one_and_then_its_answer(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        whole = written("POST /v1/x", proxy.url, [FORM, ("Expect", "100-continue")], b"name=Ada")
        head, _, body = whole.partition(b"\r\n\r\n")
        await wire.send(head + b"\r\n\r\n")
        assert await wire.hear(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await wire.send(body)
        assert (await wire.hear()).startswith(b"HTTP/1.1 200 OK\r\n")
        await wire.close()
    assert api.arrived[0].body == b"name=Ada"
    assert api.arrived[0].header("Expect") is None


@pytest.mark.parametrize("framed", [True, False])
async def test_a_body_over_the_limit_is_refused_and_the_limit_named(api: Api, tmp_path: Path, framed: bool) -> None:
    body = b"x" * 1001 if framed else b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
    headers = [BEARER] if framed else [BEARER, ("Transfer-Encoding", "chunked")]
    async with recorder(api, tmp_path, body_limit=1000) as proxy:
        refused = await ask(proxy.url, "POST /v1/x", headers, body, framed=framed)
        assert (await ask(proxy.url, "POST /v1/x", body=b"x" * 1000)).status == 200
    assert refused.status == 413
    assert message(refused) == "The request's body is longer than body_limit, 1000 bytes. Raise body_limit."
    assert [len(arrived.body) for arrived in api.arrived] == [1000]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
async def test_a_request_that_unpacks_beyond_the_limit_is_refused_before_anybody_reads_it(
    api: Api, tmp_path: Path, encoding: str
) -> None:
    exact, beyond = (bodies.encode_content(b"a=" + b"x" * length, encoding) for length in (998, 999))
    assert exact is not None
    assert beyond is not None
    async with recorder(api, tmp_path, body_limit=1000) as proxy:
        fitting = await ask(proxy.url, "POST /v1/x", (BEARER, FORM, ("Content-Encoding", encoding)), body=exact)
        refused = await ask(proxy.url, "POST /v1/x", (BEARER, FORM, ("Content-Encoding", encoding)), body=beyond)
    assert (fitting.status, refused.status) == (200, 413)
    assert message(refused) == "The request's body is longer than body_limit, 1000 bytes. Raise body_limit."
    assert len(api.arrived) == 1


async def test_a_body_that_breaks_its_own_framing_is_refused_in_silence(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(written("POST /v1/x", proxy.url, [BEARER, ("Transfer-Encoding", "chunked")], framed=False))
        await wire.send(b"zz" + SECRET.encode() + b"\r\n")
        assert b" 400 Bad Request\r\n" in await wire.hear()
        await wire.close()
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
    assert SECRET not in caplog.text
    assert "Traceback" not in caplog.text


async def test_multipart_is_the_same_question_whatever_its_boundary(api: Api, tmp_path: Path) -> None:
    def form(boundary: str) -> tuple[list[tuple[str, str]], bytes]:
        part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n\x00\xff\r\n--{boundary}--\r\n'
        return [("Content-Type", f"multipart/form-data; boundary={boundary}")], part.encode("latin-1")

    first, other = form("a1b2c3d4e5f60718"), form("------------------------0099aabbccdd")
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "POST /v1/files", *first)
    assert api.arrived[0].body == first[1]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/files", *other)).status == 200
        assert (await ask(proxy.url, "POST /v1/files", other[0], other[1].replace(b"\xff", b"\xfe"))).status == 421


async def test_a_gzipped_request_arrives_gzipped_and_is_read(api: Api, tmp_path: Path) -> None:
    api["/v1/customers"] = reply(b'{"id": "cus_VIiHj0TY6gyFLY", "object": "customer", "created": 1795341600}', JSON)
    async with recorder(api, tmp_path) as proxy:
        named = json.loads((await ask(proxy.url, "POST /v1/customers")).body)["id"]
        packed = gzip.compress(f"customer={named}".encode())
        await ask(proxy.url, "POST /v1/invoices", [FORM, ("Content-Encoding", "gzip")], packed)
    assert named != "cus_VIiHj0TY6gyFLY"
    arrived = api.arrived[1]
    assert arrived.header("Content-Encoding") == "gzip"
    assert gzip.decompress(arrived.body) == b"customer=cus_VIiHj0TY6gyFLY"
    assert on_disk(tmp_path / "a.yaml").interactions[1].request.body == f"customer={named}".encode()
    async with player(tmp_path) as proxy:
        await ask(proxy.url, "POST /v1/customers")
        assert (await ask(proxy.url, "POST /v1/invoices", [FORM], f"customer={named}".encode())).status == 200


async def test_a_link_to_the_proxy_in_a_request_is_one_to_the_upstream(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        body = json.dumps({"callback": f"{proxy.url}/done"}).replace("/", "\\/").encode()
        await ask(proxy.url, f"POST /v1/x?next={proxy.url.replace(':', '%3A').replace('/', '%2F')}%2Fy", [JSON], body)
    (arrived,) = api.arrived
    assert arrived.target == f"/v1/x?next={api.url.replace(':', '%3A').replace('/', '%2F')}%2Fy"
    assert json.loads(arrived.body) == {"callback": f"{api.url}/done"}


# -- what is told -----------------------------------------------------------------------------------------------------


async def test_each_request_has_its_line(api: Api, tmp_path: Path, lines: Lines) -> None:
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "POST /v1/x?q=secret")
    async with player(tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "POST /v1/x?q=secret")
        await ask(proxy.url, "POST /v1/y")
    told = [(line.method, line.path, line.status, line.outcome) for line in lines]
    assert told == [
        ("POST", "/v1/x", 200, "recorded"),
        ("POST", "/v1/x", 200, "replayed"),
        ("POST", "/v1/y", 421, "missed"),
    ]
    assert [line.note.partition("\n")[0] for line in lines] == ["", "", "No recorded interaction matches POST /v1/y."]
    assert all(0 < line.milliseconds < 5000 for line in lines)


async def test_no_credential_is_in_the_cassette_the_journal_the_log_or_the_answers(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture, lines: Lines
) -> None:
    caplog.set_level(logging.DEBUG)
    basic = base64.b64encode(f"{SECRET}:".encode()).decode()
    api["/v1/echo"] = reply(f'{{"error": "Invalid API Key provided: {SECRET}"}}'.encode(), JSON, ("X-Key", SECRET))
    sent: list[tuple[str, list[tuple[str, str]], bytes]] = [
        ("GET /v1/echo", [BEARER], b""),
        ("GET /v1/echo", [("Authorization", f"Basic {basic}")], b""),
        (f"POST /v1/x/{SECRET}?key={SECRET}", [BEARER, FORM], f"key={SECRET}".encode()),
    ]
    kept = ""
    for proxy in (Replayer("a.yaml", root=tmp_path, upstream=api.url, record_mode="all"), player(tmp_path)):
        async with proxy:
            answers = [await ask(proxy.url, *each) for each in sent]
            await ask(proxy.url, f"GET /v1/unknown/{SECRET}")
            kept += b"".join(files(tmp_path).values()).decode()
        assert not any(SECRET.encode() in answer.body + repr(answer.headers).encode() for answer in answers)
    assert api.arrived[0].header("Authorization") == f"Bearer {SECRET}"
    assert api.arrived[2].body == f"key={SECRET}".encode()
    kept += (tmp_path / "a.yaml").read_text()
    assert "# complete" in kept  # the journal was among them
    for text in (kept, caplog.text, repr(list(lines))):
        assert SECRET not in text
        assert basic not in text


def test_a_line_shows_what_it_tells() -> None:
    assert repr(Line("GET", "/x", 200, "replayed", 1.5)) == (
        "Line(method='GET', path='/x', status=200, outcome='replayed', milliseconds=1.5, note='')"
    )


async def test_an_sdk_that_tries_again_gets_the_same_answer_and_moves_nothing_on(api: Api, tmp_path: Path) -> None:
    numbers = iter(range(1, 9))

    async def count(_: object, writer: object) -> None:
        writer.write(reply(b'{"n": %d}' % next(numbers), JSON))  # type: ignore[attr-defined]

    api["/v1/x"] = count

    def key(value: str) -> list[tuple[str, str]]:
        return [BEARER, FORM, ("Idempotency-Key", value)]

    async with recorder(api, tmp_path) as proxy:
        bodies = [(await ask(proxy.url, "POST /v1/x", key(f"{n}" * 20), b"a=1")).body for n in (1, 2)]
    assert bodies == [b'{"n": 1}', b'{"n": 2}']
    async with player(tmp_path) as proxy:
        for live, n in (("x" * 20, 1), ("x" * 20, 1), ("y" * 20, 2), ("x" * 20, 1), ("y" * 20, 2)):
            answer = await ask(proxy.url, "POST /v1/x", key(live), b"a=1")
            assert (answer.body, answer.header("Date") is not None) == (b'{"n": %d}' % n, True)
        assert (await ask(proxy.url, "POST /v1/x", key("z" * 20), b"a=1")).header("Replayer-Miss") == "used-up"


async def test_a_retry_that_was_recorded_is_an_attempt_of_its_own(api: Api, tmp_path: Path) -> None:
    answers = iter([reply(b'{"error": "lock"}', JSON, status="409 Conflict"), reply(b'{"ok": true}', JSON)])

    async def next_answer(_: object, writer: object) -> None:
        writer.write(next(answers))  # type: ignore[attr-defined]

    api["/v1/x"] = next_answer
    async with recorder(api, tmp_path) as proxy:
        for _ in range(2):
            await ask(proxy.url, "POST /v1/x", [BEARER, ("Idempotency-Key", "a" * 20)])
    async with player(tmp_path) as proxy:
        statuses = [
            (await ask(proxy.url, "POST /v1/x", [BEARER, ("Idempotency-Key", "b" * 20)])).status for _ in range(3)
        ]
    assert statuses == [409, 200, 200]
