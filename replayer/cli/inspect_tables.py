"""What a cassette holds, as tables and as JSON: its interactions or their causes, and what is known of its lists."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.highlighter import JSONHighlighter
from rich.table import Table
from rich.text import Text

from replayer.cli import inspect_lists as lists
from replayer.cli.console import cut, paged
from replayer.cli.output import counted, printable, size
from replayer.core.cassette import Cassette, Delivery, Facts, Interaction
from replayer.core.drawing import Drawing
from replayer.core.matching import stamps
from replayer.core.message import Request, Response, bodies
from replayer.core.rules import Rules
from replayer.inspector import rows as inspect_rows
from replayer.proxy import hosts
from replayer.proxy.opening import rules_for
from replayer.settings import Settings

__all__ = ["Contents", "paged", "whole"]

Part = Table | Text
WRITE, REFUSED, FAILED = "bold", "yellow", "red"  # of the terminal's own colours
PLACES = 4  # that are told of one interaction; --json has them all
LONGEST_COLOURED = 1 << 18  # characters of JSON: colours are slow


@dataclass(frozen=True, slots=True)
class Contents:
    """What is said of a cassette, once: as `parts` for people, as a `document` for programs. Lists are left out where
    only some of the interactions were wanted."""

    cassette: Cassette
    bytes: int
    rows: list[inspect_rows.InteractionRow]
    lists: list[lists.KnownList]
    hidden: int
    causes: bool
    word: str

    @classmethod
    def of(cls, cassette: Cassette, path: Path, *, causes: bool, word: str) -> "Contents":
        rules = _rules(cassette, path)
        drawing = Drawing(cassette, rules)
        rows = inspect_rows.rows(cassette.interactions, drawing.index if causes else None, word)
        shown = not causes and not word
        known, hidden = (lists.known_lists(drawing.lists), drawing.within) if shown else ([], 0)
        return cls(cassette, path.stat().st_size, rows, known, hidden, causes, word)

    # -- for people ------------------------------------------------------------------------------------------------

    def parts(self, name: str) -> Iterator[Part]:
        """What is printed: the facts, the interactions, their sums, and the lists."""
        yield Text(printable(f"{name}, {size(self.bytes)}"))
        yield Text(printable(_said(self.cassette.facts)))
        if self.rows:
            yield _causes(self.rows, self.word) if self.causes else _table(self.rows, self.word)
        yield Text(_totals(self.cassette) + (f"; {len(self.rows)} with {self.word!r}" if self.word else ""))
        if self.cassette.deliveries:
            yield Text()
            yield _webhooks(self.cassette)
        if self.lists:
            yield Text()
            yield lists.table(self.lists)
            if self.hidden:
                yield Text(f"and {counted(self.hidden, 'list')} within objects")

    # -- for programs ----------------------------------------------------------------------------------------------

    def document(self, name: str) -> dict[str, Any]:
        facts = self.cassette.facts
        return {
            "cassette": name,
            "size": self.bytes,
            "facts": facts and {"upstream": facts.upstream, "rules": facts.rules, "epoch": _epoch(facts)},
            "count": len(self.cassette.interactions),
            "interactions": [self._row(row) for row in self.rows],
            "webhooks": [_webhook(each) for each in self.cassette.deliveries],
            "lists": [each.document() for each in self.lists],
        }

    def _row(self, row: inspect_rows.InteractionRow) -> dict[str, Any]:
        found: dict[str, Any] = {
            "number": row.number,
            "method": row.method,
            "path": row.path,
            "status": row.status,
            "body": row.body,
            "size": row.size,
        }
        return found | ({"causes": row.causes} if self.causes else {}) | ({"places": row.places} if self.word else {})


def _webhook(delivery: Delivery) -> dict[str, Any]:
    cause, said = delivery.cause, delivery.request.json
    type_ = said.get("type") if isinstance(said, dict) else None
    return {"type": type_ or "", "after": f"{cause.method} {cause.uri}", "nth": cause.nth,
            "answers": list(delivery.answers)}  # fmt: skip


def _webhooks(cassette: Cassette) -> Table:
    """What the API said by itself, behind which write, and what the program answered."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("webhook", "behind", "answered"):
        table.add_column(name, no_wrap=name != "behind")
    for one in map(_webhook, cassette.deliveries):
        behind = one["after"] if one["nth"] == 1 else f"{one['after']} ({one['nth']})"
        answered = ", ".join(str(status) if status else "nothing" for status in one["answers"])
        table.add_row(Text(printable(str(one["type"]))), cut(behind), Text(answered))
    return table


