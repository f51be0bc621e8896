"""The options, the ini options and the markers. A wrong one is refused before the first test."""

import pytest

from replayer.errors import UsageError, unknown
from replayer.pytest_plugin import shards

MARKER = (
    "replayer(cassette=..., upstream=..., record_mode=..., ...): settings of the fixture `replayer` for this test; "
    "cassette is relative to the test file's folder"
)
PYTEST_RECORDING = {"rewrite": "all"}  # its mode that we call by another name


def _modes() -> list[str]:
    from replayer.core.modes import Mode  # late: most runs name no mode

    return [mode.value for mode in Mode]


def add(parser: pytest.Parser) -> None:
    group = parser.getgroup("replayer", "record and replay HTTP (replayer)")
    group.addoption(
        "--replayer-mode",
        metavar="MODE",
        help="Record mode of all tests: none, once, new_episodes, all, or rewrite, which is all. Default: none, which "
        "only replays.",
    )
    group.addoption(
        "--replayer-upstream", metavar="URL", help="The API to record from, or 'sandbox' for the embedded invoice API."
    )
    group.addoption(
        "--replayer-receipt",
        metavar="FILE",
        help="Write what came of the run to that file, as JSON, for `replayer report`.",
    )
    group.addoption(
        "--replayer-shard-dir",
        metavar="DIR",
        help="Write what is recorded below DIR/SHARD, for `replayer merge DIR/* --out .`, and not beside the tests.",
    )
    group.addoption(
        "--replayer-shard",
        metavar="NAME",
        help="The name of this shard. Default: the number of the parallel job, as CI systems tell it, and the worker "
        "of pytest-xdist; else main.",
    )
    group.addoption(
        "--replayer-settings",
        action="store_true",
        help="Print each setting of the tests that ran, and where it comes from.",
    )
    group.addoption(
        "--replayer-orphans",
        action="store_true",
        help="Print the cassettes that no collected test has, and fail where there are any.",
    )
    group.addoption(
        "--replayer-block-network",
        action="store_true",
        help="Let no test connect to anywhere but this machine. Recordings still reach their upstream.",
    )
    group.addoption(
        "--disable-replayer",
        action="store_true",
        help="Give tests the address of the upstream itself: nothing is recorded or replayed.",
    )
    parser.addini("replayer_mode", "Record mode of tests that do not say another.", default="")
    parser.addini("replayer_upstream", "The API to record from, where tests do not say another.", default="")
    parser.addini("replayer_block_network", "As --replayer-block-network.", type="bool", default=False)


def check(config: pytest.Config) -> None:
    """Declare the marker; refuse a wrong mode now, not at each test."""
    config.addinivalue_line("markers", MARKER)
    shards.check(config)
    for mode in (config.getini("replayer_mode"), config.getoption("replayer_mode")):
        if mode and PYTEST_RECORDING.get(mode, mode) not in _modes():
            raise pytest.UsageError(str(unknown(mode, "record mode", _modes())))


def on_command_line(config: pytest.Config) -> dict[str, str]:
    """The settings that the command line gives to all tests."""
    upstream, receipt = config.getoption("replayer_upstream"), config.getoption("replayer_receipt")
    return _present(record_mode=_mode(config), upstream=upstream, receipt=receipt)


def in_ini_file(config: pytest.Config) -> dict[str, str]:
    """Those that the ini file does."""
    return _present(record_mode=config.getini("replayer_mode"), upstream=config.getini("replayer_upstream"))


def _present(**given: str | None) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}


def _mode(config: pytest.Config) -> str | None:
    """The mode on the command line: by our option, else by the one of pytest-recording where that is installed."""
    ours: str | None = config.getoption("replayer_mode")
    theirs = config.getoption("record_mode", None)
    if ours or not isinstance(theirs, str):
        return ours
    theirs = PYTEST_RECORDING.get(theirs, theirs)
    return theirs if theirs in _modes() else None  # else it is an option of some other plugin


def refuse_both(item: pytest.Item) -> None:
    """UsageError where pytest-recording, or pytest-vcr, would come between a test and its proxy."""
    if item.get_closest_marker("vcr") is not None:
        raise UsageError(
            f"{item.nodeid} has the marker 'vcr', which would catch the test's own call to the proxy. Take the marker "
            "off: the fixture 'replayer' records and replays by itself, and plays the same cassette."
        )
    marker, option = item.get_closest_marker("block_network"), item.config.getoption("block_network", None)
    is_there = option is not None or item.config.pluginmanager.hasplugin("recording")
    if not is_there or (marker is None and not option):
        return
    hosts = list(marker.kwargs.get("allowed_hosts", ())) if marker else []
    hosts += (item.config.getoption("allowed_hosts", None) or "").split(",")
    allowed = item.get_closest_marker("allowed_hosts")
    hosts += allowed.args[0] if allowed and allowed.args else ()
    if not any(host.startswith("127.0.0.1") or host in (".*", "127.*", r"127\..*") for host in hosts):
        raise UsageError(
            f"{item.nodeid}: --block-network of pytest-recording blocks the proxy on 127.0.0.1, too. Add "
            "--allowed-hosts=127.0.0.1, or take --replayer-block-network, which lets this machine be."
        )
