"""The fixtures: one session each, for a test, for a module, for a whole run. They may be nested."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from replayer.errors import ReplayerError, UsageError
from replayer.pytest_plugin import collecting, layers, names, options, settings_report
from replayer.pytest_plugin.attendance import ATTENDANCE, Use
from replayer.testing import verdict

if TYPE_CHECKING:
    from replayer import Replayer


@pytest.fixture(name=names.FIXTURE)
def _replayer(request: pytest.FixtureRequest) -> "Iterator[Replayer]":
    """A running proxy with this test's own cassette: `.url`, `.play_count`, `.misses`, `.cassette`.

    It replays `cassettes/<module>/<test>.yaml`, beside the test file, unless `--replayer-mode` or a marker says to
    record. A request that the cassette cannot answer fails the test, even where the client swallowed the error.
    """
    yield from _session(request)


@pytest.fixture(name=names.MODULE, scope="module")
def _replayer_module(request: pytest.FixtureRequest) -> "Iterator[Replayer]":
    """A running proxy that all tests of a module share, with the cassette `cassettes/<module>.yaml`."""
    yield from _session(request)


@pytest.fixture(name=names.SESSION, scope="session")
def _replayer_session(request: pytest.FixtureRequest) -> "Iterator[Replayer]":
    """A running proxy that all tests of the run share, with the cassette `cassettes/session.yaml` below the root."""
    yield from _session(request)


def _session(request: pytest.FixtureRequest) -> "Iterator[Any]":
    """A session that runs as long as the fixture."""
    trouble, running = "", None
    try:
        running = _begun(request)
    except ReplayerError as error:
        trouble = f"replayer: {error}"
    if running is None:  # outside of the handler: pytest would show both errors
        pytest.fail(trouble, pytrace=False)
    if request.config.getoption("disable_replayer"):
        with running:
            yield running
        return
    use = request.config.stash[ATTENDANCE].use_of(running)
    use.judged = request.scope == "function"
    yield running
    _ejected(use, request)


def _begun(request: pytest.FixtureRequest) -> Any:
    node, config = request.node, request.config
    if isinstance(node, pytest.Item):
        collecting.refuse_shared(node)
        options.refuse_both(node)
    chosen = layers.chosen(request)
    settings = chosen.settings
    settings_report.keep(config, node.nodeid or "the whole run", chosen)
    if config.getoption("disable_replayer"):
        from replayer.proxy.straight import Straight  # late: hardly anybody needs it

        return Straight(settings)
    from replayer.proxy.replayer import Replayer  # late: it brings aiohttp

    remedy = names.remedy(node, settings)
    if together := collecting.torn(request):
        if names.would_record(settings):
            raise UsageError(
                f"The tests of a {request.scope} share {request.fixturename}, and pytest-xdist gives them to several "
                f"workers, each of which would record a part. To fix: {together}"
            )
        remedy = f"{together}; or {remedy}"
    running = Replayer(settings, remedy=remedy).__enter__()
    try:
        for notice in running.notices:
            node.warn(pytest.PytestWarning(f"replayer: {notice}"))
    except Warning:  # an error to whoever wants it so
        running.eject(failed=True)
        raise
    return running


def _ejected(use: Use, request: pytest.FixtureRequest) -> None:
    """End the session. What it missed meanwhile fails the test that is torn down."""
    running, attendance = use.replayer, request.config.stash[ATTENDANCE]
    settings = running.settings
    failed = use.broke or use.pending > 0
    ejected = running.eject(failed=failed, aborted=use.aborted)
    attendance.add(ejected.receipt, ejected.kept is not None and ejected.receipt.recorded > 0)
    if failed or use.pending:
        return
    trouble = verdict.unsaved(settings, ejected.kept, ejected.late) or verdict.left_over(settings, ejected.receipt)
    if not use.judged:
        trouble = trouble or verdict.answered_nothing(settings, ejected.receipt)
    if trouble:
        pytest.fail(trouble, pytrace=False)
