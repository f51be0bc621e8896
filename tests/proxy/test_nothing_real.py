"""Laws 4 and 5, once more at the end: what is real is named in place or set aside, or nothing is saved."""

import gzip
import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from replayer.core.matching import canonical
from replayer.core.message import Request
from replayer.core.naming import aliases
from replayer.core.rules import registry

from .older import old_cassette, targets
from .talking import JSON, Api, ask, files, on_disk, player, recorder, reply

CUSTOMERS = ("cus_VIiHj0TY6gyFLY", "cus_VIiHj0TY6gyFLZ")
CUSTOMER = CUSTOMERS[0]
PDF = ("Content-Type", "application/pdf")
MINTS = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)
HELD = (
    "The answer to GET /v1/pdf, or the request, held an id of the upstream (cus_...), "
    "which was not known for one before"
)
PACKED = pytest.mark.parametrize(
    "pack", [b64encode, lambda raw: gzip.compress(raw) * 2, lambda raw: b"\xff" + zlib.compress(raw)]
)


def meeting() -> tuple[int, int]:
    """Two places in the answer to `GET /v1/customers` at which customers would get the same prefix of their invoices.

    A prefix has 32 bits: among 150,000 customers two meet.
    """
    digest = canonical.canonical(Request("GET", "/v1/customers"), registry.INVOICE_RULES).digest
    seen: dict[str, int] = {}
    for place in range(1_000_000):
        owner = aliases.alias("prefixed", CUSTOMERS[0], f"{digest}\0{0}\0data[{place}].id#0")
        prefix = aliases.plain_alias("01234567", f"owned\0{owner}\0invoice_prefix", "0123456789ABCDEF")
        if prefix in seen:
            return seen[prefix], place
        seen[prefix] = place
    raise AssertionError("no two met")


@pytest.mark.long
@pytest.mark.stands_still("two that meet are far apart: the answer holds 145,000 others")
async def test_two_ids_that_would_share_an_alias_stop_the_recording_and_both_are_told_masked(tmp_path: Path) -> None:
    first, second = meeting()
    data: list[Any] = [0] * (second + 1)
    data[first] = {"id": CUSTOMERS[0], "invoice_prefix": "0A1B2C3D"}
    data[second] = {"id": CUSTOMERS[1], "invoice_prefix": "4E5F6A7B"}
    api = Api()
    api["/v1/customers"] = reply(json.dumps({"data": data}).encode(), JSON)
    async with api, recorder(api, tmp_path) as proxy:
        answer = await ask(proxy.url, "GET /v1/customers")
    assert answer.status == 502
    told = json.loads(answer.body)["error"]["message"]
    for place, masked in ((first, "0...D"), (second, "4...B")):
        assert f"{masked} (at data[{place}].invoice_prefix of GET /v1/customers)" in told
    assert "0A1B2C3D" not in told
    assert files(tmp_path) == {}


async def learning_late(api: Api, root: Path, body: bytes) -> None:
    """A recording in which nobody knows yet what a file holds, when it is asked for."""
    api["/v1/pdf"] = reply(body, PDF)
    api["/v1/customers"] = MINTS
    async with recorder(api, root) as proxy:
        assert (await ask(proxy.url, "GET /v1/pdf")).status == 200
        assert (await ask(proxy.url, "POST /v1/customers")).status == 200


