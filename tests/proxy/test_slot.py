"""What happens to the file: by record mode, when a run fails, when two want it, when the recorder is killed."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import zlib
from asyncio import StreamWriter
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.matching import canonical
from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from replayer.core.rules import Rules, registry
from replayer.errors import CassetteError, UsageError
from replayer.proxy.opening import cassette_origin, rules_for
from replayer.settings import Settings

from .talking import JSON, Api, Arrived, Lines, Wire, ask, breaking, files, on_disk, player, recorder, reply, request

NEW, OLD = reply(b'{"new": true}', JSON), reply(b'{"old": true}', JSON)


async def old_cassette(api: Api, root: Path, *lines: str) -> bytes:
    """A cassette of those requests, each answered with the old answer; the upstream has new ones from now on."""
    for line in lines:
        api[line.split(" ")[1]] = OLD
    async with recorder(api, root) as proxy:
        for line in lines:
            await ask(proxy.url, line)
    for line in lines:
        api[line.split(" ")[1]] = NEW
    api.arrived.clear()
    return files(root)["a.yaml"]


async def failed_run(
    api: Api,
    root: Path,
    error: type[BaseException] = ZeroDivisionError,
    lines: tuple[str, ...] = ("GET /x",),
    **how: Any,
) -> None:
    """A run that asks for /x and then fails."""
    async with recorder(api, root, **how) as proxy:
        for line in lines:
            await ask(proxy.url, line)
        raise error


def targets(path: Path) -> list[str]:
    return [each.request.target for each in on_disk(path).interactions]


# -- record modes -----------------------------------------------------------------------------------------------------


async def test_none_answers_only_what_is_there_and_changes_nothing(api: Api, tmp_path: Path) -> None:
    old = await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="none") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).status == 421
        assert proxy.play_count == 1
    assert api.arrived == []
    assert files(tmp_path) == {"a.yaml": old}


async def test_once_records_a_cassette_that_is_not_there_and_only_plays_one_that_is(api: Api, tmp_path: Path) -> None:
    api["/x"] = OLD
    async with recorder(api, tmp_path, record_mode="once") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
    old = files(tmp_path)["a.yaml"]
    api["/x"] = NEW
    await api.stop()  # an upstream that is not needed need not be there
    async with recorder(api, tmp_path, record_mode="once") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).status == 421
    assert files(tmp_path) == {"a.yaml": old}


async def test_new_episodes_plays_what_is_there_and_adds_what_is_not(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="new_episodes") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).body == b"{}"
        assert str(proxy.receipt).startswith("1 recorded, 1 played")
    assert [arrived.target for arrived in api.arrived] == ["/y"]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"old": true}'
        assert (await ask(proxy.url, "GET /y")).body == b"{}"


async def test_all_records_everything_anew(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x", "GET /y")
    async with recorder(api, tmp_path, record_mode="all") as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"new": true}'
    assert targets(tmp_path / "a.yaml") == ["/x"]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).body == b'{"new": true}'


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
async def test_a_recording_of_nothing_leaves_nothing(api: Api, tmp_path: Path, mode: str) -> None:
    async with recorder(api, tmp_path, record_mode=mode):
        assert list(files(tmp_path)) == ["a.yaml.journal"]
    assert files(tmp_path) == {}


async def test_a_recording_of_nothing_leaves_the_old_cassette(api: Api, tmp_path: Path) -> None:
    old = await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path, record_mode="all"):
        pass
    assert files(tmp_path) == {"a.yaml": old}


# -- recordings that failed -------------------------------------------------------------------------------------------


async def test_a_failed_run_leaves_the_old_cassette_and_its_own_recording_beside_it(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path)
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "a.yaml was not saved: the run failed." in caplog.text


async def test_a_first_recording_is_saved_whatever_its_run_asserts(api: Api, tmp_path: Path) -> None:
    for mode in ("once", "all", "new_episodes"):
        with pytest.raises(ZeroDivisionError):
            await failed_run(api, tmp_path / mode, record_mode=mode)
        assert list(files(tmp_path / mode)) == ["a.yaml"]
        async with player(tmp_path / mode) as proxy:
            assert (await ask(proxy.url, "GET /x")).status == 200


async def test_a_first_recording_of_a_failed_run_is_a_journal_where_that_is_wanted(api: Api, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path, record_on_failure=False)
    assert list(files(tmp_path)) == ["a.yaml.journal"]
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_a_first_recording_of_a_run_that_was_aborted_is_a_torso(tmp_path: Path, error: type[BaseException]) -> None:
    async def run() -> None:
        async with Api() as api:
            with suppress(error):
                await failed_run(api, tmp_path, error)

    asyncio.run(run())
    assert list(files(tmp_path)) == ["a.yaml.journal"]


async def test_a_failed_run_with_a_request_that_had_no_answer_is_no_whole_recording(api: Api, tmp_path: Path) -> None:
    api["/y"] = breaking(b"")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path, lines=("GET /x", "GET /y"))
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert list(files(tmp_path)) == ["a.yaml.journal"]


@pytest.mark.parametrize("said", [b"", NEW[:-1], reply(b"%PDF" * 9, ("Content-Type", "application/pdf"))[:-1]])
async def test_a_request_without_an_answer_leaves_the_old_cassette(
    api: Api, tmp_path: Path, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    api["/y"] = breaking(said)
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /x")).status == 200
        await ask(proxy.url, "GET /y")
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "a.yaml was not saved: 1 request could not be recorded." in caplog.text


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_request_that_hangs_when_it_ends_leaves_the_old_cassette(
    api: Api, tmp_path: Path, leaves: bool, caplog: pytest.LogCaptureFixture
) -> None:
    old = await old_cassette(api, tmp_path, "GET /x", "GET /y")
    came = asyncio.Event()

    async def hang(_: Arrived, __: StreamWriter) -> None:
        came.set()
        await asyncio.sleep(60)

    api["/y"] = hang
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /x")
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /y", proxy.url))
        async with asyncio.timeout(5):
            await came.wait()
        if leaves:
            wire.vanish()
    await wire.close()
    assert files(tmp_path)["a.yaml"] == old
    assert targets(tmp_path / "a.yaml.journal") == ["/x"]
    assert "1 request could not be recorded" in caplog.text


async def test_the_next_recording_replaces_what_a_failed_one_left(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    with pytest.raises(ZeroDivisionError):
        await failed_run(api, tmp_path)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /x")
    assert list(files(tmp_path)) == ["a.yaml"]


# -- two at once ------------------------------------------------------------------------------------------------------


async def test_two_recorders_of_one_cassette_are_refused(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as first:
        await ask(first.url, "GET /x")
        with pytest.raises(UsageError, match=r"a\.yaml is being recorded by another replayer"):
            async with recorder(api, tmp_path):
                raise AssertionError
        assert (await ask(first.url, "GET /y")).status == 200
        async with recorder(api, tmp_path, "b.yaml") as other:
            assert (await ask(other.url, "GET /x")).status == 200
    assert targets(tmp_path / "a.yaml") == ["/x", "/y"]


async def test_many_may_replay_what_one_records(api: Api, tmp_path: Path) -> None:
    await old_cassette(api, tmp_path, "GET /x")
    async with recorder(api, tmp_path) as proxy, player(tmp_path) as one, player(tmp_path) as two:
        await ask(proxy.url, "GET /x")
        assert (await ask(one.url, "GET /x")).body == (await ask(two.url, "GET /x")).body == b'{"old": true}'


async def test_parallel_requests_are_all_recorded_and_all_replayed(api: Api, tmp_path: Path, lines: Lines) -> None:
    async def own(arrived: Arrived, writer: StreamWriter) -> None:
        await asyncio.sleep(int(arrived.header("X-Wait") or 0) / 1000)
        writer.write(reply(json.dumps({"you": arrived.target}).encode(), JSON))

    for n in range(32):
        api[f"/v1/{n}"] = own

    async def all_of_them(url: str) -> list[bytes]:
        asked = [ask(url, f"POST /v1/{n}?n={n}", [("X-Wait", str((n * 7) % 32))]) for n in range(32)]
        return [answer.body for answer in await asyncio.gather(*asked)]

    async with recorder(api, tmp_path, tell=lines) as proxy:
        recorded = await all_of_them(proxy.url)
    first = files(tmp_path)["a.yaml"]
    async with recorder(api, tmp_path) as proxy:
        await all_of_them(proxy.url)
    assert files(tmp_path) == {"a.yaml": first}
    async with player(tmp_path) as proxy:
        assert await all_of_them(proxy.url) == recorded
    assert sorted(recorded) == sorted(json.dumps({"you": f"/v1/{n}?n={n}"}).encode() for n in range(32))
    assert {line.outcome for line in lines} == {"recorded"}


# -- kill -9 ----------------------------------------------------------------------------------------------------------

CHILD = """\
import http.client, sys, threading
from replayer import Replayer

