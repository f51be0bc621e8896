"""The documents of one source, by the path and the parameters of their address. Each is a JSON object; what is asked
for and is not there is a UsageError.

session                       what this is, its receipt, how many rows there are
rows?of=cassette&after=N      the interactions of the cassette, some thousand at once
exchange?row=N                one request of the session; ?number=N is one interaction of the cassette
alias?text=in_1...            where a value comes from, and every place where it stands
arcs?row=N                    which rows it depends on, and which on it; ?number=N of interactions
copy?row=N                    that request as others write it; ?number=N an interaction
search?text=WORD              the interactions that hold it; ?of=session the requests of the session
drawn/NAME                    what is drawn of the cassette: see `drawn`
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from replayer.core.cassette import Cassette, Interaction, Outline, Stored
from replayer.core.drawing import Drawing
from replayer.core.matching import Entry
from replayer.core.session import verdicts
from replayer.errors import UsageError
from replayer.inspector import arcs, drawn, exchange, origins
from replayer.inspector.addresses import Parameters, number_of
from replayer.inspector.copying import copies
from replayer.inspector.feed import FeedRow
from replayer.inspector.inspected import Inspected, Pairs
from replayer.inspector.rows import places_of, shown_path

AT_ONCE = 4000  # rows in one document: a megabyte of JSON at most
SHORTEST = 2  # characters of what is looked for in all bodies
LONGEST = 1000

Document = dict[str, Any]


class Desk:
    """Tells of one source. What it has read of a cassette is kept as long as that is the same. `more` are
    other documents, by their paths."""

    def __init__(self, source: Inspected, more: Mapping[str, Callable[[Parameters], Document]] | None = None) -> None:
        self.source = source
        self._seen: Cassette | None = None
        self._version = 0
        self._bound: Pairs = ()
        self._told: Document = {}
        self._drawing: Drawing | None = None
        self._listed: list[list[Any]] = []
        self._coming: Iterator[Outline] = iter(())
        self._more = dict(more or {})

    def __repr__(self) -> str:
        return f"<Desk {self.source.kind} {self.source.name}>"

    def document(self, path: str, parameters: Parameters) -> Document:
        """The document at that path. It may cost a walk through the cassette."""
        own = OWN.get(path)
        if own is not None:
            return own(self, parameters)
        if path not in self._more:
            raise UsageError(f"There is no {path!r} to see: there are {', '.join((*OWN, *self._more))}.")
        return self._more[path](parameters)

    @staticmethod
    def by_numbers(document: Callable[[int, int], Document]) -> Callable[[Parameters], Document]:
        """A document of one interaction of several cassettes, by the numbers of both in its address."""
        return lambda told: document(number_of(told, "cassette", 0), number_of(told, "number", 1))

    # -- the cassette as it is now ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at what there is now. All documents are of that until this is called again, whatever is recorded
        meanwhile; to be called where nothing else is done in the session."""
        self._bound = self.source.bound()
        self._told = {"receipt": dict(self.source.receipt()), **self.source.facts()}
        version = self.source.version()
        if self._seen is not None and version == self._version:
            return
        self._seen, self._version, self._drawing = self.source.cassette(), version, None
        interactions = self._seen.interactions
        outlines = interactions.outlines() if isinstance(interactions, Stored) else interactions
        self._listed, self._coming = [], iter(outlines)

    @property
    def cassette(self) -> Cassette:
        if self._seen is None:
            self.refresh()
        return self._seen or Cassette()

    @property
    def drawing(self) -> Drawing:
        """What is drawn of the cassette as it is now."""
        cassette = self.cassette
        if self._drawing is None:
            self._drawing = Drawing(cassette, self.source.rules())
        return self._drawing

    def _interaction(self, number: int) -> Interaction:
        interactions = self.cassette.interactions
        if not 0 < number <= len(interactions):
            raise UsageError(f"There is no interaction {number}: there are {len(interactions)}.")
        return interactions[number - 1]

    # -- documents ----------------------------------------------------------------------------------------------------

    def _session(self, _: Parameters) -> Document:
        source = self.source
        return {
            "kind": source.kind,
            "cassette": source.name,
            "url": source.url,
            "count": source.feed.count if source.feed else 0,
            "recorded": len(self.cassette.interactions),
            **self._told,
        }

    def _rows(self, parameters: Parameters) -> Document:
        cassette = self.cassette
        after = number_of(parameters, "after", 0)
        while len(self._listed) < after + AT_ONCE:
            more = [*islice(self._coming, AT_ONCE)]
            if not more:
                break
            begin = len(self._listed) + 1
            self._listed += [_listed(number, one) for number, one in enumerate(more, start=begin)]
        return {"rows": self._listed[after : after + AT_ONCE], "count": len(cassette.interactions)}

    def _exchange(self, parameters: Parameters) -> Document:
        if "row" not in parameters:
            number = number_of(parameters, "number", 1)
            return self._recorded(number, self._interaction(number), None)
        row = self._row(number_of(parameters, "row", 1))
        match row.subject:
            case Entry() as entry:
                held = 0 <= entry.order < len(self.cassette.interactions) and row.outcome not in exchange.FOLLOWING
                return self._recorded(entry.order + 1 if held else None, entry.interaction, row)
            case Interaction() as interaction:
                return self._recorded(self._place(interaction), interaction, row)
            case verdicts.Refuse() as refusal:
                drawing = self.drawing if self.cassette.interactions else None
                return exchange.missed(row, refusal, drawing)
            case _:
                return exchange.bare(row)

    def _recorded(self, number: int | None, interaction: Interaction, row: FeedRow | None) -> Document:
        source, drawing = self.source, self.drawing if number is not None else None
        found = exchange.recorded(number, interaction, drawing, row, source.rules())
        text = f"{found['request']}{found['response']}"
        bound = [
            {"recorded": kept, "live": live, "places": origins.holes_of(interaction, kept)}
            for kept, live in self._bound
            if kept != live and kept in text  # a program that asks as it was recorded made nothing anew
        ]
        return found | {"bound": bound}

    def _arcs(self, parameters: Parameters) -> Document:
        count = len(self.cassette.interactions)
        if "row" not in parameters:
            return arcs.of_interaction(number_of(parameters, "number", 1, max(1, count)), self.drawing)
        row, feed = self._row(number_of(parameters, "row", 1)), self.source.feed
        if feed is None or not count:
            return {"row": row.number, "behind": [], "ahead": []}
        is_recording = not isinstance(self.cassette.interactions, Stored)
        held = arcs.numbered(self.cassette.interactions) if is_recording else {}
        return arcs.of_row(row, feed, self.drawing, held)

    def _copy(self, parameters: Parameters) -> Document:
        interaction: Interaction | None
        if "row" not in parameters:
            interaction = self._interaction(number_of(parameters, "number", 1))
        else:
            interaction = _interaction_of(self._row(number_of(parameters, "row", 1)))
        if interaction is None:
            raise UsageError("Nothing is kept of that request but its row.")
        return copies(interaction, self.source.url, self.source.name)

    def _place(self, interaction: Interaction) -> int | None:
        """The number of what was just recorded; None where it is not among what will be saved."""
        found = enumerate(self.cassette.interactions, start=1)
        return next((number for number, one in found if one is interaction or one == interaction), None)

    def _row(self, number: int) -> FeedRow:
        row = self.source.feed.row(number) if self.source.feed else None
        if row is None:
            raise UsageError(f"There is no request {number}: it has not come, or others have taken its place.")
        return row

    def _alias(self, parameters: Parameters) -> Document:
        return origins.alias(self.cassette.interactions, _text(parameters))

    def _search(self, parameters: Parameters) -> Document:
        text = _text(parameters)
        if parameters.get("of") == "session":
            return {"numbers": self._rows_with(text)}
        numbered = enumerate(self.cassette.interactions, start=1)
        return {"numbers": [number for number, one in numbered if _holds(one, text)]}

    def _rows_with(self, text: str) -> list[int]:
        """The rows whose exchanges hold that; of an exchange that comes again and again it is found out once."""
        feed, known = self.source.feed, dict[int, bool]()
        found = []
        for row in feed.rows(0, feed.count) if feed else ():
            interaction = _interaction_of(row)
            if interaction is not None:
                key = id(row.subject)  # which the rows hold
                if key not in known:
                    known[key] = _holds(interaction, text)
                if known[key]:
                    found.append(row.number)
        return found


