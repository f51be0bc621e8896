"""The pytest plugin: the fixture `replayer`, one cassette and one port for each test that uses it.

    @pytest.mark.replayer(upstream="https://api.stripe.com")
    def test_an_invoice_can_be_paid(replayer):
        client = stripe.StripeClient("sk_test_...", base_addresses={"api": replayer.url})

later wins:   [tool.replayer], REPLAYER_...  <  ini options  <  markers, the farthest first  <  the command line

Every test run of every user imports this file: what is heavy is imported when the fixture is used.
"""

import logging
import os
import re
import shlex
from collections.abc import Generator, Iterator
from dataclasses import asdict, astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replayer.errors import MissError, ReplayerError, UsageError

if TYPE_CHECKING:
    from replayer import Replayer
    from replayer.core.session import Receipt, verdicts
    from replayer.proxy.handler import Line
    from replayer.settings import Settings

MARKER = (
    "replayer(cassette=..., upstream=..., record_mode=..., ...): settings of the fixture `replayer` for this test; "
    "cassette is relative to the test file's folder"
)
FORBIDDEN = re.compile(r"""[<>?%*:|"'/\\\x00-\x1f\x7f-\x9f]""")
LONGEST_NAME = 200  # bytes: file systems take 255, and a journal's or a temporary file's ending comes on top
PYTEST_RECORDING = {"rewrite": "all"}  # its mode that we call by another name

log = logging.getLogger("replayer")


class UnansweredError(MissError, pytest.fail.Exception):  # type: ignore[name-defined, misc]  # it has no other public name
    """A miss as pytest shows it: the explanation alone, without a traceback through this plugin."""

    def __init__(self, message: str) -> None:
        pytest.fail.Exception.__init__(self, message, pytrace=False)


@dataclass(slots=True)
class Use:
    """One test's use of the fixture. `broke` tells that the test failed, `aborted` that it was ended from outside;
    `told` counts the misses that it has been failed for."""

    replayer: "Replayer"
    broke: bool = False
    aborted: bool = False
    told: int = 0

    def untold(self) -> "list[verdicts.Refuse]":
        """The misses since this was last asked."""
        new = self.replayer.misses[self.told :]
        self.told += len(new)
        return new


USE = pytest.StashKey[Use]()
TOTALS = pytest.StashKey["Receipt | None"]()  # of all sessions of this run; None where there was none
UNSAVED = pytest.StashKey[int]()  # recordings that did not become a cassette
SHARED = pytest.StashKey[dict[str, list[str]]]()  # by test, the others whose cassettes would have the same name