FORM = {"Authorization": "Bearer sk_test_Killed0001", "Content-Type": "application/x-www-form-urlencoded"}

def work(number, port):
    wire = http.client.HTTPConnection("127.0.0.1", port)
    for count in range(100_000):
        name = f"{number}-{count}"
        wire.request("POST", "/v1/customers", f"name={name}", FORM)
        answer = wire.getresponse()
        assert answer.status == 200 and name.encode() in answer.read()
        sys.stdout.write(name + "\\n")
        sys.stdout.flush()

with Replayer("a.yaml", root=sys.argv[1], upstream="sandbox", record_mode="all") as replayer:
    port = int(replayer.url.rpartition(":")[2])
    threads = [threading.Thread(target=work, args=(number, port)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_kill_9_loses_no_interaction_that_was_answered(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}) as child:  # noqa: PTH109 - our own program
        assert child.stdout is not None
        reported = [child.stdout.readline() for _ in range(60)]
        child.send_signal(signal.SIGKILL)
        reported += child.stdout.readlines()
    answered = [line.strip().decode() for line in reported if line.endswith(b"\n")]
    assert len(answered) >= 60
    left = on_disk(tmp_path / "a.yaml.journal").interactions
    assert set(answered) <= {json.loads(each.response.body)["name"] for each in left}
    assert b"sk_test_Killed" not in files(tmp_path)["a.yaml.journal"]


# -- what the cassette speaks of --------------------------------------------------------------------------------------


def recorded_from(origin: str, facts: Facts | None = None) -> Cassette:
    return Cassette((Interaction(Request("GET", "/", origin=origin), Response(200)),), facts)


@pytest.mark.parametrize(
    ("settings", "cassette", "upstream", "expected"),
    [
        (Settings(), None, "http://127.0.0.1:1", "http://127.0.0.1:1"),
        (Settings(origin="https://api.world.test"), None, "http://127.0.0.1:1", "https://api.world.test"),
        (Settings(upstream="sandbox"), None, "http://127.0.0.1:1", "https://api.stripe.com"),
        (Settings(), recorded_from("https://a.test"), "", "https://a.test"),
        (Settings(), recorded_from("https://a.test"), "https://b.test", "https://b.test"),
        (Settings(), recorded_from("http://127.0.0.1:1"), "http://localhost:2", "http://127.0.0.1:1"),
        (Settings(), recorded_from("http://127.0.0.1:1"), "https://b.test", "https://b.test"),
        (Settings(), recorded_from("https://a.test"), "http://127.0.0.1:1", "http://127.0.0.1:1"),
        (Settings(), Cassette(), "", ""),
    ],
)
def test_the_cassette_speaks_of_the_api_and_not_of_a_port_that_is_chance(
    settings: Settings, cassette: Cassette | None, upstream: str, expected: str
) -> None:
    assert cassette_origin(settings, cassette, upstream) == expected


# -- its rules --------------------------------------------------------------------------------------------------------

HERE = Path("a.yaml")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://api.stripe.com", registry.INVOICE_RULES),
        ("http://127.0.0.1:8080", registry.INVOICE_RULES),
        ("http://[::1]:8080", registry.INVOICE_RULES),
        ("http://localhost", registry.INVOICE_RULES),
        ("", registry.INVOICE_RULES),
        ("https://api.github.com", registry.GENERIC_RULES),
        ("https://api.stripe.com.evil.test", registry.GENERIC_RULES),
    ],
)
def test_a_new_cassette_has_the_rules_of_its_api(origin: str, expected: Rules) -> None:
    assert rules_for(Settings(), None, HERE, origin) == expected
    assert rules_for(Settings(), recorded_from(origin), HERE, origin) == expected


