"""What a program is told so that it asks by our proxy and believes us: in its environment, or in words."""

import re
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer import Replayer
from replayer.cli import run, trusting

from .servers import KEY, Start, refused, replay

THERE = "https://api.stripe.com"  # what the sandbox stands in for
# A program that knows nothing but the API's own address, and another host.
PROGRAM = """
import sys, urllib.error, urllib.request as http
def ask(path, form=None):
    request = http.Request("https://api.stripe.com" + path, form, {"Authorization": "Bearer sk_test_made_up"})
    return http.urlopen(request).read().decode()
print(ask("/v1/customers", b"name=Ada"), ask("/v1/customers?limit=3"))
for other in sys.argv[1:]:
    try:
        http.urlopen(other)
    except OSError as error:
        print(other, error)
"""


Beside = Callable[..., tuple[int, str, str]]


@pytest.fixture
def beside(here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Beside:
    """The program, with the proxy beside it: exit code, stdout, stderr. `others` are the addresses that it asks too."""
    for name in (*trusting.DIRECTLY, *trusting.PROXIES):
        monkeypatch.delenv(name, raising=False)

    def run_beside(*others: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        line = ["exec", "--cassette", "a.yaml", "--as-proxy", *options, "--", sys.executable, "-c", PROGRAM, *others]
        return run(line), *capfd.readouterr()

    assert here == Path.cwd()
    return run_beside


@pytest.mark.long
def test_the_same_line_records_and_replays_what_is_asked_under_the_apis_own_address_and_refuses_others(
    here: Path, beside: Beside
) -> None:
    code, first, told = beside(options=("--upstream", "sandbox"))
    assert code == 0, told
    assert beside()[:2] == (0, first)
    assert f"uri: {THERE}/v1/customers\n" in (here / "a.yaml").read_text("utf-8")
    code, said, told = beside("https://other.example/x", "http://other.example/y")
    assert code == 1
    assert "https://other.example/x <urlopen error Tunnel connection failed: 403 Forbidden>" in said
    assert "http://other.example/y HTTP Error 403: Forbidden" in said
    assert f"This session stands for {THERE}, not for other.example:443: nothing was sent there." in told
    assert "set NO_PROXY=other.example for it" in told
    assert "2 played, 0 synthesized, 2 missed" in told


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    with Replayer("shop.yaml", root=tmp_path, upstream="sandbox", record_mode="all") as running:
        httpx.post(f"{running.url}/v1/customers", data={"name": "Ada"}, headers=KEY, trust_env=False)
    return tmp_path


def environment(root: Path, own: dict[str, str], **settings: Any) -> dict[str, str]:
    with Replayer("shop.yaml", root=root, **settings) as running:
        return trusting.environment(running._running.entrance, own, root)  # noqa: SLF001 - as exec does


@pytest.mark.parametrize(
    ("own", "directly"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "internal.example, 10.0.0.0/8"}, "127.0.0.1,localhost,::1,internal.example,10.0.0.0/8"),
        ({"no_proxy": "a.example"}, "127.0.0.1,localhost,::1,a.example"),
        ({"NO_PROXY": "*"}, "127.0.0.1,localhost,::1"),
        (
            {"NO_PROXY": ".stripe.com,*.stripe.com,api.stripe.com:443,e.com,f.com"},
            "127.0.0.1,localhost,::1,f.com",
        ),
    ],
)
def test_no_entry_of_ones_own_leads_past_the_proxy_to_the_real_api(
    recorded: Path, own: dict[str, str], directly: str
) -> None:
    found = environment(recorded, own, as_proxy=True)
    assert found["NO_PROXY"] == found["no_proxy"] == directly


def test_an_upstream_on_this_machine_is_not_asked_directly() -> None:
    assert trusting._covers("127.0.0.1", "127.0.0.1")  # noqa: SLF001
    assert trusting._covers("10.0.0.0/8", "10.1.2.3")  # noqa: SLF001
    assert not trusting._covers("10.0.0.0/8", "api.example.com")  # noqa: SLF001
    assert not trusting._covers("::1", "127.0.0.1")  # noqa: SLF001


def test_a_program_believes_what_it_believed_and_us(recorded: Path) -> None:
    with Replayer("shop.yaml", root=recorded, https=True) as running:
        found = trusting.environment(running._running.entrance, {}, recorded)  # noqa: SLF001
        bundles = {
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "GIT_SSL_CAINFO",
            "AWS_CA_BUNDLE",
            "PIP_CERT",
        }
        assert set(found) == {*bundles, "NODE_EXTRA_CA_CERTS"}
        assert len({found[name] for name in bundles}) == 1
        bundle, ours = Path(found["SSL_CERT_FILE"]), Path(found["NODE_EXTRA_CA_CERTS"])
        before = len(ssl.create_default_context().get_ca_certs())
        assert bundle.read_text().count("BEGIN CERTIFICATE") == before + 1
        assert bundle.read_text().startswith(ours.read_text())
        assert bundle.parent == recorded
    assert not ours.exists()


def test_who_speaks_http_alone_tells_nothing(recorded: Path) -> None:
    assert environment(recorded, {}) == {}


@pytest.mark.long
@pytest.mark.usefixtures("recorded")
def test_a_server_says_in_words_what_to_set(start: Start) -> None:
    server = replay(start, "--as-proxy")
    assert server.url.startswith("http://127.0.0.1:")
    _, stdout, stderr = server.end()
    assert stdout == ""
    told = re.search(r"for your program: (.*)", stderr)
    assert told
    assert f"HTTPS_PROXY={server.url} HTTP_PROXY={server.url} https_proxy={server.url} http_proxy=" in told[1]
    assert told[1].endswith(" NODE_USE_ENV_PROXY=1")
    page = (Path(trusting.__file__).parents[1] / "manual" / "https.md").read_text("utf-8")
    table = page.partition("| variable |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `") and "REPLAYER_URL" not in line]
    listed = {name for row in rows for name in re.findall(r"`([A-Za-z_]+)`", row)}
    assert listed == set(re.findall(r"(\w+)=", told[1]))
    assert re.search(rf"to try it: curl --proxy {server.url} --cacert \S+ca\.pem {THERE}\n", stderr)


@pytest.mark.long
@pytest.mark.usefixtures("recorded")
def test_the_ready_line_of_one_that_speaks_tls_says_so(start: Start) -> None:
    server = replay(start, "--https", "--host", "proxy.test")
    assert re.fullmatch(r"https://127\.0\.0\.1:\d+", server.url)
    _, _, stderr = server.end()
    assert re.search(rf"to try it: curl --cacert \S+ca\.pem {server.url}\n", stderr)
    assert "replayer: This proxy may be asked under other names, too: proxy.test." in stderr


def test_check_says_aloud_that_it_believes_anybody(recorded: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["check", str(recorded / "shop.yaml"), "--upstream", "https://127.0.0.1:9", "--insecure-upstream"])
    assert "The upstream's certificate is not checked (insecure_upstream)" in capfd.readouterr().err


@pytest.mark.usefixtures("here")
def test_what_does_not_go_together_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert "Leave https out." in refused("replay --cassette a.yaml --https --as-proxy", capfd)
    assert "'a:80' is no name" in refused("replay --cassette a.yaml --host a:80", capfd)
    assert "'nowhere', is none" in refused("replay --cassette a.yaml --listen nowhere", capfd)