# -- options ----------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("replayer", "record and replay HTTP (replayer)")
    group.addoption(
        "--replayer-mode",
        metavar="MODE",
        help="Record mode of all tests: none, once, new_episodes or all. Default: none, which only replays.",
    )
    group.addoption(
        "--replayer-upstream", metavar="URL", help="The API to record from, or 'sandbox' for the embedded invoice API."
    )
    parser.addini("replayer_mode", "Record mode of tests that do not say another.", default="")
    parser.addini("replayer_upstream", "The API to record from, where tests do not say another.", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    config.stash[TOTALS] = None
    config.stash[UNSAVED] = 0
    for mode in (config.getini("replayer_mode"), config.getoption("replayer_mode")):
        if mode:
            _check_mode(mode)


def _check_mode(mode: str) -> None:
    """Refuse a wrong mode before the first test, not at each of them."""
    from replayer.settings import Settings

    try:
        Settings(record_mode=mode).validated()
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _modes() -> list[str]:
    from replayer.core.modes import Mode

    return [mode.value for mode in Mode]


# -- the fixture ------------------------------------------------------------------------------------------------------


@pytest.fixture(name="replayer")
def _replayer(request: pytest.FixtureRequest) -> "Iterator[Replayer]":
    """A running proxy with this test's own cassette: `.url`, `.play_count`, `.misses`, `.cassette`.

    It replays `cassettes/<module>/<test>.yaml`, beside the test file, unless `--replayer-mode` or a marker says to
    record. A request that the cassette cannot answer fails the test, even where the client swallowed the error.
    """
    from replayer.proxy.replayer import Replayer  # late: it brings aiohttp

    item = request.node
    trouble = ""
    try:
        _alone(item)
        settings = _settings(item)
        given = {name: value for name, value in asdict(settings).items() if name != "cassette"}
        running = Replayer(settings.cassette, tell=_log, remedy=_remedy(item, settings), **given)
        running.__enter__()
    except ReplayerError as error:
        trouble = f"replayer: {error}"
    if trouble:  # outside of the handler: pytest would show both errors
        pytest.fail(trouble, pytrace=False)
    use = item.stash[USE] = Use(running)
    yield running
    del item.stash[USE]  # items live as long as the run, and a session holds its whole cassette
    _ejected(use, item.config)


def _ejected(use: Use, config: pytest.Config) -> None:
    """End the session; fail for what came up after the test itself, in the teardown of its fixtures."""
    running = use.replayer
    failed = use.broke or running.receipt.missed > use.told
    ejected = running.eject(failed=failed, aborted=use.aborted)
    _add(config, ejected.receipt)
    config.stash[UNSAVED] += ejected.kept is not None and ejected.receipt.recorded > 0
    missed = use.untold()
    if missed:
        raise UnansweredError(_explained(missed))
    if ejected.kept and not failed:
        pytest.fail(f"replayer: {running.cassette} was not saved: {ejected.kept}.", pytrace=False)
    if ejected.late and not failed:
        pytest.fail("\n".join(f"replayer: {note}." for note in ejected.late), pytrace=False)


def _add(config: pytest.Config, receipt: "Receipt") -> None:
    totals = config.stash[TOTALS]
    config.stash[TOTALS] = receipt if totals is None else totals + receipt


def _log(line: "Line") -> None:
    log.info("%s %s %s %s %.0f ms", line.method, line.path, line.status, line.outcome, line.milliseconds)
    if line.note and line.outcome != "missed":  # a miss is told by the failure of its test
        log.warning("%s", line.note)


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """See which tests would have one cassette: their names differ only in what no file name can hold."""
    named: dict[tuple[Path, str], list[str]] = {}
    for item in items:
        if "replayer" in getattr(item, "fixturenames", ()):
            named.setdefault((item.path.parent, default_cassette(item)), []).append(item.nodeid)
    config.stash[SHARED] = {
        nodeid: [other for other in nodeids if other != nodeid]
        for nodeids in named.values()
        for nodeid in nodeids
        if len(nodeids) > 1
    }


def _alone(item: pytest.Item) -> None:
    """That no other test has the cassette that this one would have by its name."""
    others = item.config.stash.get(SHARED, {}).get(item.nodeid)
    if others and not any("cassette" in marker.kwargs for marker in item.iter_markers("replayer")):
        raise UsageError(
            f"{item.nodeid} and {others[0]} would share {default_cassette(item)}. "
            "Name one of them otherwise (ids=...), or its cassette with @pytest.mark.replayer(cassette=...)."
        )


# -- settings ---------------------------------------------------------------------------------------------------------


def _settings(item: pytest.Item) -> "Settings":
    from replayer.settings import Settings

    given: dict[str, Any] = {"cassette": default_cassette(item), "port": 0}  # a fixed port would be one for all tests
    given |= _present(record_mode=item.config.getini("replayer_mode"), upstream=item.config.getini("replayer_upstream"))
    for marker in reversed(list(item.iter_markers("replayer"))):
        if marker.args:
            raise UsageError("The marker 'replayer' takes names only: @pytest.mark.replayer(cassette='x.yaml').")
        given |= marker.kwargs
    given |= _present(record_mode=_mode_option(item.config), upstream=item.config.getoption("replayer_upstream"))
    return Settings.load({"root": item.path.parent, **given}, folder=item.config.rootpath)


def _present(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value}


def _mode_option(config: pytest.Config) -> str | None:
    """The mode on the command line: by our option, else by the one of pytest-recording where that is installed."""
    ours: str | None = config.getoption("replayer_mode")
    theirs = config.getoption("record_mode", None)
    if ours or not isinstance(theirs, str):
        return ours
    theirs = PYTEST_RECORDING.get(theirs, theirs)
    return theirs if theirs in _modes() else None  # else it is an option of some other plugin


def default_cassette(item: pytest.Item) -> str:
    """`cassettes/<module>/<test>.yaml`, or `<Class>.<test>.yaml`, with the parameters of the test in its name."""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    name = FORBIDDEN.sub("-", ".".join([*classes, item.name]))
    if len(name.encode()) > LONGEST_NAME:
        digest = blake2b(name.encode(), digest_size=6).hexdigest()
        name = f"{name.encode()[: LONGEST_NAME - 13].decode(errors='ignore')}-{digest}"
    return f"cassettes/{item.path.stem}/{name}.yaml"


def _remedy(item: pytest.Item, settings: "Settings") -> str:
    """The command that records what is lacking: all of it anew where there is a cassette that lacks it."""
    from replayer.cassettes import folder

    path = folder.locate(item.path.parent, settings.cassette)
    mode = "all" if path.exists() else "once"
    upstream = settings.upstream or folder.recorded_upstream(path) or "sandbox"
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    test = item.nodeid.partition("::")[2]
    words = ["pytest", f"{file}::{test}", f"--replayer-mode={mode}", f"--replayer-upstream={upstream}"]
    return f"record it: {shlex.join(words)}"


# -- the verdict on a test --------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    try:
        return (yield)
    except BaseException as error:
        _broke(item, error)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that missed, or that asked nothing, though it passed by its own account."""
    try:
        result = yield
    except pytest.skip.Exception:
        raise  # it asked what it will ask next time, too
    except BaseException as error:
        use = _broke(item, error)
        if use and (missed := use.untold()):
            item.add_report_section("call", "replayer misses", _explained(missed))
        raise
    use = item.stash.get(USE, None)
    if use and (trouble := _trouble(use)):
        use.broke = True
        raise UnansweredError(trouble)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An error of Replayer's own says all: the line that met it, and no way through our modules."""
    report = yield
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, ReplayerError) and not isinstance(error, pytest.fail.Exception) and report.failed:
        report.longrepr = f"{_line_of(item, error)}replayer: {error}"
    return report