def test_a_new_cassette_has_the_rules_that_were_chosen() -> None:
    assert rules_for(Settings(rules="generic"), None, HERE, "https://api.stripe.com") == registry.GENERIC_RULES
    assert rules_for(Settings(rules={"base": "invoice"}), None, HERE, "https://a.test") == registry.INVOICE_RULES


def test_a_cassette_is_read_by_the_rules_that_named_it() -> None:
    recorded = recorded_from("https://a.test", Facts("sandbox", "invoice", 0))
    assert rules_for(Settings(), recorded, HERE, "https://a.test") == registry.INVOICE_RULES
    assert rules_for(Settings(rules="invoice"), recorded, HERE, "https://a.test") == registry.INVOICE_RULES
    with pytest.raises(CassetteError) as caught:
        rules_for(Settings(), recorded_from("", Facts("sandbox", "invoices", 0)), HERE, "")
    assert str(caught.value) == "a.yaml: 'invoices' is not a set of rules. Did you mean 'invoice'?"


@pytest.mark.parametrize("rules", ["generic", {"base": "generic"}])
def test_other_rules_than_those_that_named_a_cassette_are_refused(rules: Any) -> None:
    recorded = recorded_from("https://a.test", Facts("https://a.test", "invoice", 0))
    with pytest.raises(UsageError) as caught:
        rules_for(Settings(rules=rules), recorded, HERE, "https://a.test")
    assert str(caught.value) == (
        "a.yaml was recorded by the rules 'invoice', not 'generic'. "
        "Choose these or none, or delete it and record it anew."
    )


def test_what_extends_rules_extends_whichever_there_are() -> None:
    recorded = recorded_from("https://a.test", Facts("https://a.test", "generic", 0))
    table = {"times": ["born"], "noise_headers": ["X-Mood"]}
    extended = rules_for(Settings(rules=table), recorded, HERE, "https://a.test")
    assert extended.times == registry.GENERIC_RULES.times | {"born"}
    assert extended.noise_headers == registry.GENERIC_RULES.noise_headers | {"x-mood"}
    assert extended.name == "generic"


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


CUSTOMERS = ("cus_VIiHj0TY6gyFLY", "cus_VIiHj0TY6gyFLZ")


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


# -- laws 4 and 5, once more at the end -------------------------------------------------------------------------------

CUSTOMER = CUSTOMERS[0]
PDF = ("Content-Type", "application/pdf")
MINTS = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)


HELD = (
    "The answer to GET /v1/pdf, or the request, held an id of the upstream (cus_...), "
    "which was not known for one before"
)
PACKED = pytest.mark.parametrize("pack", [b64encode, gzip.compress, lambda raw: b"\xff" + zlib.compress(raw)])


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
