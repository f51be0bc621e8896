"""What the inspector draws of a cassette, as JSON: causes, states, lives of objects, lists. What is long is told in
parts, and what is asked for and is not there is a UsageError."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from replayer.core.drawing import AskedPage, Drawing, DrawnList, DrawnStretch, Lane, SessionState
from replayer.errors import UsageError
from replayer.inspector.addresses import Parameters, number_of

ROWS = 500  # interactions that are told at once
OBJECTS = 200  # objects that are
IDS = 400  # ids of one stretch that are; of a longer one the first and the last are besides
Document = dict[str, Any]


def _causes(drawing: Drawing, parameters: Parameters) -> Document:
    """The interactions from `first` on, `count` of them at most, each with the writes that it had behind it."""
    numbers = _numbers(drawing, parameters)
    return {
        "count": len(drawing.index),
        "writes": len(drawing.writes),
        "first": numbers.start,
        "rows": [_row(drawing, number) for number in numbers],
    }


def _row(drawing: Drawing, number: int) -> Document:
    entry = drawing.index.entries[number - 1]
    return {
        "number": number,
        "request": drawing.short(drawing.request(number)),
        "reads": entry.reads,
        "status": entry.status,
        "behind": _ranges(drawing.causality.behind(number)),
    }


def _around(drawing: Drawing, parameters: Parameters) -> Document:
    """One interaction: the writes behind it, and the interactions that have it behind them."""
    number = number_of(parameters, "number", 1, len(drawing.index))
    return {
        "number": number,
        "request": drawing.request(number),
        "behind": _ranges(drawing.causality.behind(number)),
        "ahead": _ranges(drawing.causality.ahead(number)),
    }


def _state(drawing: Drawing, parameters: Parameters) -> Document:
    """The session after the first `after` writes: what the reads from `first` on would be answered, how many of all
    would be, the first write that is not played yet and which writes may come next, and which lists are known."""
    after = number_of(parameters, "after", 0, len(drawing.writes))
    state, numbers = drawing.state_after(after), _numbers(drawing, parameters)
    return {
        "after": after,
        "last": drawing.writes[after - 1] if after else None,
        "reads": [_read(state, number) for number in numbers if number in state.reads],
        "answered": sum(read.is_answered for read in state.reads.values()),
        "of": len(state.reads),
        "ready": [*islice(state.ready, ROWS)],
        "lists": state.lists,
        "of_lists": len(drawing.lists),
    }


def _read(state: SessionState, number: int) -> Document:
    read = state.reads[number]
    return {"number": number, "how": read.how, "by": read.by, "why": read.why}


def _objects(drawing: Drawing, parameters: Parameters) -> Document:
    """The objects whose ids hold `text`, in the order in which they come first."""
    text = parameters.get("text", "").lower()
    found = [(name, count) for name, count in drawing.lanes.objects.items() if text in name.lower()]
    told = [{"id": name, "count": count} for name, count in found[:OBJECTS]]
    return {"objects": told, "more": max(0, len(found) - OBJECTS)}


def _lane(drawing: Drawing, parameters: Parameters) -> Document:
    """The life of the object of that `id`."""
    lane: Lane = drawing.lanes.lane(parameters.get("id", ""))
    steps = [asdict(step) | {"request": drawing.short(step.request)} for step in lane.steps]
    return {"id": lane.name, "steps": steps}


def _lists(drawing: Drawing, _: Parameters) -> Document:
    """The lists that were asked for, each in each of its states."""
    return {"lists": [_list(one, drawing.short) for one in drawing.lists]}


def _list(one: DrawnList, short: Callable[[str], str]) -> Document:
    return {
        "list": one.name,
        "behind": _ranges(one.behind),
        "stretches": [_stretch(each, short) for each in one.stretches],
        "pages": [asdict(each) for each in one.pages],
        "total": one.total,
        "conflict": one.conflict,
    }


def _stretch(one: DrawnStretch, short: Callable[[str], str]) -> Document:
    ids = one.ids if len(one.ids) <= IDS else (one.ids[0], one.ids[-1])
    names = {"ids": ids, "short": [*map(short, ids)]}
    return names | {"count": one.count, "start": one.start, "starts": one.starts, "ends": one.ends}


def _asked(drawing: Drawing, parameters: Parameters) -> Document:
    """Another page of the list of that number, counted from 0: `query` says which one."""
    if not drawing.lists:
        raise UsageError("No list is known from this cassette.")
    number = number_of(parameters, "list", 0, len(drawing.lists) - 1)
    page: AskedPage = drawing.asked_of(number, parameters.get("query", "").lstrip("?"))
    return {"list": number} | asdict(page)


DOCUMENTS: Mapping[str, Callable[[Drawing, Parameters], Document]] = {
    "causes": _causes,
    "around": _around,
    "state": _state,
    "objects": _objects,
    "lane": _lane,
    "lists": _lists,
    "asked": _asked,
}


def _numbers(drawing: Drawing, parameters: Parameters) -> range:
    """The interactions that are asked for, by their numbers."""
    length = len(drawing.index)
    first = number_of(parameters, "first", 1, max(1, length))
    count = number_of(parameters, "count", 1, ROWS, ROWS)
    return range(first, min(first + count, length + 1))


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers in order, those in a row as their first and their last: `[[1, 3], [7, 7]]`."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