def _said(facts: Facts | None) -> str:
    if facts is None:
        return "recorded by another tool: ids and times are as they were"
    return f"recorded from {facts.upstream}, rules {facts.rules}, epoch {_epoch(facts)}"


def _epoch(facts: Facts) -> str:
    return datetime.fromtimestamp(facts.epoch, UTC).isoformat().replace("+00:00", "Z")


def _table(rows: list[inspect_rows.InteractionRow], word: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("method", no_wrap=True)
    table.add_column("path")
    table.add_column("status", justify="right", no_wrap=True)
    if word:
        table.add_column("found in")
    else:
        table.add_column("body", no_wrap=True)
        table.add_column("size", justify="right", no_wrap=True)
    for row in rows:
        cells: list[RenderableType] = [
            Text(str(row.number)),
            Text(printable(row.method), style="" if stamps.is_read(row.method) else WRITE),
            cut(row.path),
            _status(row.status),
        ]
        shown = [_places(row.places)] if word else [Text(printable(row.body)), Text(size(row.size))]
        table.add_row(*cells, *shown)
    return table


def _places(places: tuple[str, ...]) -> RenderableType:
    """Each place on a line of its own; most of them are not told."""
    more = [Text(f"and {len(places) - PLACES} more")] if len(places) > PLACES else []
    return Group(*map(cut, places[:PLACES]), *more)


def _status(status: int) -> Text:
    return Text(str(status), style=FAILED if status >= 500 else REFUSED if status >= 400 else "")


def _causes(rows: list[inspect_rows.InteractionRow], word: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("request")
    table.add_column("causes")
    for row in rows:
        found = f" ({', '.join(row.places)})" if word else ""
        table.add_row(Text(str(row.number)), cut(row.short), Text(printable(row.causes + found)))
    return table


def _rules(cassette: Cassette, path: Path) -> Rules:
    """The rules that it was recorded by; for one of another tool, those of the API's host."""
    origin = cassette.interactions[0].request.origin if cassette.interactions else ""
    rules = rules_for(Settings.load({}), cassette, path, origin)
    return replace(rules, others=frozenset(hosts.others(cassette, origin, Settings(), path)))


def _totals(cassette: Cassette) -> str:
    kinds = Counter("read" if stamps.is_read(each.request.method) else "write" for each in cassette.interactions)
    sizes = sum(len(each.request.body) + len(each.response.body) for each in cassette.interactions)
    return (
        f"{counted(len(cassette.interactions), 'interaction')}: {counted(kinds['write'], 'write')}, "
        f"{counted(kinds['read'], 'read')}; {size(sizes)} of bodies"
    )


# -- one interaction ---------------------------------------------------------------------------------------------------


def whole(number: int, interaction: Interaction) -> Iterator[Part]:
    """A request and its answer, as they stand on the wire but for their bodies: these are laid out."""
    request, response = interaction.request, interaction.response
    yield Text(printable(f"#{number} {request.method} {request.uri}"), style="bold")
    yield from _message(request)
    yield Text()
    yield Text(printable(f"{response.status} {response.reason}"), style="bold")
    yield from _message(response)


def _message(message: Request | Response) -> Iterator[Part]:
    for name, value in message.headers:
        yield Text(printable(f"{name}: {value}"), style="cyan")
    text = inspect_rows.readable(message)
    if text == "":
        return
    yield Text()
    if text is None:
        yield Text(f"({size(len(message.body))} that are no text)", style="yellow")
        return
    kind = message.content.kind
    shown = Text("\n".join(map(printable, inspect_rows.laid_out(text, kind).splitlines())))
    yield JSONHighlighter()(shown) if kind is bodies.BodyKind.JSON and len(shown) <= LONGEST_COLOURED else shown