def _line_of(item: pytest.Item, error: BaseException) -> str:
    """The last line of the user's own that an error went through: in the folder of the tests, and not in ours."""
    trace, found = error.__traceback__, ""
    ours = Path(__file__).parent
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(item.config.rootpath) and not path.is_relative_to(ours):
            found = f"{os.path.relpath(path, item.config.invocation_params.dir)}:{trace.tb_lineno}: "
        trace = trace.tb_next
    return found


def _broke(item: pytest.Item, error: BaseException) -> Use | None:
    """The test, or what it needs, did not come to its end: what it recorded replaces no older recording."""
    use = item.stash.get(USE, None)
    if use:
        use.broke = True
        use.aborted = isinstance(error, KeyboardInterrupt | SystemExit | pytest.exit.Exception)
    return use


def _trouble(use: Use) -> str:
    missed = use.untold()
    if missed:
        return _explained(missed)
    return "" if _answered(use.replayer.receipt) else "replayer answered nothing: point the client at replayer.url."


def _answered(receipt: "Receipt") -> bool:
    return receipt.was_asked or bool(receipt.missed)


def _explained(missed: "list[verdicts.Refuse]") -> str:
    had = "1 request had" if len(missed) == 1 else f"{len(missed)} requests had"
    return "\n\n".join([f"replayer: {had} no answer.", *(refusal.message for refusal in missed)])


# -- the last line ----------------------------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its totals over."""
    output = getattr(session.config, "workeroutput", None)
    totals = session.config.stash[TOTALS]
    if output is not None and totals is not None:
        output["replayer"] = (session.config.stash[UNSAVED], *astuple(totals))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Called by pytest-xdist when a worker has ended; one that crashed has nothing to hand over."""
    handed = getattr(node, "workeroutput", {}).get("replayer")
    if handed:
        unsaved, *totals = handed
        node.config.stash[UNSAVED] += unsaved
        from replayer.core.session import Receipt

        _add(node.config, Receipt(*totals))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    totals = config.stash[TOTALS]
    if totals is not None and any(astuple(totals)):
        unsaved = config.stash[UNSAVED]
        lost = f"; {unsaved} recording{'' if unsaved == 1 else 's'} of failed tests not saved" if unsaved else ""
        terminalreporter.write_line(f"replayer: {totals.brief}{lost}")
