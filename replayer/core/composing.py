"""A page that was not recorded, written like those that were: each leaf of a recorded envelope in its own form, with
what it shows in that page."""

import json
from collections.abc import Iterable
from functools import cached_property

from replayer.core.asking import Spot, led
from replayer.core.envelopes import Leaf, rewritten
from replayer.core.meanings import Meanings, Row, Taken
from replayer.core.numbering import Numbering
from replayer.core.ruleset import Positional
from replayer.core.tellings import Target, Unsure, Value, Window, same


class Composer:
    """Writes the pages of one list like those rows."""

    def __init__(self, rows: Iterable[Row], meanings: Meanings, numbering: Numbering, style: Positional) -> None:
        self._rows, self._meanings, self._numbering, self._style = tuple(rows), meanings, numbering, style
        self._forms: dict[tuple[tuple[str, ...], tuple[str, ...], type], Row | None] = {}
        self._likes: dict[tuple[tuple[str, ...], tuple[bool, bool | None]], Row | None] = {}

    def like(self, page: Window, spot: Spot) -> Row | None:
        """The recorded page that this one is written like; None where there is none at that end of the list."""
        key = (spot.keys if self._is_linked else (), page.ends)
        if key not in self._likes:
            self._likes[key] = self._likest(page, spot)
        return self._likes[key]

    def _likest(self, page: Window, spot: Spot) -> Row | None:
        rows = self._rows
        if self._is_linked:  # links are written as their request was
            rows = tuple(row for row in rows if row.taken.spot.keys == spot.keys)
        if not self._style.even and not _are_even(rows, page):
            rows = tuple(row for row in rows if row.page.ends == page.ends)

        def likeness(row: Row) -> tuple[bool, int, int]:
            return row.page.ends == page.ends, min(row.page.count, 2), -row.taken.entry.order

        return max(rows, key=likeness, default=None)

    @cached_property
    def _is_linked(self) -> bool:
        """Whether an answer holds links to other pages."""
        return any(link.where or link.size for row in self._rows for link in row.taken.links(self._style))

    def changes(self, like: Row, page: Window) -> list[tuple[Leaf, str]] | Leaf:
        """What is written otherwise in that page than in the one that it is like; or the leaf of which nobody knows."""
        found = []
        for leaf in like.taken.envelope.leaves.values():
            text = self._written(leaf, like, page)
            if text is None:
                return leaf
            found.append((leaf, text))
        return found

    def _written(self, leaf: Leaf, like: Row, page: Window) -> str | None:
        value = self._meanings.of(leaf.path, page)
        if isinstance(value, Unsure):
            return None
        form = like if same(value, like.values[leaf.path]) else self._form(leaf.path, value, like)
        if form is None:
            return None
        told = form.taken.envelope.leaves[leaf.path]
        if isinstance(value, Target):
            return self._target(told, form.taken, value, page)
        if form is like and same(value, like.values[leaf.path]):
            return leaf.text
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return json.dumps(str(value)) if isinstance(told.value, str) and told.header is None else str(value)
        return told.text

    def _form(self, path: tuple[str, ...], value: Value, like: Row) -> Row | None:
        """A page in which that leaf shows such a value, asked for in the same words."""
        keys = like.taken.spot.keys if self._is_linked else ()
        if type(like.values[path]) is type(value):
            return like
        if (path, keys, type(value)) not in self._forms:
            rows = (row for row in self._rows if not keys or row.taken.spot.keys == keys)
            found = next((row for row in rows if type(row.values.get(path, like)) is type(value)), None)
            self._forms[(path, keys, type(value))] = found
        return self._forms[(path, keys, type(value))]

    def _target(self, leaf: Leaf, taken: Taken, target: Target, page: Window) -> str | None:
        """How a link or a token is written that leads there. A link says in addition how long its page is."""
        link, where = taken.link(leaf, self._style), self._numbering.where(target.start, page.size)
        if link is None:
            return rewritten(leaf, where) if where else None
        if (link.size is not None and page.size is None) or (link.where is None and target.start):
            return None
        size = str(page.size) if link.size is not None else None
        text = led(leaf.value, Spot(where if link.where is not None else None, size), self._style)
        return rewritten(leaf, text) if text is not None else None


def _are_even(rows: tuple[Row, ...], page: Window) -> bool:
    """Whether all pages have the same members, at the ends of the list that this one is at as well as elsewhere."""
    alike = len({frozenset(row.values) for row in rows}) == 1
    seen = zip(*(row.page.ends for row in rows), strict=True)
    return alike and all(end in ends for end, ends in zip(page.ends, seen, strict=True))
