"""The control call: faults are laid by who has the token, on this machine, and by nobody else."""

import json
import socket
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from replayer.errors import UsageError
from replayer.proxy.control import token_of

from .talking import JSON, Api, Heard, Wire, ask, heard, player, recorder, reply, request

CALL = "POST /__replayer__/faults"
RULE = "GET /v1/x status=503 times=1"


def laying(*rules: str) -> bytes:
    return json.dumps({"faults": rules}).encode()


async def call(
    proxy_url: str, token: str | None, body: bytes = b"", more: Sequence[tuple[str, str]] = (), line: str = CALL
) -> Heard:
    headers = [*more] if token is None else [("Replayer-Token", token), *more]
    return await ask(proxy_url, line, headers, body)


async def test_faults_are_laid_for_the_session_of_that_address(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await call(proxy.url, proxy.token, laying(RULE))
        assert (answer.status, json.loads(answer.body)) == (200, {"faults": [{"rule": RULE, "met": 0}]})
        assert (await ask(proxy.url, "GET /v1/x")).status == 503
        told = await call(proxy.url, proxy.token, line="GET /__replayer__/faults")
        assert json.loads(told.body) == {"faults": [{"rule": RULE, "met": 1}]}
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        await call(proxy.url, proxy.token, laying("GET /v1/x reset"))
        assert json.loads((await call(proxy.url, proxy.token, laying())).body) == {"faults": []}
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        assert proxy.receipt.recorded == 2
    assert all("__replayer__" not in arrived.target for arrived in api.arrived)


async def test_a_replay_is_controlled_too_on_a_connection_that_was_quick(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    async with player(tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        statuses = []
        laid = ("Replayer-Token", proxy.token), ("Connection", "keep-alive")
        for line, headers, body in [
            ("GET /v1/x", (), b""), ("GET /v1/x", (), b""), (CALL, laid, laying(RULE)), ("GET /v1/x", (), b""),
            ("GET /v1/x", (), b""), (CALL, laid, laying()), ("GET /v1/x", (), b""),
        ]:  # fmt: skip
            said = request(line, proxy.url, headers, body).replace(b"Connection: close\r\n", b"", 1)
            await wire.send(said)
            statuses.append(heard(await wire.hear(b"\r\n\r\n")).status)
        await wire.close()
    assert statuses == [200, 200, 200, 503, 200, 200, 200]


async def test_the_fetch_of_node_is_no_page(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert (await call(proxy.url, proxy.token, laying(RULE), [("Sec-Fetch-Mode", "cors")])).status == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
async def test_without_the_token_nothing_is_done(api: Api, tmp_path: Path, token: str | None) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await call(proxy.url, token, laying(RULE))
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "replayer_token")
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        assert proxy.token not in repr(answer)


async def test_two_tokens_are_none(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await call(proxy.url, proxy.token, laying(RULE), [("Replayer-Token", "other")])
        assert answer.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "https://evil.example")],
        [("Origin", "null")],
        [("Origin", "SELF")],
        [("Origin", "http://named.example")],
        [("Sec-Fetch-Site", "none")],
    ],
)
async def test_no_page_of_a_browser_controls_a_session_not_even_with_the_token(
    api: Api, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    async with recorder(api, tmp_path, cors="http://named.example") as proxy:
        own = [(name, value.replace("SELF", proxy.url)) for name, value in headers]
        answer = await call(proxy.url, proxy.token, laying(RULE), own)
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "replayer_origin")
        assert answer.header("Access-Control-Allow-Origin") in (None, "http://named.example")
        assert (await ask(proxy.url, "GET /v1/x")).status == 200