async def test_an_id_in_bytes_is_named_in_place_before_anything_else_tells_of_it(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /v1/pdf")
    await learning_late(api, tmp_path, b"\xff\xfe" + CUSTOMER.encode() + b"\xff")
    assert list(files(tmp_path)) == ["a.yaml"]
    file, customer = on_disk(tmp_path / "a.yaml").interactions
    assert file.response.body == b"\xff\xfe" + json.loads(customer.response.body)["id"].encode() + b"\xff"


@PACKED
async def test_what_cannot_be_named_in_place_is_set_aside_and_the_rest_is_saved(
    api: Api, tmp_path: Path, pack: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    await learning_late(api, tmp_path, pack(b"\xff\xfe" + CUSTOMER.encode() + b"\xff"))
    assert list(files(tmp_path)) == ["a.yaml"]
    assert targets(tmp_path / "a.yaml") == ["/v1/customers"]
    assert f"a.yaml: {HELD}: it was set aside." in caplog.text


@PACKED
async def test_a_recording_that_lacks_what_was_set_aside_replaces_no_older_one_but_stays_beside_it(
    api: Api, tmp_path: Path, pack: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /v1/pdf")
    await learning_late(api, tmp_path, pack(b"\xff\xfe" + CUSTOMER.encode() + b"\xff"))
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/v1/customers"]
    assert f"a.yaml was not saved: {HELD}: it was set aside." in caplog.text


@pytest.mark.parametrize("secret", ["correct-horse-battery", "Tr0ub4dor-and-3", "9f86d081884c7d659a2feaa0c55ad015"])
async def test_a_credential_of_a_later_request_stays_in_no_file_and_all_is_saved(
    api: Api, tmp_path: Path, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    api["/v1/x"] = reply(json.dumps({"hint": f"was it {secret}?"}).encode(), JSON)
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
        assert (await ask(proxy.url, "GET /v1/y", [("Authorization", f"Bearer {secret}")])).status == 200
    assert targets(tmp_path / "a.yaml") == ["/v1/x", "/v1/y"]
    assert ("held the client's credential" in caplog.text) is ("-" in secret)  # a number has its name already
    assert secret not in caplog.text + str(files(tmp_path)) + str(files(tmp_path / ".replayer"))


@pytest.mark.parametrize("name", ["X-Api-Key", "X-Auth-Token", "X-Amz-Security-Token", "Cookie"])
@pytest.mark.parametrize("secret", ["q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6E", "9b2f0d646d6a4e1a9c5b0d6ef1a6c111"])
async def test_what_a_client_shows_itself_with_is_in_no_file_when_an_answer_repeats_it(
    api: Api, tmp_path: Path, name: str, secret: str
) -> None:
    shown = (name, f"session={secret}" if name == "Cookie" else secret)
    api["/x"] = reply(json.dumps({"said": f"key {secret} is fine"}).encode(), JSON, ("X-Seen", secret))
    async with recorder(api, tmp_path, rules="generic") as proxy:
        told = await ask(proxy.url, "GET /x", [shown])
    assert api.arrived[0].header(name) == shown[1]
    assert secret not in str(files(tmp_path))
    assert secret not in str(files(tmp_path / ".replayer"))
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x", [shown])).body == told.body
        assert (await ask(proxy.url, "GET /x")).body == told.body


async def test_a_session_goes_on_under_a_cookie_that_is_set_again(api: Api, tmp_path: Path) -> None:
    secret = "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6E"
    api["/x"] = reply(b"{}", JSON, ("Set-Cookie", f"session={secret}; Path=/"))
    async with recorder(api, tmp_path, rules="generic") as proxy:
        cookie = ""
        for _ in range(3):
            heard = await ask(proxy.url, "GET /x", [("Cookie", cookie)] if cookie else [])
            cookie = (heard.header("set-cookie") or "").partition(";")[0]
    assert [arrived.header("cookie") for arrived in api.arrived] == [None, *[f"session={secret}"] * 2]
    assert secret not in str(files(tmp_path))
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 3


async def test_a_failed_run_leaves_no_journal_that_holds_something_real(api: Api, tmp_path: Path) -> None:
    api["/x"] = reply(b"\xff" + b64encode(CUSTOMER.encode()), PDF)
    api["/v1/customers"] = MINTS
    await old_cassette(api, tmp_path, "GET /x")
    running = recorder(api, tmp_path)
    async with running as proxy:
        await ask(proxy.url, "GET /x")
        await ask(proxy.url, "POST /v1/customers")
        await running.__aexit__(ZeroDivisionError, None, None)
        assert CUSTOMER.encode() not in files(tmp_path)["a.yaml.journal"]
        assert targets(tmp_path / "a.yaml.journal") == ["/x", "/v1/customers"]


@pytest.mark.parametrize("name", ["api_key", "password", "client_secret"])
async def test_an_answer_that_may_not_be_written_leaves_the_rest_of_a_first_recording_saved(
    api: Api, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    packed = gzip.compress(json.dumps({name: "q8Zk3Lm0Rt7Vw2Yx9Bn4"}).encode())
    api["/x"] = reply(packed, PDF)
    for root in (tmp_path / "first", tmp_path / "again"):
        if root.name == "again":
            old = await old_cassette(api, root, "GET /a")
        async with recorder(api, root) as proxy:
            await ask(proxy.url, "GET /x")
            assert (await ask(proxy.url, "GET /y")).status == 200
    assert targets(tmp_path / "first" / "a.yaml") == ["/y"]
    assert files(tmp_path / "again")["a.yaml"] == old
    assert targets(tmp_path / "again" / "a.yaml.journal") == ["/y"]
    assert f"The answer to GET /x still holds a credential ({name}), and was not written." in caplog.text
