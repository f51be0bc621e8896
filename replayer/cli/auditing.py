"""Audits of cassettes that are about to leave this machine: of a few one after the other, of many in processes side by
side, for an audit is nothing but work."""

import multiprocessing
import os
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Self

from replayer.cassettes import folder
from replayer.cassettes.store import Checkout, pushing
from replayer.cli.audit import found_in
from replayer.core.cassette import Cassette
from replayer.core.rules import registry
from replayer.errors import CassetteError, UsageError
from replayer.settings import Settings

FEW = 4 << 20  # bytes that are audited in three seconds; a process more takes one to start
VERSION = "version"  # as the headers end that name one: Stripe-Version, X-GitHub-Api-Version


class Auditor:
    """What looks at the cassettes of a checkout, for any number of threads; processes end with its context."""

    def __init__(self, checkout: Checkout, settings: Settings, few: int = FEW) -> None:
        self._checkout, self._settings, self._few = checkout, settings, few
        self._recorded: dict[Path, int] = {}
        self._processes: ProcessPoolExecutor | None = None
        self._mutex = Lock()
        self._audited = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)

    def look(self, name: str) -> pushing.Looked:
        """What an audit says of a cassette; CassetteError where it cannot be audited."""
        path = self._checkout.place(name)
        try:
            with self._mutex:
                recorded, processes = self._when(path), self._side_by_side(path)
            wrong, version = self._here(path) if processes is None else self._beside(processes, path)
        except OSError as error:
            raise CassetteError(f"it cannot be read: {error.strerror}") from None
        return pushing.Looked(wrong, recorded, version)

    def _here(self, path: Path) -> tuple[str, str]:
        with self._mutex:
            return looked(path, self._settings)

    def _beside(self, processes: ProcessPoolExecutor, path: Path) -> tuple[str, str]:
        try:
            return processes.submit(looked, path, self._settings).result()
        except BrokenExecutor:  # one was killed, for its memory perhaps: then one after the other
            return self._here(path)

    def _when(self, path: Path) -> int:
        if path not in self._recorded:
            here = [self._checkout.root / each for each in self._checkout.names()]
            self._recorded.update(folder.recorded({*here, path}, self._checkout.root, time.time()))
        return self._recorded[path]

    def _side_by_side(self, path: Path) -> ProcessPoolExecutor | None:
        """Where this one is audited: None for here, as long as they are few."""
        self._audited += path.stat().st_size
        if self._processes is None and self._audited > self._few and (os.cpu_count() or 1) > 1:
            # Not forked: this process has threads, and what they hold would be held there for ever.
            self._processes = ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))
        return self._processes


def looked(path: Path, settings: Settings) -> tuple[str, str]:
    """Why a cassette may not leave this machine, empty where it may; and its version."""
    try:
        cassette, findings = found_in(path, settings)
    except UsageError as error:
        raise CassetteError(str(error)) from None
    if not findings:
        return "", version_of(cassette)
    first, more = findings[0], f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"an audit found {first.what} in line {first.line}{more}. See 'replayer audit {path}'", ""


def version_of(cassette: Cassette) -> str:
    """The version of the API that a cassette was recorded against, as its first answer or its request says; empty where
    neither does."""
    known = {name for rules in registry.RULES.values() for name in rules.matched_headers if name.endswith(VERSION)}
    for interaction in cassette.interactions[:1]:
        for name, value in (*interaction.response.headers, *interaction.request.headers):
            if name.lower() in known:
                return value
    return ""
