"""What is done with a cassette that is older than it may be: it is said, refused, or recorded anew."""

import time
from dataclasses import replace
from pathlib import Path

from replayer.cassettes import folder
from replayer.core.modes import Mode
from replayer.errors import CassetteError
from replayer.settings import Settings, words

DAY = 86_400


def applied(settings: Settings, path: Path, remedy: str, now: float | None = None) -> tuple[Settings, str]:
    """The settings by which a cassette is opened, and what is to be said of its age, if anything. CassetteError where
    it is too old. It is recorded anew only where there is an upstream to record from."""
    longest = settings.longest_age
    if longest is None or settings.mode is Mode.ALL or not path.is_file():
        return settings, ""
    found = folder.age(path, time.time() if now is None else now)
    if found <= longest:
        return settings, ""
    told = f"{settings.cassette} is {_spoken(found)} old, and max_age is {settings.max_age}."
    if settings.on_expiry == words.RECORD and settings.upstream:
        return replace(settings, record_mode=Mode.ALL.value), f"{told} It is recorded anew."
    if settings.on_expiry == words.FAIL:
        raise CassetteError(f"{told} To fix: {remedy}")
    why = " on_expiry is record, but there is no upstream." if settings.on_expiry == words.RECORD else ""
    return settings, f"{told}{why} To fix: {remedy}"


def _spoken(seconds: int) -> str:
    return f"{seconds // DAY}d" if seconds >= DAY else f"{seconds // 3600}h"