def _interaction_of(row: FeedRow) -> Interaction | None:
    """What a row was answered with, where that is known."""
    subject = row.subject
    interaction: Any = subject.interaction if isinstance(subject, Entry) else subject
    return interaction if isinstance(interaction, Interaction) else None


def _holds(interaction: Interaction, text: str) -> bool:
    return next(places_of(interaction, text), None) is not None


def _listed(number: int, one: Outline) -> list[Any]:
    """An interaction as a row of the list: see `told`."""
    request = one.request
    return [number, "recorded", request.method, shown_path(request), one.status, None, one.date, number, "", None]


def told(row: FeedRow) -> list[Any]:
    """A row as JSON: its number, outcome, method, path, status, milliseconds, virtual time, the number of the recorded
    interaction that it was answered with, what there is to be said of it, and when it came."""
    subject, path = row.subject, row.path
    match subject:
        case Entry():
            path = shown_path(subject.interaction.request)
        case Interaction():
            path = shown_path(subject.request)
        case verdicts.Refuse(line=str(line)) if line:
            path = line.partition(" ")[2]
    virtual = getattr(subject, "date", None)
    number = subject.order + 1 if isinstance(subject, Entry) and row.outcome not in exchange.FOLLOWING else None
    first = row.note.partition("\n")[0]
    took = round(row.milliseconds, 1)
    return [row.number, row.outcome, row.method, path, row.status, took, virtual, number, first, round(row.at, 3)]


