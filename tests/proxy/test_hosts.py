"""At a base URL one host: a cassette of several is refused, or played for the one that was chosen; nothing leads away.
As the proxy of clients all of them are played."""

import logging
from pathlib import Path

import pytest

from replayer.errors import UsageError
from replayer.proxy import hosts
from replayer.settings import Settings

from .talking import Wire, ask, on_disk, player, recorder

EXCHANGE = """- request: {{body: null, headers: {{}}, method: GET, uri: '{uri}'}}
  response:
    body: {{string: '{body}'}}
    headers: {{Content-Type: [application/json], Location: ['{link}']}}
    status: {{code: 200, message: OK}}
"""


def cassette(root: Path, *exchanges: tuple[str, str, str]) -> None:
    listed = "".join(EXCHANGE.format(uri=uri, body=body, link=link) for uri, body, link in exchanges)
    (root / "a.yaml").write_text(f"interactions:\n{listed}version: 1\n", "utf-8")


TWO = (
    ("https://a.io/x", '{"of": "a", "next": "https:\\/\\/b.io\\/y?u=https%3A%2F%2Fb.io%2Fz"}', "https://b.io/y"),
    ("https://b.io/x", '{"of": "b"}', "https://a.io/x"),
)


@pytest.mark.parametrize(
    ("others", "named"),
    [
        (["https://b.io"], "https://a.io and https://b.io"),
        (["http://a.io:8080"], "https://a.io and http://a.io:8080"),
        (["https://b.io", "https://c.io"], "https://a.io, https://b.io and https://c.io"),
        (
            [f"https://h{n}.io" for n in range(9)],
            "https://a.io, https://h0.io, https://h1.io, https://h2.io and 6 more",
        ),
    ],
)
async def test_a_cassette_of_several_hosts_is_refused_with_their_names_and_the_setting(
    tmp_path: Path, others: list[str], named: str
) -> None:
    cassette(tmp_path, *((f"{one}/x", "{}", "/") for one in ("https://a.io", *others)))
    with pytest.raises(UsageError) as caught:
        async with player(tmp_path):
            pass
    assert str(caught.value) == (
        f"{tmp_path}/a.yaml holds requests to several hosts, {named}: one proxy stands for one. "
        "Choose it with the setting origin (--origin https://a.io); or play all of them with as_proxy."
    )


@pytest.mark.parametrize(("origin", "own"), [("https://a.io", "a"), ("https://b.io", "b"), ("http://a.io", "a")])
async def test_the_chosen_host_is_played(
    tmp_path: Path, origin: str, own: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    cassette(tmp_path, *TWO)
    async with player(tmp_path, origin=origin) as proxy:
        for _ in range(2):
            assert f'"of": "{own}"'.encode() in (await ask(proxy.url, "GET /x")).body
        assert proxy.receipt.unused == 0
    other = "https://b.io" if own == "a" else "https://a.io"
    assert f"a.yaml also holds 1 request to {other}: not played." in caplog.text


async def test_links_to_the_other_host_never_lead_off_the_machine(tmp_path: Path) -> None:
    cassette(tmp_path, *TWO)
    async with player(tmp_path, origin="https://a.io") as proxy:
        answer = await ask(proxy.url, "GET /x")
        assert answer.header("Location") == f"{proxy.url}/y"
        assert b"b.io" not in answer.body
        assert answer.whole
        missed = await ask(proxy.url, "GET /y")
        assert missed.status == 421


async def test_an_origin_that_is_none_of_them_is_told(tmp_path: Path) -> None:
    cassette(tmp_path, *TWO)
    with pytest.raises(UsageError, match=r"https://b\.io, which https://c\.io is none of: "):
        async with player(tmp_path, origin="https://c.io"):
            pass


@pytest.mark.parametrize("mode", ["all", "new_episodes"])
async def test_recording_over_several_hosts_is_refused(tmp_path: Path, mode: str) -> None:
    cassette(tmp_path, *TWO)
    before = (tmp_path / "a.yaml").read_bytes()
    with pytest.raises(UsageError, match="a recording is of one, and would lose the others"):
        async with recorder("https://a.io", tmp_path, record_mode=mode, origin="https://a.io"):
            pass
    assert (tmp_path / "a.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.io", "https://A.io"),
        ("https://a.io", "https://a.io:443"),
        ("http://a.io:80", "https://a.io"),
        ("https://[::1]:443", "https://[::1]"),
    ],
)
async def test_spellings_of_one_host_are_one(tmp_path: Path, one: str, other: str) -> None:
    assert hosts.host(one) == hosts.host(other)
    cassette(tmp_path, (f"{one}/x", "{}", "/"), (f"{other}/y", "{}", "/"))
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /y")).status == 200


async def test_as_the_proxy_of_clients_all_of_them_are_played(tmp_path: Path) -> None:
    pairs = [(f"http://{name}.io/x", f'{{"from": "{name}"}}', "/") for name in ("a", "b")]
    cassette(tmp_path, *pairs, ("http://a.io/y", "{}", "/"))
    async with player(tmp_path, as_proxy=True) as proxy:
        for _ in range(3):  # from the third time on by their bytes alone
            for name in ("a", "b"):
                answer = await ask(proxy.url, f"GET http://{name}.io/x", [], host=f"{name}.io")
                assert (answer.status, answer.body) == (200, f'{{"from": "{name}"}}'.encode())
        assert (await ask(proxy.url, "GET /y", [], host="a.io")).status == 200
        assert (await ask(proxy.url, "GET /y", [], host="b.io")).status == 421
        for other in ("a.io:99999", "b.io:8080", "c.io", "a.io.b.io"):
            assert (await ask(proxy.url, "GET /y", [], host=other)).status == 403
        assert (await ask(proxy.url, "GET /y", [], host="A.io:80")).status == 200


async def test_equal_requests_to_two_hosts_are_told_apart_by_their_bytes_too(tmp_path: Path) -> None:
    cassette(tmp_path, *((f"http://{name}.io/x", f'{{"from": "{name}"}}', "/") for name in ("a", "b")))
    async with player(tmp_path, as_proxy=True) as proxy:
        wire = await Wire.to(proxy.url)
        for _ in range(3):
            for name in ("a", "b"):
                await wire.send(f"GET /x HTTP/1.1\r\nHost: {name}.io\r\n\r\n".encode())
                assert f'{{"from": "{name}"}}'.encode() in await wire.hear(b"}")
        await wire.close()


def test_what_would_be_lost_is_told_and_what_is_named_is_not(tmp_path: Path) -> None:
    cassette(tmp_path, *TWO)
    recorded = on_disk(tmp_path / "a.yaml")
    played, anew = Settings(as_proxy=True), Settings(as_proxy=True, record_mode="all")
    assert hosts.others(recorded, "https://a.io", played, tmp_path) == ("https://b.io",)
    with pytest.raises(
        UsageError,
        match=r"also holds requests to https://b\.io, .* Name them in the setting more_upstreams \(--upstream https://b\.io\)\.",
    ):
        hosts.others(recorded, "https://a.io", anew, tmp_path)
    both = Settings(as_proxy=True, record_mode="all", more_upstreams=["https://b.io"])
    assert hosts.others(recorded, "https://a.io", both, tmp_path) == ("https://b.io",)
    assert hosts.others(None, "https://a.io", both, tmp_path) == ("https://b.io",)