async def test_a_name_that_was_made_to_point_here_is_refused(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await ask(proxy.url, CALL, [("Replayer-Token", proxy.token)], laying(RULE), host="evil.example")
        assert answer.status == 403


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", 'The call is {"faults"'),
        (b"[]", 'The call is {"faults"'),
        (b'{"faults": "GET /x reset"}', 'The call is {"faults"'),
        (b'{"faults": [1]}', 'The call is {"faults"'),
        (b'{"faults": [], "more": 1}', 'The call is {"faults"'),
        (b"[" * 100_000, 'The call is {"faults"'),
        (b'{"faults": ["GET /x"]}', "nothing goes wrong by it"),
        (json.dumps({"faults": ["GET /x reset"] * 1001}).encode(), 'The call is {"faults"'),
    ],
)
async def test_a_wrong_call_says_what_is_right_and_changes_nothing(
    api: Api, tmp_path: Path, body: bytes, says: str
) -> None:
    async with recorder(api, tmp_path, faults=[RULE]) as proxy:
        answer = await call(proxy.url, proxy.token, body)
        assert answer.status == 400
        assert says in json.loads(answer.body)["error"]["message"]
        assert (await ask(proxy.url, "GET /v1/x")).status == 503


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_none_of_it(api: Api, tmp_path: Path, method: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert (await call(proxy.url, proxy.token, line=f"{method} /__replayer__/faults")).status == 405


@pytest.mark.parametrize(
    "path", ["/__replayer__/faults/", "/__replayer__/faults?a", "/__replayer__/Faults", "//__replayer__/faults"]
)
async def test_no_other_spelling_is_the_call(api: Api, tmp_path: Path, path: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert (await call(proxy.url, proxy.token, laying(RULE), line=f"POST {path}")).status == 404


# -- the token's file -------------------------------------------------------------------------------------------------


def test_a_token_is_made_for_its_owner_alone_and_found_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    made = token_of(str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(made) >= 32
    assert token_of(str(file)) == made == file.read_text().strip()


def test_without_a_file_each_session_has_another() -> None:
    assert token_of("") != token_of("")


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"\xff\xfe"])
def test_a_file_without_a_token_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="token file") as error:
        token_of(str(file))
    assert "two words" not in str(error.value)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be used: No such file or directory\."):
        token_of(str(tmp_path / "nowhere" / "token"))


async def test_the_token_of_the_file_is_the_one_that_counts(api: Api, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token-of-mine\n")
    async with recorder(api, tmp_path, token_file=str(tmp_path / "token")) as proxy:
        assert (await call(proxy.url, "a-token-of-mine", laying(RULE))).status == 200


# -- from elsewhere, and under other names ----------------------------------------------------------------------------


def own_address() -> str:
    """An address of this machine that is not its loopback's; empty where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        try:
            there.connect(("192.0.2.1", 9))  # nothing is sent to that address, which nobody has
        except OSError:
            return ""
        address = str(there.getsockname()[0])
    return "" if address.startswith("127.") else address


async def test_another_machine_controls_nothing_though_it_may_ask(api: Api, tmp_path: Path) -> None:
    address = own_address()
    if not address:
        pytest.skip("needs an address besides that of the loopback, which this machine does not have")
    async with recorder(api, tmp_path, listen="0.0.0.0", hosts=address) as proxy:  # noqa: S104 - that is the question
        outside = f"http://{address}:{proxy.url.rpartition(':')[2]}"
        assert (await ask(outside, "GET /v1/x")).status == 200
        answer = await ask(outside, CALL, [("Replayer-Token", proxy.token)], laying(RULE), host="127.0.0.1")
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (403, "replayer_token")
        assert (await call(proxy.url, proxy.token, laying(RULE))).status == 200


async def test_the_proxy_of_a_client_is_controlled_at_its_own_address_and_not_under_the_apis_name(
    api: Api, tmp_path: Path
) -> None:
    api.answers["/v1/x"] = reply(b"{}", JSON)
    async with recorder(api, tmp_path, as_proxy=True) as proxy:
        token = ("Replayer-Token", proxy.token)
        through = await ask(proxy.url, f"POST {api.url}/__replayer__/faults", [token], laying(RULE), host="api.example")
        assert through.status in (400, 403)
        assert (await call(proxy.url, proxy.token, laying(RULE))).status == 200
        faulty = await ask(proxy.url, f"GET {api.url}/v1/x", host=api.url.removeprefix("http://"))
        assert (faulty.status, faulty.header("Replayer-Fault")) == (503, "status=503")
