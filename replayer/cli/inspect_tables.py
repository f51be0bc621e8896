"""What a cassette holds, as tables: its interactions or their causes, and what is known of its lists."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from rich.table import Table
from rich.text import Text

from replayer.cli import inspect_lists as lists
from replayer.cli.console import cut
from replayer.cli.output import counted, printable, size
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.lists import Pages
from replayer.core.matching import Index, canonical, causal, stamps
from replayer.core.message import bodies, wire
from replayer.core.rules import Rules
from replayer.proxy import hosts
from replayer.proxy.opening import rules_for
from replayer.settings import Settings

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no text has


def parts(cassette: Cassette, path: Path, *, causes: bool) -> Iterator[Table | Text]:
    """What is printed of a cassette, below its name: its facts, its interactions, their sums, and its lists."""
    yield Text(_facts(cassette.facts))
    if cassette.interactions:
        yield _causes(cassette, path) if causes else _table(cassette.interactions)
    yield Text(_totals(cassette))
    if not causes:
        yield from _lists(cassette, path)


def _lists(cassette: Cassette, path: Path) -> Iterator[Table | Text]:
    """What is known of each list: nothing where none was recorded."""
    rules = _rules(cassette, path)
    pages = Pages(Index(cassette, rules), rules)
    all_lists = list(pages)
    requested = [each for each in all_lists if any(page.by_itself for page in each.pages)]
    found = lists.table(requested, pages.by_position)
    if found is not None:
        yield Text()
        yield found
        if len(all_lists) > len(requested):
            yield Text(f"and {counted(len(all_lists) - len(requested), 'list')} within objects")


def _facts(facts: Facts | None) -> str:
    if facts is None:
        return "recorded by another tool: ids and times are as they were"
    epoch = datetime.fromtimestamp(facts.epoch, UTC).isoformat().replace("+00:00", "Z")
    return f"recorded from {facts.upstream}, rules {facts.rules}, epoch {epoch}"


def _table(interactions: tuple[Interaction, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("method", no_wrap=True)
    table.add_column("path")
    table.add_column("status", justify="right", no_wrap=True)
    table.add_column("body", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for number, each in enumerate(interactions, start=1):
        request, response = each.request, each.response
        cells = (
            str(number),
            request.method,
            cut(canonical.shortened(unquote(request.target))),
            str(response.status),
            printable(body(response.headers, response.body)),
            size(len(response.body)),
        )
        # As Text: `created[gte]` is no markup.
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    return table


def _causes(cassette: Cassette, path: Path) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("request")
    table.add_column("causes")
    for row in causal.rows(Index(cassette, _rules(cassette, path))):
        table.add_row(Text(str(row.number)), cut(row.request), Text(printable(row.causes)))
    return table


def _rules(cassette: Cassette, path: Path) -> Rules:
    """The rules that it was recorded by; for one of another tool, those of the API's host."""
    origin = cassette.interactions[0].request.origin if cassette.interactions else ""
    rules = rules_for(Settings.load({}), cassette, path, origin)
    return replace(rules, others=frozenset(hosts.others(cassette, origin, Settings(), path)))


def body(headers: wire.Headers, raw: bytes) -> str:
    """What a body is, in a word or two: `invoice`, `list of 3`, `error`, or only its kind."""
    found = bodies.read(headers, raw)
    if found.kind is bodies.BodyKind.BINARY and _reads_as_text(headers, found.raw):
        return str(bodies.BodyKind.TEXT.value)
    if found.kind is not bodies.BodyKind.JSON or found.text is None:
        return str(found.kind.value)
    (value,) = bodies.parse_json(found.text) or (None,)
    if isinstance(value, dict):
        listed = value.get("data")
        if isinstance(listed, list):
            return f"list of {len(listed)}"
        if isinstance(value.get("object"), str):
            return str(value["object"])
        if "error" in value:
            return "error"
    return str(found.kind.value)


def _reads_as_text(headers: wire.Headers, raw: bytes) -> bool:
    """Whether a body that is never edited is text to people, an event stream for one."""
    try:
        return CONTROL.search(raw.decode(wire.charset(headers))) is None
    except (LookupError, UnicodeError):
        return False


def _totals(cassette: Cassette) -> str:
    kinds = Counter("read" if stamps.is_read(each.request.method) else "write" for each in cassette.interactions)
    sizes = sum(len(each.request.body) + len(each.response.body) for each in cassette.interactions)
    return (
        f"{counted(len(cassette.interactions), 'interaction')}: {counted(kinds['write'], 'write')}, "
        f"{counted(kinds['read'], 'read')}; {size(sizes)} of bodies"
    )
