"""Which hosts a session stands for. At a base URL that is one: a cassette of several is played for the one that was
chosen, and what leads to another leads to the proxy, which misses it, never off this machine. As the proxy of clients
it may be several, which requests tell apart by their `Host`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import forwards
from replayer.errors import UsageError
from replayer.settings import Settings

PORTS = {"http": 80, "https": 443}
SHOWN = 4  # hosts that a message names; the others it counts
# A link as it stands in prose, in JSON and in queries, as far as its authority goes.
ORIGIN = re.compile(r"https?(?::(?:\\?/){2}|%3[Aa]%2[Ff]%2[Ff])[A-Za-z0-9.\[\]-]+(?:(?::|%3[Aa])[0-9]+)?")


def of_one_host(cassette: Cassette, settings: Settings, path: Path) -> tuple[Cassette, str]:
    """What of a cassette is played, and what is to be told of the rest; all of it where it has one host. UsageError
    where none was chosen, or where recording would lose the others."""
    counts = cassette.origins
    hosts = list(dict.fromkeys(map(host, counts)))
    if len(hosts) < 2:
        return cassette, ""
    names = list(dict.fromkeys(counts))
    if forwards(settings.mode, existed=True):
        raise UsageError(
            f"{path} holds requests to several hosts, {_listed(names)}; a recording is of one, and would lose the "
            "others. Record to another cassette."
        )
    chosen = host(settings.origin)
    if chosen not in hosts:
        own = f", which {settings.origin} is none of" if settings.origin else ""
        raise UsageError(
            f"{path} holds requests to several hosts, {_listed(names)}{own}: one proxy stands for one. "
            f"Choose it with the setting origin (--origin {names[0]}); or play all of them with as_proxy."
        )
    others = frozenset(name for name in names if host(name) != chosen)
    spelled = frozenset(names) - {settings.origin}  # its own other spellings, too
    kept = tuple(
        replace(each, response=_led_here(each.response, spelled, settings.origin))
        for each in cassette.interactions
        if each.request.origin not in others
    )
    passed_over = sum(counts[name] for name in others)
    many = "1 request" if passed_over == 1 else f"{passed_over} requests"
    part = replace(cassette, interactions=kept, shelf=None)  # what is known of the whole is not known of a part
    return part, f"{path} also holds {many} to {_listed(sorted(others))}: not played."


def others(cassette: Cassette | None, home: str, settings: Settings, path: Path) -> tuple[str, ...]:
    """The origins besides `home` that a proxy of clients stands for: further upstreams, and what else is recorded.
    UsageError where recording would lose what is."""
    recorded = cassette.origins if cassette else {}
    found = [origin for origin in dict.fromkeys((*settings.others, *recorded)) if host(origin) != host(home)]
    lost = [origin for origin in found if origin not in settings.others]
    if lost and forwards(settings.mode, existed=True):
        raise UsageError(
            f"{path} also holds requests to {_listed(lost)}, and a recording without them would lose these. "
            f"Name them in the setting more_upstreams (--upstream {lost[0]})."
        )
    return tuple(found)


def placed(others: Sequence[str]) -> Callable[[Request], Request]:
    """What gives a request the origin of the host that it names, where that is one of these."""
    named = {host(origin): origin for origin in others}

    def place(request: Request) -> Request:
        origin = named.get(_host_of(request.header("host") or ""))
        return replace(request, origin=origin) if origin else request

    return place if named else lambda request: request


@lru_cache(maxsize=1024)
def _host_of(header: str) -> str:
    try:
        return host(f"https://{header.strip()}")
    except ValueError:  # no port has that number
        return ""


@lru_cache(maxsize=1024)
def host(origin: str) -> str:
    """The host of an origin: name and port, however both are written. `http` and `https` lead to one."""
    parts = urlsplit(origin.lower())
    port = parts.port
    return parts.netloc if port is None or port != PORTS.get(parts.scheme) else parts.netloc.rpartition(":")[0]


def _listed(names: list[str]) -> str:
    shown = [name or "one that it does not name" for name in names]
    if len(shown) > SHOWN:
        shown[SHOWN:] = [f"{len(shown) - SHOWN} more"]
    return ", ".join(shown[:-1]) + (" and " if shown[:-1] else "") + shown[-1]


def _led_here(response: Response, others: frozenset[str], origin: str) -> Response:
    """The response with its links to other hosts of the cassette leading to the one that is played."""
    headers = tuple((name, _moved(value, others, origin)) for name, value in response.headers)
    text = response.content.text
    moved = response.with_text(_moved(text, others, origin)) if text else response
    return moved if headers == response.headers else replace(moved, headers=headers)


def _moved(text: str, others: frozenset[str], origin: str) -> str:
    for link in dict.fromkeys(unquote(match[0]).replace("\\", "") for match in ORIGIN.finditer(text)):
        if link in others:
            text = wire.moved(text, link, origin)
    return text
