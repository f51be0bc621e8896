"""`replayer serve` as a program: its token, its lines, how it ends, and what is left when it is killed."""

import re
import resource
import signal
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.proxy.talking import on_disk

from .servers import KEY, Server, Start, recorded, refused

AT = "/__replayer__/sessions"


def calls(server: Server, token: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Replayer-Token": token}, trust_env=False)


def opened(client: httpx.Client, cassette: str, **settings: Any) -> dict[str, Any]:
    answer = client.post(AT, json={"cassette": cassette, **settings})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def customers(session: dict[str, Any], **params: Any) -> int:
    return httpx.get(f"{session['url']}/v1/customers", params=params, headers=KEY, trust_env=False).status_code


def test_it_ejects_all_sessions_with_a_line_each_and_exits_with_0(start: Start, tmp_path: Path) -> None:
    server = start("serve", "--cassettes", "c", "--upstream", "sandbox", "--token-file", "token")
    token = (tmp_path / "token").read_text().strip()
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    with calls(server, token) as client:
        for name in ("a.yaml", "b.yaml"):
            assert customers(opened(client, name)) == 200
    if (limits := Path(f"/proc/{server.program.pid}/limits")).exists():
        soft = re.search(r"Max open files +(\d+)", limits.read_text())
        assert soft
        assert int(soft[1]) == min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 16)  # all that it may have
    code, stdout, stderr = server.end()
    assert (code, stdout) == (0, "")
    assert re.match(r"a\.yaml: GET /v1/customers 200 recorded \d+ ms\nb\.yaml: GET", stderr)
    receipts = [line for line in stderr.splitlines() if line.startswith("replayer: ")]
    assert sorted(receipts) == [
        f"replayer: {name}: 1 recorded, 0 played, 0 synthesized, 0 missed, 0 unused" for name in ("a.yaml", "b.yaml")
    ]
    assert token not in stderr
    assert {path.name for path in (tmp_path / "c").iterdir()} >= {"a.yaml", "b.yaml"}


def test_idle_sessions_are_ejected_and_a_miss_of_theirs_makes_it_exit_with_1(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = start("serve", "--quiet", "--idle", "0.5", REPLAYER_RECORD_MODE="none")
    assert server.program.stderr is not None
    line = server.program.stderr.readline()
    token = re.fullmatch(r"replayer: the token is (\S{32})\n", line)
    assert token, line
    with calls(server, token[1]) as client:
        session = opened(client, "shop.yaml")
        assert session["mode"] == "none"
        assert customers(session, limit=3) == 421
        for _ in range(200):  # asking for one session would be using it
            if not client.get(AT).json()["sessions"]:
                break
            time.sleep(0.02)
        assert client.delete(f"{AT}/{session['id']}").json()["receipt"]["missed"] == 1
    code, _, stderr = server.end(signal.SIGINT)
    assert code == 1
    assert 'To fix: open it with "mode": "all"' in stderr
    receipt = "0 recorded, 0 played, 0 synthesized, 1 missed, 1 unused"
    assert stderr.splitlines()[-1] == f"replayer: shop.yaml: {receipt} (ejected: idle for 0.5 seconds)"


def test_a_kill_loses_nothing_that_was_answered(start: Start, tmp_path: Path) -> None:
    server = start("serve", "--upstream", "sandbox", "--token-file", "token")
    with calls(server, (tmp_path / "token").read_text().strip()) as client:
        sessions = [opened(client, f"{number}.yaml") for number in range(3)]
        for session in sessions:
            assert [customers(session, limit=limit) for limit in (1, 2)] == [200, 200]
    server.end(signal.SIGKILL)
    assert [len(on_disk(tmp_path / f"{number}.yaml.journal").interactions) for number in range(3)] == [2, 2, 2]


def test_what_cannot_be_is_refused_in_a_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "file").write_text("")
    (here / "token").write_text("two words")
    assert refused("serve --cassettes file", capfd) == (
        "file is no folder. Name the one that cassettes live in: --cassettes DIR."
    )
    assert refused("serve --token-file token", capfd).startswith("The token file token holds no token.")
    assert "--idle" in refused("serve --idle 0", capfd)
    assert "Did you mean 'once'?" in refused("serve --record-mode onse", capfd)
