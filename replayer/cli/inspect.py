"""The commands that read cassettes and change nothing."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from rich.table import Table
from rich.text import Text

from replayer.cassettes import folder
from replayer.cli import inspect_lists as lists
from replayer.cli.console import console
from replayer.cli.output import counted, printable
from replayer.core.lists import Pages
from replayer.core.matching import causal
from replayer.core.matching.canonical import shortened
from replayer.core.matching.index import Index
from replayer.core.matching.stamps import is_read
from replayer.core.message.body import Kind, parse_json, read
from replayer.core.message.interaction import Cassette, Facts, Headers, Interaction
from replayer.core.rules.registry import Rules
from replayer.proxy.slot import rules_for
from replayer.settings import Settings

KIBIBYTE = 1024


def inspect(name: str, *, causes: bool = False) -> int:
    path = Path(name)
    cassette = folder.existing(path)
    printed = console()
    printed.print(Text(f"{name}, {size(path.stat().st_size)}"))
    printed.print(Text(_facts(cassette.facts)))
    if cassette.interactions:
        printed.print(_causes(cassette, path) if causes else _table(cassette.interactions))
    printed.print(Text(_totals(cassette)))
    for part in () if causes else _lists(cassette, path):
        printed.print(part)
    return 0


def _lists(cassette: Cassette, path: Path) -> Iterator[Table | Text]:
    """What is known of each list: nothing where none was recorded."""
    rules = _rules(cassette, path)
    pages = Pages(Index(cassette, rules), rules)
    known = list(pages)
    asked = [one for one in known if any(page.by_itself for page in one.pages)]
    found = lists.table(asked, pages.by_position)
    if found is not None:
        yield Text()
        yield found
        if len(known) > len(asked):
            yield Text(f"and {counted(len(known) - len(asked), 'list')} within objects")


def _facts(facts: Facts | None) -> str:
    if facts is None:
        return "recorded by another tool: ids and times are as they were"
    epoch = datetime.fromtimestamp(facts.epoch, UTC).isoformat().replace("+00:00", "Z")
    return f"recorded from {facts.upstream}, rules {facts.rules}, epoch {epoch}"


def _table(interactions: tuple[Interaction, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("method")
    table.add_column("path", overflow="ellipsis", no_wrap=True)
    table.add_column("status", justify="right")
    table.add_column("body", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for number, each in enumerate(interactions, start=1):
        asked, answer = each.request, each.response
        cells = (
            str(number),
            asked.method,
            printable(shortened(unquote(asked.target))),
            str(answer.status),
            printable(body(answer.headers, answer.body)),
            size(len(answer.body)),
        )
        table.add_row(*map(Text, cells))  # as Text: `created[gte]` is no markup
    return table


def _causes(cassette: Cassette, path: Path) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("request", overflow="ellipsis", no_wrap=True)
    table.add_column("causes")
    for row in causal.rows(Index(cassette, _rules(cassette, path))):
        table.add_row(Text(str(row.number)), Text(printable(row.request)), Text(printable(row.causes)))
    return table


def _rules(cassette: Cassette, path: Path) -> Rules:
    """The rules that it was recorded by; for one of another tool, those of the API's host."""
    origin = cassette.interactions[0].request.origin if cassette.interactions else ""
    return rules_for(Settings.load({}), cassette, path, origin)


def body(headers: Headers, raw: bytes) -> str:
    """What a body is, in a word or two: `invoice`, `list of 3`, `error`, or only its kind."""
    found = read(headers, raw)
    if found.kind is not Kind.JSON or found.text is None:
        return str(found.kind.value)
    (value,) = parse_json(found.text) or (None,)
    if isinstance(value, dict):
        listed = value.get("data")
        if isinstance(listed, list):
            return f"list of {len(listed)}"
        if isinstance(value.get("object"), str):
            return str(value["object"])
        if "error" in value:
            return "error"
    return str(found.kind.value)


def _totals(cassette: Cassette) -> str:
    kinds = Counter("read" if is_read(each.request.method) else "write" for each in cassette.interactions)
    sizes = sum(len(each.request.body) + len(each.response.body) for each in cassette.interactions)
    return (
        f"{counted(len(cassette.interactions), 'interaction')}: {counted(kinds['write'], 'write')}, "
        f"{counted(kinds['read'], 'read')}; {size(sizes)} of bodies"
    )


def size(length: int) -> str:
    """A length in bytes as people read it."""
    return f"{length} B" if length < KIBIBYTE else f"{length / KIBIBYTE:,.1f} KiB"
