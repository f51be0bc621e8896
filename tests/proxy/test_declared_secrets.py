"""What a user declares to be a secret, by its field's name or with that before its value, is on no disk and plays."""

import json
from pathlib import Path
from typing import Any

import pytest

from .talking import BEARER, FORM, JSON, Api, ask, files, player, recorder, reply

FIELD = {"base": "generic", "secrets": [{"field": "pin"}, {"field": "X-Door"}]}
SECRETS = ("4711", "open sesame", "hunter2")
TOLD = {"pin": SECRETS[0], "deep": {"pin": {"value": SECRETS[1], "n": 4711}}, "list": {"pin": [SECRETS[2]]}, "pins": 3}


async def asked(url: str, secret: str) -> list[Any]:
    form, query = [FORM, BEARER], [BEARER, ("X-Door", secret)]
    plus = secret.replace(" ", "+")
    return [
        await ask(url, "POST /a", form, f"a=1&pin={plus}&user%5Bpin%5D={plus}".encode()),
        await ask(url, "POST /b", [JSON, BEARER], json.dumps({"u": {"pin": secret}, "pin": [secret, 4711]}).encode()),
        await ask(url, f"GET /c?x=1&pin={plus}", query),
    ]


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_field_that_is_declared_is_secret_on_both_sides_whatever_it_holds(
    api: Api, tmp_path: Path, secret: str
) -> None:
    for path in ("/a", "/b", "/c"):
        api[path] = reply(json.dumps(TOLD).encode(), JSON, ("X-Door", "4711"))
    async with recorder(api, tmp_path, rules=FIELD) as proxy:
        heard = await asked(proxy.url, secret)
    kept = files(tmp_path)["a.yaml"].decode()
    for one in (*SECRETS, secret.replace(" ", "+"), secret.replace(" ", "%20")):
        assert one not in kept
    assert secret in str([(each.target, each.body, each.headers) for each in api.arrived]).replace("+", " ")
    assert [each.status for each in heard] == [200, 200, 200]
    assert json.loads(heard[0].body)["pins"] == 3
    for played in (secret, "another one"):  # whoever replays need not know it
        async with player(tmp_path, rules=FIELD) as proxy:
            assert [each.body for each in await asked(proxy.url, played)] == [each.body for each in heard]
            assert proxy.misses == []


@pytest.mark.parametrize(
    "pattern",
    [r'(?P<keep>"password": ")\w+', r'(?P<keep>"password": ")[^"]+', r'(?P<keep>"pass\w*"\s*:\s*")[^"]+', r"hunter\d"],
)
async def test_a_pattern_may_begin_with_the_name_of_its_field(api: Api, tmp_path: Path, pattern: str) -> None:
    rules = {"base": "generic", "secrets": [{"name": "pw", "pattern": pattern}]}
    api["/x"] = reply(b'{"password": "hunter2", "n": 1}', JSON)
    body = b'{"user": "ada", "password": "hunter2"}'
    async with recorder(api, tmp_path, rules=rules) as proxy:
        heard = await ask(proxy.url, "POST /x", [JSON], body)
    assert heard.status == 200
    assert json.loads(heard.body)["n"] == 1
    assert b"hunter2" not in files(tmp_path)["a.yaml"] + heard.body
    async with player(tmp_path, rules=rules) as proxy:
        assert (await ask(proxy.url, "POST /x", [JSON], body)).body == heard.body


@pytest.mark.parametrize("pattern", [r"(?P<keep>[?&]pw=)[^&]+", r"(?P<keep>pw=)\w+", r"(?P<keep>pw(?:=|%3D))hunter\d"])
async def test_so_it_may_in_a_query_and_in_a_form(api: Api, tmp_path: Path, pattern: str) -> None:
    rules = {"base": "generic", "secrets": [{"name": "pw", "pattern": pattern}]}
    async with recorder(api, tmp_path, rules=rules) as proxy:
        assert (await ask(proxy.url, "GET /x?a=1&pw=hunter2")).status == 200
        assert (await ask(proxy.url, "POST /y", [FORM], b"a=1&pw=hunter2")).status == 200
    assert b"hunter2" not in files(tmp_path)["a.yaml"]
    async with player(tmp_path, rules=rules) as proxy:
        assert (await ask(proxy.url, "GET /x?a=1&pw=hunter2")).status == 200
        assert (await ask(proxy.url, "POST /y", [FORM], b"a=1&pw=hunter2")).status == 200


@pytest.mark.parametrize("path", ["/bot110201543:{}/sendMessage", "/bot110201543%3A{}/sendMessage", "/v1/token/{}/use"])
async def test_a_credential_in_the_path_is_scrubbed_and_plays(api: Api, tmp_path: Path, path: str) -> None:
    secret = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
    target = path.format(secret)
    api[target] = reply(b'{"ok": true}', JSON)
    async with recorder(api, tmp_path) as proxy:
        heard = await ask(proxy.url, f"POST {target}")
    assert api.arrived[0].target == target
    assert secret.encode() not in files(tmp_path)["a.yaml"]
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, f"POST {target}")).body == heard.body == b'{"ok": true}'


@pytest.mark.parametrize("rules", ["invoice", "generic"])
async def test_a_login_goes_on_under_the_token_that_it_gave_out(api: Api, tmp_path: Path, rules: str) -> None:
    """What only its name shows to be a token is named, and works again where its client sends it."""
    secret = "accs_secret__" + "q8Zk3Lm0Rt7Vw2Yx9Bn4Cd6EhG5sKpJ2fD4gH6jK8lM1nB3"
    api["/login"] = reply(json.dumps({"client_secret": secret}).encode(), JSON)
    async with recorder(api, tmp_path, rules=rules) as proxy:
        login = await ask(proxy.url, "POST /login", [JSON], b'{"password": "hunter2-a"}')
        given = json.loads(login.body)["client_secret"]
        assert given.startswith("accs_secret__") or rules == "generic"
        await ask(proxy.url, "POST /use", [JSON], json.dumps({"client_secret": given}).encode())
        await ask(proxy.url, f"GET /use?client_secret={given}")
    assert [secret in str((each.target, each.body)) for each in api.arrived] == [False, True, True]
    kept = files(tmp_path)["a.yaml"].decode()
    assert secret not in kept
    assert secret[13:] not in kept + str(files(tmp_path / ".replayer"))
    async with player(tmp_path) as proxy:
        again = await ask(proxy.url, "POST /login", [JSON], b'{"password": "hunter2-a"}')
        assert json.loads(again.body)["client_secret"] == given
        assert (await ask(proxy.url, "POST /use", [JSON], json.dumps({"client_secret": given}).encode())).status == 200
        assert (await ask(proxy.url, f"GET /use?client_secret={given}")).status == 200
