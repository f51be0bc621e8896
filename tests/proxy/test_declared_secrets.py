"""What a user declares to be a secret, by its field's name or with that before its value, is on no disk and plays."""

import json
from pathlib import Path
from typing import Any

import pytest

from replayer.cli import run

from .talking import BEARER, FORM, JSON, Api, ask, files, on_disk, player, recorder, reply

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


R = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SMALL = "9aa3d95b3bc440fa88ea12eaa4456161"  # a number, which may also be what a program made up
IN_PATHS = [
    ("/bot110201543:{}/sendMessage", R),
    ("/bot110201543%3A{}/sendMessage", R),
    ("/file/bot110201543:{}/photos/1.jpg", R),
    ("/v1/token/{}/use", R),
    ("/trigger/door/with/key/{}", "dQw4w9WgXcQ-3fGh1JkLmN0pQrStUvW_xYz12abc"),
    ("/v2/access-token/{}", "Zq8Rt5Yw2Xc9Vb6Nm3"),
    ("/api/apikey/{}/items", SMALL),
    ("/v1/key={}/items", R),
    ("/v1/items;token={};v=1", R),
    ("/v1/items;jsessionid={}", "1A530637289A03B07199A44E8D531427"),
    ("/v1/token:{}/x", R),
    ("/v3/{}", SMALL),
    ("/v2/{}/eth", "aBcD3fGh1JkLmN0pQrStUvWxYz-12345"),
    ("/v6/{}/latest/USD", "1a2b3c4d5e6f7a8b9c0d1e2f"),
    ("/password/reset/{}", R),
    ("/auth/magic/{}", R),
    ("/api/webhooks/1012345678901234567/{}", "pQ7dXk3l-Zx_vB8nM2wR5tY9uI4oP1aS6dF3gH0jK7lQ2wE5rT8yU1iO4pA6sD9fG3h"),
    ("/hooks/catch/1234567/{}/", "b2k9x0q"),
    ("/hooks/{}", R),
    ("/unsubscribe/eyJhbGciOiJIUzI1NiJ9.{}.dozjgNryP4J3jVmNHl0w5N", "eyJzdWIiOiIxMjM0NTY3ODkwIn0"),
    ("/v1/account/sk_test_{}/x", "4eC39HqLyjWDarjtT1zdp7dc"),
    ("/fetch/https%3A%2F%2Fbob%3A{}%40x.io%2Fa", "hunter2secret"),
]


@pytest.mark.parametrize("rules", ["invoice", "generic"])
@pytest.mark.parametrize(("path", "secret"), IN_PATHS)
async def test_a_credential_in_the_path_is_scrubbed_and_plays(
    api: Api, tmp_path: Path, path: str, secret: str, rules: str
) -> None:
    target = path.format(secret)
    api[target] = reply(b'{"ok": true}', JSON)
    async with recorder(api, tmp_path, rules=rules) as proxy:
        heard = await ask(proxy.url, f"POST {target}")
    assert api.arrived[0].target == target
    assert secret not in str(files(tmp_path)) + str(files(tmp_path / ".replayer"))
    assert run(["audit", str(tmp_path / "a.yaml")]) == 0
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, f"POST {target}")).body == heard.body == b'{"ok": true}'


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers/cus_NffrFeUfNV2Hib",
        "/v1/tokens/tok_1MzFzb2eZvKYlo2C0M8Lw1hN",
        "/users/8f14e45f-ceea-467f-8f0a-3c1d2b4a5e6f/reset/password-by-mail",
        "/v1/the-long-name-of-a-collection/1",
        "/repos/key:value-of-a-label/x",
        "/v2/library/python/manifests/latest",
    ],
)
async def test_what_only_stands_in_a_path_is_asked_as_it_is(api: Api, tmp_path: Path, path: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, f"GET {path}")
    assert "*" not in on_disk(tmp_path / "a.yaml").interactions[0].request.target


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
