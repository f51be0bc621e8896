"""What `replayer doctor` looks at, one function for each thing. None of them changes anything or tells a secret."""

import os
import platform
import shlex
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from replayer import __version__
from replayer.cassettes import folder
from replayer.cli.output import counted
from replayer.core.rules import registry
from replayer.errors import ReplayerError
from replayer.settings import Settings, origins, places, words

OK, ADVICE, WRONG = "ok", "advice", "wrong"
LONGEST_END = 256  # bytes from its mark to the end of a file
OLD = 365 * 86_400  # seconds: an API moves on
APART = 2.0  # seconds that the clocks of a file system and of this machine may differ
EARLIEST = 1_760_000_000  # October 2025: no clock that is right shows an earlier time
LISTED = 3  # names that are told; more are counted
PACKAGES = ("aiohttp", "click", "PyYAML", "rich", "vcrpy")
EXTRAS = {  # package: what it is for
    "cryptography": "https, as_proxy and their certificates",
    "time-machine": "the setting freeze",
    "brotli": "bodies that are packed with brotli",
}
PERSONAL = 'personal = ["email", "name", "phone", "address.*"]'
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
NOT_SHOWN = "(given)"
NOT_PROXIED = ("NO_PROXY", "no_proxy")


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing, and what to do about it."""

    name: str
    found: str
    state: str = OK
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All that was found; `settings` are those that are not the default: their names, values and origins."""

    checks: list[Check]
    settings: list[dict[str, Any]]

    def checks_as_json(self) -> list[dict[str, str]]:
        return [
            {"check": each.name, "state": each.state, "found": each.found, "remedy": each.remedy}
            for each in self.checks
        ]


def examined(root: str | None) -> DoctorReport:
    """What is found here, with that root if one is given."""
    given = {"root": root}
    checks = [*_versions(), *_extras()]
    try:
        settings = Settings.load(given)
    except ReplayerError as error:
        checks.append(Check("settings", str(error), WRONG, "Correct it, or take it out."))
        return DoctorReport(checks, [])
    for look in (_root, _cassettes, _journals, _port, _clock, _proxies, _upstream, _live_keys):
        checks += look(settings)
    return DoctorReport(checks, _settings(settings, given))


def _settings(settings: Settings, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings that somebody gave, but for secrets. Keys are named by their variables, never given."""
    stands = origins(given)
    told = {name: f"{places.PREFIX}{name.upper()}" if at == places.ENVIRONMENT else at for name, at in stands.items()}
    return [
        {
            "setting": each.name,
            "value": NOT_SHOWN if each.name.endswith("_secret") else getattr(settings, each.name),
            "origin": told[each.name] or "command line",
        }
        for each in fields(settings)
        if stands[each.name] != places.DEFAULT
    ]


# -- what is installed -------------------------------------------------------------------------------------------------


def _versions() -> Iterator[Check]:
    free = getattr(sys, "_is_gil_enabled", lambda: True)()
    threads = "" if free else ", free-threaded"
    system = f"{platform.system()} {platform.machine()}"
    yield Check("version", f"replayer {__version__}, Python {platform.python_version()}{threads}, {system}")
    yield Check("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    if find_spec("uvloop"):
        yield Check("event loop", f"uvloop {_version('uvloop')}")
    else:
        yield Check("event loop", "asyncio", ADVICE, "uvloop is faster: pip install uvloop.")


def _extras() -> Iterator[Check]:
    for name, use in EXTRAS.items():
        if version := _version(name):
            yield Check(name, version)
        else:
            yield Check(
                name, f"not installed, which is needed for {use}", ADVICE, f"If you use that: pip install {name}."
            )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


# -- the files ---------------------------------------------------------------------------------------------------------


def _root(settings: Settings) -> Iterator[Check]:
    root = settings.folder
    if not root.exists():
        yield Check("root", f"{root.absolute()} is not there yet", ADVICE, "A recording makes it.")
    elif not root.is_dir():
        yield Check("root", f"{root.absolute()} is no folder", WRONG, "Name one: --root DIR, or the setting root.")
    elif not os.access(root, os.R_OK | os.X_OK):
        yield Check(
            "root", f"{root.absolute()} cannot be read", WRONG, f"Give yourself the right: chmod u+rx {_quoted(root)}"
        )
    elif not os.access(root, os.W_OK):
        remedy = f"To replay, none is needed. To record, give yourself the right: chmod u+w {_quoted(root)}"
        yield Check("root", f"{root.absolute()} cannot be written", ADVICE, remedy)
    else:
        yield Check("root", f"{root.absolute()} can be read and written")
    if settings.token_file and (path := Path(settings.token_file)).exists() and path.stat().st_mode & 0o077:
        yield Check(
            "token file", f"{path} can be read by others", WRONG, f"Keep it to yourself: chmod 600 {_quoted(path)}"
        )


def _quoted(path: Path) -> str:
    """A path as a shell takes it, wherever that stands."""
    return shlex.quote(str(path.absolute()))


def _cassettes(settings: Settings) -> Iterator[Check]:
    found = [path for path in folder.below(settings.folder) if path.suffix in folder.ENDINGS]
    closed = [path for path in found if not os.access(path, os.R_OK)]
    yield Check("cassettes", f"{counted(len(found), 'cassette')} below the root")
    if closed:
        yield Check(
            "cassettes", f"cannot be read: {_listed(closed)}", WRONG, "Give yourself the right: chmod u+r FILE."
        )
    readable = [path for path in found if path not in closed]
    now = time.time()
    if old := [path for path in readable if now - path.stat().st_mtime > OLD]:
        remedy = "Ask whether the API still answers so: replayer check FILE --upstream URL."
        yield Check("old cassettes", f"not recorded for a year: {_listed(old)}", ADVICE, remedy)
    if torn := [path for path in readable if folder.is_recorded_by_us(path) and not _has_end(path)]:
        remedy = "Restore them from version control, or delete them and record again."
        yield Check("cassettes", f"cut off, their end mark is missing: {_listed(torn)}", WRONG, remedy)
    if foreign := [path for path in readable if not folder.is_recorded_by_us(path)]:
        remedy = "They are played as they are, ids and times being real: replayer audit FILE looks for secrets in them."
        yield Check("cassettes of other tools", _listed(foreign), ADVICE, remedy)


def _has_end(path: Path) -> bool:
    """Whether a cassette of ours has its end mark, behind which an editor may have left empty lines."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_END))
        return file.read().rstrip().endswith(b"\n...")


def _journals(settings: Settings) -> Iterator[Check]:
    running, lost = folder.journals(settings.folder)
    if running:
        yield Check("journals", f"being recorded now: {_listed(running)}")
    if lost:
        remedy = "Recordings that were killed left them: replayer inspect FILE. Record again, or delete them."
        yield Check("journals", f"lying about: {_listed(lost)}", ADVICE, remedy)


def _listed(paths: list[Path]) -> str:
    more = f" and {len(paths) - LISTED} more" if len(paths) > LISTED else ""
    return ", ".join(map(str, paths[:LISTED])) + more


# -- the machine -------------------------------------------------------------------------------------------------------


def _port(settings: Settings) -> Iterator[Check]:
    where = f"{settings.listen}, port {settings.port or 'any'}"
    family = socket.AF_INET6 if ip_address(settings.listen).version == 6 else socket.AF_INET
    try:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.listen, settings.port))
    except OSError as error:
        remedy = "Choose another one with --port, or 0 for any; or another address with --listen."
        yield Check("port", f"{where}: {error.strerror}", WRONG, remedy)
    else:
        yield Check("port", f"{where}, is free")


