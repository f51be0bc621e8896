"""`--replayer-block-network`: no test connects to anywhere but this machine. What a test tried names the test, the
address and the line, and fails the test even if it swallowed the error. Sessions of ours still reach their upstream.
"""

import inspect
import sys
import threading
import traceback
from collections.abc import Generator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from replayer.errors import MissError

EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
OURS = "replayer"  # the name of the threads that sessions run in
HERE = ("", "localhost", "localhost.localdomain", "ip6-localhost")
ELSEWHERE = (str(Path(pytest.__file__).parent), str(Path(threading.__file__).parent), "site-packages", __file__)


class BlockedError(MissError):
    """A test tried to reach another machine."""

    __module__ = "builtins"  # the short summary would begin with the path of ours


class _Guard:
    """Looks at each connection of this process while a test runs. An audit hook cannot be taken out again: there is one
    for all runs, and it does nothing unless a test is being watched."""

    def __init__(self) -> None:
        self.test = ""
        self.tried: list[str] = []
        self._is_laid = False

    def lay(self) -> None:
        if not self._is_laid:
            self._is_laid = True
            sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.test or event not in EVENTS:
            return
        __tracebackhide__ = True
        where = _elsewhere(event, arguments)
        if where and not _is_ours():
            message = f"{self.test} tried to reach {where}, {_line()}. The network is blocked."
            self.tried.append(message)
            raise BlockedError(message)


_guard = _Guard()


def _elsewhere(event: str, arguments: tuple[Any, ...]) -> str:
    """The address of another machine that is asked for; empty where it is this one, or none."""
    if event == "socket.getaddrinfo":
        host, port = arguments[0], arguments[1]
    else:
        address = arguments[1]
        if not isinstance(address, tuple):
            return ""  # a socket of this machine
        host, port = address[0], address[1]
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")
    if name.lower() in HERE:
        return ""
    try:
        found = ip_address(name.partition("%")[0])
    except ValueError:
        return f"{name}:{port}" if port else name
    return "" if found.is_loopback or found.is_unspecified else f"{name}:{port}"


def _is_ours() -> bool:
    return threading.current_thread().name.startswith(OURS)


def _line() -> str:
    """The line of the test, or of the program under test, that tried."""
    for frame, number in traceback.walk_stack(inspect.currentframe()):
        name = frame.f_code.co_filename
        if not name.startswith("<") and not any(part in name for part in ELSEWHERE):
            return f"{name}:{number}"
    return f"in the thread {threading.current_thread().name}"


def _is_wanted(config: pytest.Config) -> bool:
    return bool(config.getoption("replayer_block_network") or config.getini("replayer_block_network"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not _is_wanted(item.config):
        return (yield)
    _guard.lay()
    before, _guard.test = _guard.test, item.nodeid
    try:
        return (yield)
    finally:
        _guard.test = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if not _is_wanted(item.config):
        return (yield)
    _guard.tried.clear()
    result = yield
    if _guard.tried:
        pytest.fail("\n".join(f"replayer: {each}" for each in dict.fromkeys(_guard.tried)), pytrace=False)
    return result
