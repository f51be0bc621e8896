"""A setting's value as it is written: its type, and whether it can be what it is for."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin
from urllib.parse import SplitResult, urlsplit

from replayer.core.message import instants
from replayer.core.rules import table
from replayer.errors import UsageError, unknown
from replayer.settings.words import HOST

AGE = re.compile(r"(\d+)\s*([hdw])")
AGES = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
LONGEST_SHOWN = 300  # characters of a path that a message repeats
NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")  # of a host, or an address of four numbers
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
CALLED = {int: "a whole number", float: "a number", bool: "true or false", dict: "a table", list: "a list"}


def types_of(kind: Any) -> tuple[type, ...]:
    """The types of a setting, the one that text is read as first."""
    return tuple(get_origin(one) or one for one in (get_args(kind) if isinstance(kind, UnionType) else (kind,)))


def address(url: str, what: str) -> str:
    """An address of a program, which may have a path; UsageError for what is none."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"The {what} {url!r} is no address. Use one like http://127.0.0.1:4242/webhook.")
    if parts.username or parts.password:
        raise UsageError(f"The {what} must hold no credentials.")
    return url


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def plain_origin(url: str, what: str) -> str:
    """`scheme://host[:port]` of an address that has nothing else; UsageError for all others."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(f"The {what} {url!r} is no address. Use one like https://api.stripe.com.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "*" in parts.hostname:
        other = ", or 'sandbox'" if what == "upstream" else ""
        raise UsageError(f"The {what} {url!r} is no address. Use one like https://api.stripe.com{other}.")
    if parts.username or parts.password:
        raise UsageError(f"The {what} must hold no credentials: each request brings its own.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError(f"The {what} {url!r} has a path. Give only its origin: {parts.scheme}://{parts.netloc}.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def check_places(listen: str, names: tuple[str, ...]) -> None:
    try:
        ip_address(listen)
    except ValueError:
        raise UsageError(
            f"The address to listen on, {listen!r}, is none. Use one like {HOST}, or 0.0.0.0 for all; names by which "
            "it may be asked are given with --host."
        ) from None
    for name in names:
        if not NAME.fullmatch(name):
            raise UsageError(f"The host {name!r} is no name. Use one like replayer or proxy.test, without a port.")


def several(named: str | list[str]) -> tuple[str, ...]:
    """What a list or a text with commas names, one by one."""
    listed = named.split(",") if isinstance(named, str) else named
    return tuple(name.strip() for name in listed if name.strip())


def one_of(what: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise unknown(value, what, known)


def below(root: Path, cassette: str) -> str:
    """The name of a cassette whose path may be absolute: where that is below the root, its place there."""
    path = Path(cassette)
    if not path.is_absolute():
        return cassette
    for folder in (root.absolute(), root.resolve()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    raise UsageError(
        f"The cassette {cassette[:LONGEST_SHOWN]!r} is not below the root {str(root.absolute())!r}. Choose another "
        "root (--root, or root), or give a name below this one."
    )


def laid_over(earlier: Any, later: Any) -> Any:
    """A setting given in two places: the later one wins. Of tables each key does, and a name is a table's `base`."""
    if isinstance(earlier, dict) or isinstance(later, dict):
        return _table(earlier) | _table(later)
    return later


def _table(rules: Any) -> dict[str, Any]:
    if isinstance(rules, dict):
        return rules
    return {table.BASE: rules} if rules else {}


def read(name: str, value: Any, wanted: tuple[type, ...], place: str) -> Any:
    """The value in the type of its setting. Text from the environment is read; anything else must be right already."""
    try:
        return _read(value, wanted[0]) if isinstance(value, str) else _typed(value, wanted)
    except ValueError:
        where = f" (in {place})" if place else ""
        called = " or ".join(CALLED.get(kind, "text") for kind in wanted)
        raise UsageError(f"The setting {name}{where} must be {called}, not {value!r}.") from None


def age(written: str) -> int:
    """The seconds of an age like `30d`; UsageError for what is none."""
    found = AGE.fullmatch(written.strip())
    if not found:
        raise UsageError(f"The age {written!r} is none. Use one like 30d; there are h, d and w.")
    return int(found[1]) * AGES[found[2]]


def _typed(value: Any, wanted: tuple[type, ...]) -> Any:
    if isinstance(value, os.PathLike) and str in wanted:
        return os.fspath(value)
    if isinstance(value, Mapping) and dict in wanted:
        return dict(value)
    if float in wanted and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) not in wanted:
        raise ValueError(value)
    return value


def _read(text: str, wanted: type) -> Any:
    if wanted is bool:
        if text.lower() not in TRUE + FALSE:
            raise ValueError(text)
        return text.lower() in TRUE
    return wanted(text)


def seconds(epoch: str) -> int:
    try:
        moment = datetime.fromisoformat(epoch)
    except ValueError:
        raise UsageError(f"The epoch {epoch!r} is no time. Use one like 2026-01-01 or 2026-01-01T00:00:00Z.") from None
    seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if seconds not in instants.SECONDS:
        raise UsageError(f"The epoch {epoch!r} is too far away. Use one between 1974 and 2286.")
    return seconds
