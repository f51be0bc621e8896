"""The session of a test of unittest, Django's among them: begun in its `setUp`, ejected when it has been cleaned up."""

import inspect
import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import TestCase

from replayer.cassettes import folder
from replayer.proxy.handler import Line
from replayer.settings import Settings
from replayer.testing import attending, cassette_of, verdict

if TYPE_CHECKING:
    from replayer.proxy.replayer import Replayer

    Kind = TypeVar("Kind", bound=Replayer)


def begin(kind: "type[Kind]", test: TestCase, given: dict[str, Any]) -> "Kind":
    """A running session with the test's own cassette; UsageError and CassetteError tell what cannot be."""
    file = Path(inspect.getfile(type(test)))
    name = cassette_of(file.stem, [type(test).__name__], _method(test))
    settings = Settings.load({"root": file.parent, "cassette": name, "port": 0, **given, **attending.wanted()})
    tell = partial(Line.log, is_told=settings.fail_on_miss)
    running = kind(settings, tell=tell, remedy=_remedy(test, file, settings))
    running.__enter__()
    test.addCleanup(_end, running, test)
    return running


def _end(running: "Replayer", test: TestCase) -> None:
    settings, misses = running.settings, running.misses
    failed = not getattr(getattr(test, "_outcome", None), "success", True)
    ejected = running.eject(failed=failed or bool(misses))
    if attending.attended():
        misses = []  # whoever attends tells them
    if misses and settings.fail_on_miss:
        test.fail(verdict.explained(misses))
    if failed:
        return
    receipt = ejected.receipt
    if trouble := (
        verdict.unsaved(settings, ejected.kept, ejected.late)
        or verdict.answered_nothing(settings, receipt)
        or verdict.left_over(settings, receipt)
    ):
        test.fail(trouble)


def _remedy(test: TestCase, file: Path, settings: Settings) -> str:
    """The command that records what is lacking, by whatever runs the tests."""
    path = folder.locate(file.parent, settings.cassette)
    mode = "all" if path.exists() else "once"
    upstream = settings.upstream or folder.recorded_upstream(path) or "sandbox"
    if attending.attended():
        place = f"{os.path.relpath(file)}::{type(test).__name__}::{_method(test)}"
        words = ["pytest", place, f"--replayer-mode={mode}", f"--replayer-upstream={upstream}"]
        return f"record it: {shlex.join(words)}"
    variables = f"REPLAYER_RECORD_MODE={mode} REPLAYER_UPSTREAM={shlex.quote(upstream)}"
    return f"record it: {variables} python -m unittest {test.id()}, or as you run your tests"


def _method(test: TestCase) -> str:
    return test.id().rpartition(".")[2]
