"""One server for all tests of the clients, each of which has cassettes of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.servers import Server


@dataclass(frozen=True)
class Running:
    """A server of sessions: its address, its token, and the folder that its cassettes live in."""

    url: str
    token: str
    root: Path


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("served")
    words = ("serve", "--upstream", "sandbox", "--token-file", "token", "--quiet")
    server = Server(root, *words, environment={})
    yield Running(server.url, (root / "token").read_text(), root)
    server.close()