class RowTexts:
    """Rows as the JSON texts of what is told of them. What comes again and again is put into words once: thousands a
    second cost those who are answered next to nothing."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[FeedRow, str]] = {}  # the row is held, so that no other has its identity

    def __repr__(self) -> str:
        return f"<RowTexts {len(self._known)} known>"

    def text(self, number: int, row: FeedRow, at: float) -> str:
        """One row, which came then."""
        if row.number == number:
            return _in_json(told(row))
        known = self._known.get(id(row))
        if known is None:
            if len(self._known) >= AT_ONCE:
                self._known.clear()
            known = self._known[id(row)] = row, _in_json(told(row)[1:-1])[1:-1]
        return f"[{number},{known[1]},{at:.3f}]"


def _in_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(parameters: Parameters) -> str:
    text = parameters.get("text", "")
    if not SHORTEST <= len(text) <= LONGEST:
        raise UsageError(f"text is what is looked for: {SHORTEST} to {LONGEST} characters.")
    return text


def _of_drawing(make: Callable[[Drawing, Parameters], Document]) -> Callable[[Desk, Parameters], Document]:
    return lambda desk, parameters: make(desk.drawing, parameters)


# What any source has, by the path of its document; a desk that held these itself would be held by them.
OWN: dict[str, Callable[[Desk, Parameters], Document]] = {
    "session": Desk._session,  # noqa: SLF001 - they are its own
    "rows": Desk._rows,  # noqa: SLF001
    "exchange": Desk._exchange,  # noqa: SLF001
    "alias": Desk._alias,  # noqa: SLF001
    "arcs": Desk._arcs,  # noqa: SLF001
    "copy": Desk._copy,  # noqa: SLF001
    "search": Desk._search,  # noqa: SLF001
    **{f"drawn/{name}": _of_drawing(make) for name, make in drawn.DOCUMENTS.items()},
}
