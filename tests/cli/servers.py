"""Commands that listen, as real programs, ended by real signals; and the cassette of a small shop."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from replayer import Replayer
from replayer.cli import run
from tests.forked import replayer

HOME = Path(__file__).parents[2]
KEY = {"Authorization": "Bearer sk_test_4eC39HqLyjWDarjtT1zdp7dc"}
# One page of one invoice, with a real id in it.
CASSETTE = """\
version: 1
replayer:
  upstream: https://api.stripe.com
  rules: invoice
  epoch: '2026-01-01T00:00:00Z'
interactions:
- request:
    method: GET
    uri: https://api.stripe.com/v1/invoices?created%5Bgte%5D=1
    body: null
    headers: {}
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      string: |-
        {"object": "list", "data": [{"id": "in_1MtHbELkdIwHu7ixl4OzzPMv", "object": "invoice"}]}
...
"""
INSPECTOR = re.compile(r"(?m)^replayer: inspector at http\S+\n")  # each of these has its page; who tests that looks
READY = re.compile(r"replayer: listening on (https?://127\.0\.0\.1:\d+)\n")


class Server:
    """One running command. `end` tells its exit code, what more it printed on stdout, and its stderr."""

    def __init__(self, folder: Path, *words: str, environment: dict[str, str]) -> None:
        command = [*replayer(), *words]
        self.program = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(HOME)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        ready = READY.fullmatch(line)
        if ready is None:
            pytest.fail(f"{command} printed {line!r} and {self.program.communicate()[1]}")
        self.url = ready[1]
        self.client = httpx.Client(base_url=self.url, headers=KEY, trust_env=False)

    def make_customer(self, name: str = "Ada") -> httpx.Response:
        return self.client.post("/v1/customers", data={"name": name})

    def end(self, *signals: signal.Signals) -> tuple[int, str, str]:
        if signal.SIGKILL not in signals:  # what is killed shall not have seen that its client left
            self.client.close()
        for number in signals or [signal.SIGTERM]:
            self.program.send_signal(number)
        stdout, stderr = self.program.communicate(timeout=10)
        self.client.close()
        return self.program.returncode, stdout, INSPECTOR.sub("", stderr)

    def close(self) -> None:
        self.client.close()
        if self.program.returncode is None:
            self.program.kill()
            self.program.communicate()


Start = Callable[..., Server]


def recorded(folder: Path) -> bytes:
    """A cassette with one customer, made in this program because that is quicker; its text."""
    with Replayer("shop.yaml", root=folder, upstream="sandbox", record_mode="all") as running:
        httpx.post(f"{running.url}/v1/customers", data={"name": "Ada"}, headers=KEY, trust_env=False)
    return (folder / "shop.yaml").read_bytes()


def record(start: Start, *words: str) -> Server:
    return start("record", "--upstream", "sandbox", "--cassette", "shop.yaml", *words)


def replay(start: Start, *words: str) -> Server:
    return start("replay", "--cassette", "shop.yaml", *words)


def refused(words: str, capfd: pytest.CaptureFixture[str]) -> str:
    """The one line that a command line is refused with."""
    assert run(words.split()) == 2
    stdout, stderr = capfd.readouterr()
    assert stdout == ""
    assert stderr.startswith("replayer: ")
    assert stderr.count("\n") == 1
    return stderr.removeprefix("replayer: ").removesuffix("\n")
