"""A folder to be in, and servers that end with the test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .servers import Server, Start


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to be in, for commands that are run in this program."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(*words: str, **environment: str) -> Server:
            server = Server(tmp_path, *words, environment=environment)
            stack.callback(server.close)
            return server

        yield started