def _clock(settings: Settings) -> Iterator[Check]:
    now = time.time()
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if now < EARLIEST:
        yield Check("clock", f"{shown} is long ago", WRONG, "Set it: certificates depend on it, and recordings.")
        return
    apart = _file_clock(settings.folder) - now
    if abs(apart) > APART:
        remedy = "Set both by one time server: the age of cassettes is told by the files' times."
        yield Check("clock", f"{shown}, and that of the root's file system is {apart:+.0f} s off", ADVICE, remedy)
    else:
        yield Check("clock", f"{shown}, UTC{time.strftime('%z')} here")


def _file_clock(root: Path) -> float:
    """The time that a new file gets there; ours where none can be made."""
    try:
        with tempfile.TemporaryFile(dir=root) as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return time.time()


def _proxies(_: Settings) -> Iterator[Check]:
    proxies = [name for name in PROXIES if os.environ.get(name)]
    spared = ",".join(os.environ.get(name, "") for name in NOT_PROXIED)
    if proxies and not any(host in spared for host in ("127.0.0.1", "*")):
        remedy = "Set NO_PROXY=127.0.0.1,localhost for your program, or it asks that proxy for Replayer."
        yield Check("proxy", f"{proxies[0]} is set, and NO_PROXY does not spare 127.0.0.1", ADVICE, remedy)


# -- what is recorded --------------------------------------------------------------------------------------------------


def _upstream(settings: Settings) -> Iterator[Check]:
    if not settings.upstream:
        yield Check("upstream", "none: only recorded answers are given")
        return
    host = urlsplit(settings.upstream).hostname or ""
    if settings.upstream == words.SANDBOX or host in registry.LOOPBACK:
        yield Check("upstream", f"{settings.upstream}, on this machine")
        return
    yield Check("upstream", settings.upstream)
    if not settings.rules_table.get("personal"):
        remedy = f"To have stand-ins for them, under [tool.replayer.rules]: {PERSONAL}."
        found = "names and addresses of people would be recorded as they are"
        yield Check("personal data", found, ADVICE, remedy)


def _live_keys(settings: Settings) -> Iterator[Check]:
    """Keys that can move real money, by the names of their variables: what they are is shown to nobody."""
    matches: list[Callable[[str], Any]] = [rules.live_keys.match for rules in registry.RULES.values()]
    found = sorted(
        name
        for name, value in os.environ.items()
        if any(match(word) for word in value.replace(":", " ").split() for match in matches)
    )
    if not found:
        yield Check("live keys", "none in the environment")
        return
    remedy = "Use a test key for recordings; with upstream_auth your program need not have the real one."
    state = ADVICE if settings.allow_live else WRONG
    yield Check("live keys", f"in the environment, as {', '.join(found)}", state, remedy)
