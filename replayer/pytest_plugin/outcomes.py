"""The verdict on a test: one that missed, or asked nothing, fails, though it passed by its own account."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from replayer.errors import MissError
from replayer.pytest_plugin import names, one_line, options, shards
from replayer.pytest_plugin.attendance import ATTENDANCE, Attendance
from replayer.testing import attending, verdict

if TYPE_CHECKING:
    from replayer import Replayer

OPEN = pytest.StashKey[ExitStack]()


class UnansweredError(MissError, pytest.fail.Exception):  # type: ignore[name-defined, misc]  # it has no other public name
    """A miss as pytest shows it: the explanation alone, without a traceback through this plugin."""

    __module__ = "builtins"  # as pytest's own: the short summary would begin with the path of ours

    def __init__(self, message: str) -> None:
        pytest.fail.Exception.__init__(self, message, pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """From now on each session that begins is attended to."""
    config = session.config
    attendance = config.stash[ATTENDANCE] = Attendance(shard=shards.ShardFolder.of(config))
    stack = config.stash[OPEN] = ExitStack()
    stack.enter_context(attending.listening(attendance, options.on_command_line(config)))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash.get(OPEN, ExitStack()).close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    _attendance(item).running = item.nodeid
    try:
        return (yield)
    except BaseException as error:
        _broke(item, error, "setup")
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    try:
        result = yield
    except pytest.skip.Exception:
        raise  # it asked what it will ask next time, too
    except BaseException as error:
        _broke(item, error, "call")
        raise
    if failure := _failure_of_unittest(item):
        _broke(item, failure, "call")
        return result
    if trouble := _missed(item) or _asked_nothing(item):
        missed = UnansweredError(trouble)
        _attendance(item).broken_by(list(_used(item)), missed)
        raise missed
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """What was missed since the test itself: in the teardown of its fixtures, or of those of its module."""
    try:
        result = yield
    except BaseException as error:
        _tell_beside(item, error, "teardown")
        raise
    if trouble := _missed(item):
        raise UnansweredError(trouble)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Generator[None, Any, Any]:
    report = yield
    if call.when == "call":
        _attendance(item).took(item.nodeid, list(_used(item)), call.duration)
        report.replayer_recorded = sum(each.receipt.recorded for each in _used(item))
    if report.failed and (told := one_line.of(item, call)):
        report.longrepr = told
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """While a long suite records, a `+` in the place of the dot tells which tests did, and how much."""
    recorded = getattr(report, "replayer_recorded", 0)
    return ("passed", "+", f"PASSED, {recorded} recorded") if recorded and report.passed else None


def _attendance(item: pytest.Item) -> Attendance:
    return item.config.stash[ATTENDANCE]


def _used(item: pytest.Item) -> "Iterator[Replayer]":
    """The sessions of our fixtures that a test uses."""
    given: dict[str, Any] = getattr(item, "funcargs", {})
    asked = getattr(item, "fixturenames", ())
    for use in _attendance(item).uses:
        if any(given.get(name) is use.replayer for name in names.FIXTURES if name in asked):
            yield use.replayer


def _failure_of_unittest(item: pytest.Item) -> BaseException | None:
    """What failed a test of unittest, which pytest is told only when it reports: it would show nothing else."""
    failures = getattr(item, "_excinfo", None) or ()
    return next((one.value for one in failures if not isinstance(one.value, pytest.skip.Exception)), None)


def _missed(item: pytest.Item) -> str:
    missed = _attendance(item).new_misses()
    return verdict.explained(missed) if missed else ""


def _asked_nothing(item: pytest.Item) -> str:
    for use in _attendance(item).uses:
        if use.judged and (trouble := verdict.answered_nothing(use.replayer.settings, use.replayer.receipt)):
            return trouble
    return ""


def _broke(item: pytest.Item, error: BaseException, when: str) -> None:
    """The test, or what it needs, did not come to its end: what it recorded replaces no older recording."""
    _attendance(item).broken_by(list(_used(item)), error)
    _tell_beside(item, error, when)


def _tell_beside(item: pytest.Item, error: BaseException, when: str) -> None:
    """What a test missed that failed by itself, unless its own error tells it: each miss stands once in the output."""
    shown = str(error)
    missed = [miss for miss in _attendance(item).new_misses() if miss.message not in shown]
    if missed:
        item.add_report_section(when, verdict.TITLE, verdict.explained(missed))
