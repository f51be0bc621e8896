"""What went wrong elsewhere, by its number: each is a test that this program is immune to it, from outside."""

import json
from pathlib import Path

import pytest

from replayer import Replayer
from replayer.cassettes import folder
from replayer.errors import CassetteError, ReplayerError, UsageError
from replayer.sandbox import Sandbox

from .talking import BEARER, JSON, Api, ask, files, player, recorder, reply

OUTSIDE = ["../evil.yaml", "a/../../evil.yaml", "/etc/passwd", "C:\\evil.yaml", "..\\evil.yaml", "//host/evil.yaml"]
TAGS = [
    "!!python/object/apply:os.system ['touch {proof}']",
    "!!python/object/new:os.system ['touch {proof}']",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/object/apply:subprocess.check_output [[touch, {proof}]]",
    "!ruby/object:Gem::Installer {{i: x}}",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_cve_2024_45388_no_name_leads_out_of_the_root(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(UsageError, match="The cassette name"):
        folder.locate(root, name)
    with (
        pytest.raises(ReplayerError),
        Replayer(name, root=root, upstream="sandbox", record_mode="all"),
    ):
        raise AssertionError
    assert [path.name for path in tmp_path.rglob("*")] == ["root"]


async def test_cve_2024_45388_no_body_is_read_from_a_path(tmp_path: Path) -> None:
    """`bodyFile` was a path that an import followed; here a body is what stands in the file, and nothing else."""
    (tmp_path / "secret").write_text("the secret", "utf-8")
    (tmp_path / "a.yaml").write_text(
        "interactions:\n- request: {body: null, headers: {}, method: GET, uri: 'https://x.io/a'}\n"
        f"  response: {{bodyFile: {tmp_path}/secret, body: {{string: '{{}}', file: {tmp_path}/secret}},\n"
        "    headers: {}, status: {code: 200, message: OK}}\nversion: 1\n",
        "utf-8",
    )
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /a")).body == b"{}"


@pytest.mark.parametrize("line", ["GET", "POST", "PUT", "DELETE", "CONNECT"])
async def test_cve_2025_23217_its_own_paths_are_not_reached_through_the_proxy(
    api: Api, tmp_path: Path, line: str
) -> None:
    """mitmweb's control API answered whoever asked the proxy for it."""
    async with recorder(api, tmp_path) as proxy:
        port = proxy.url.rpartition(":")[2]
        for target in (f"http://127.0.0.1:{port}/__replayer__/sessions", f"127.0.0.1:{port}", "/__replayer__/sessions"):
            answer = await ask(proxy.url, f"{line} {target}")
            assert answer.status in (400, 404)
    assert api.arrived == []


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "localhost:evil.example", ""]
)
async def test_cve_2018_14505_a_name_that_was_made_to_point_here_is_refused(
    api: Api, tmp_path: Path, host: str
) -> None:
    """DNS rebinding at mitmweb."""
    async with recorder(api, tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x", host=host or " ")).status == 403
    assert api.arrived == []


async def test_cve_2023_41329_what_is_sent_on_goes_to_the_upstream_that_was_reached_at_start(
    api: Api, tmp_path: Path
) -> None:
    """WireMock could be led to hosts that it was told not to ask, by names and by redirects."""
    async with Api() as other:
        api["/v1/x"] = reply(b"", ("Location", f"{other.url}/internal"), status="307 Temporary Redirect")
        async with recorder(api, tmp_path) as proxy:
            assert (await ask(proxy.url, "GET /v1/x")).status == 307
            assert (await ask(proxy.url, f"GET {other.url}/internal")).status == 400
        assert other.arrived == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_cve_2021_32827_no_page_of_another_origin_reads_or_writes(api: Api, tmp_path: Path, origin: str) -> None:
    """MockServer's CORS allowed any page to set up expectations, and those ran code."""
    api["/v1/x"] = reply(b"{}", JSON, ("Access-Control-Allow-Origin", "*"))
    preflight = [("Origin", origin), ("Access-Control-Request-Method", "POST")]
    async with recorder(api, tmp_path) as proxy:
        for line in ("OPTIONS /v1/x", "POST /v1/x", "POST /__replayer__/sessions"):
            answer = await ask(proxy.url, line, preflight)
            assert answer.status == 403
            assert answer.header("Access-Control-Allow-Origin") is None
        own = await ask(proxy.url, "GET /v1/x", [BEARER, ("Origin", proxy.url)])
        assert (own.status, own.header("Access-Control-Allow-Origin")) == (200, None)
    async with Sandbox(token="t") as sandbox:
        answer = await ask(sandbox.url, "POST /__sandbox__/reset", [*preflight, ("Sandbox-Token", "t")])
        assert answer.status == 403


async def test_cve_2025_54123_nothing_that_is_sent_is_run(api: Api, tmp_path: Path) -> None:
    """Hoverfly's control API took a program to run as middleware; here none is taken from anywhere."""
    proof = tmp_path / "proof"
    body = json.dumps({"binary": "sh", "script": f"touch {proof}", "middleware": f"touch {proof}"}).encode()
    async with recorder(api, tmp_path) as proxy:
        for path in ("/__replayer__/middleware", "/__replayer__/sessions", "/api/v2/hoverfly/middleware"):
            await ask(proxy.url, f"PUT {path}", [BEARER, JSON], body)
    assert not proof.exists()
    assert list(files(tmp_path)) == ["a.yaml"]


@pytest.mark.parametrize("tag", TAGS)
def test_ghsa_rpj2_4hq8_938g_a_tag_in_a_cassette_runs_nothing(tmp_path: Path, tag: str) -> None:
    """vcrpy before 8 made whatever a tag asked for."""
    proof = tmp_path / "proof"
    path = tmp_path / "a.yaml"
    path.write_text(f"version: 1\ninteractions:\n- request: {tag.format(proof=proof)}\n  response: x\n", "utf-8")
    with pytest.raises(CassetteError, match=r"the tag '.*' is refused, nothing was made of it"):
        folder.read(path)
    assert not proof.exists()


@pytest.mark.parametrize(
    "name", ["x-recording-upstream-base-uri", "X-Forwarded-Host", "Forwarded", "X-Original-Url", "Via", "X-Rewrite-Url"]
)
async def test_the_upstream_is_chosen_by_no_header(api: Api, tmp_path: Path, name: str) -> None:
    """The test proxy of the Azure SDKs asks whom a header names."""
    async with Api() as other:
        async with recorder(api, tmp_path) as proxy:
            value = f"host={other.url}" if name == "Forwarded" else other.url
            assert (await ask(proxy.url, "GET /v1/x", [BEARER, (name, value)])).status == 200
        assert (len(api.arrived), other.arrived) == (1, [])
