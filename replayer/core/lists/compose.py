"""A page that was not recorded, written like those that were: each leaf of a recorded envelope in its own form, with
what it shows in that page."""

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from replayer.core.lists.asking import Spot, led
from replayer.core.lists.envelope import Leaf, rewritten
from replayer.core.lists.habits import Members, Path
from replayer.core.lists.meanings import Meanings, Row, Taken
from replayer.core.lists.numbering import Numbering
from replayer.core.lists.tellings import Back, Target, Unsure, Value, Window, same
from replayer.core.rules.ruleset import Positional

Kind = tuple[type, bool]
Way = tuple[tuple[bool, bool | None], tuple[str, ...]]  # at which ends of the list, and asked in which words


class Form(NamedTuple):
    """A leaf that another one is written like, and the page that it stands in."""

    row: Row
    leaf: Leaf


class Composer:
    """Writes the pages of one list like those rows. `members` are those that its pages have in other states."""

    def __init__(
        self, rows: Iterable[Row], meanings: Meanings, numbering: Numbering, style: Positional, members: Members
    ) -> None:
        self._rows, self._meanings, self._numbering, self._style = tuple(rows), meanings, numbering, style
        self._members = members | {(frozenset(row.values), row.page.ends) for row in self._rows}
        self._forms: dict[tuple[Path, tuple[str, ...], Kind], Form | None] = {}
        self._likes: dict[tuple[tuple[str, ...], tuple[bool, bool | None]], Row | None] = {}

    def like(self, page: Window, spot: Spot) -> Row | None:
        """The recorded page that this one is written like; None where there is none at that end of the list."""
        key = (self._keys(spot), page.ends)
        if key not in self._likes:
            self._likes[key] = self._likest(page, spot)
        return self._likes[key]

    def _likest(self, page: Window, spot: Spot) -> Row | None:
        rows = tuple(row for row in self._rows if self._keys(row.taken.spot) == self._keys(spot))
        if not self._style.even and not self._is_even(page):
            rows = tuple(row for row in rows if row.page.ends == page.ends)

        def likeness(row: Row) -> tuple[bool, int, int]:
            return row.page.ends == page.ends, min(row.page.count, 2), -row.taken.entry.order

        return max(rows, key=likeness, default=None)

    def _is_even(self, page: Window) -> bool:
        """Whether all pages have the same members, at the ends of the list that this one is at as well as elsewhere."""
        seen = zip(*(ends for _, ends in self._members), strict=True)
        alike = len({paths for paths, _ in self._members}) == 1
        return alike and all(end in ends for end, ends in zip(page.ends, seen, strict=True))

    def _keys(self, spot: Spot) -> tuple[str, ...]:
        """In which words a page is asked for, where that makes a difference: links are written as their request was."""
        return spot.keys if self._is_linked else ()

    @cached_property
    def _is_linked(self) -> bool:
        """Whether an answer holds links to other pages."""
        return any(link.where or link.size for row in self._rows for link in row.taken.links(self._style))

    def changes(self, like: Row, page: Window, spot: Spot) -> list[tuple[Leaf, str]] | Leaf:
        """What is written otherwise in that page than in the one that it is like; or the leaf of which nobody knows."""
        found = []
        pulled = page.size is not None and spot.size not in (None, str(page.size))
        sometimes = self._sometimes(like)
        if sometimes is not None:
            return sometimes
        for leaf in like.taken.envelope.leaves.values():
            text = None if pulled and self._tells_size(leaf) else self._written(leaf, like, page, self._keys(spot))
            if text is None:
                return leaf
            found.append((leaf, text))
        return found

    def _tells_size(self, leaf: Leaf) -> bool:
        """Whether it tells the size, and nobody knows which: the one that was asked for, or the one that was given."""
        if any(link.size for row in self._rows if (link := self._link(row, leaf.path))):
            return True
        pulled = any(row.page.size and row.taken.spot.size not in (None, str(row.page.size)) for row in self._rows)
        return not pulled and self._meanings.is_size(leaf.path)

    def _link(self, row: Row, path: Path) -> Spot | None:
        leaf = row.taken.envelope.leaves.get(path)
        return row.taken.link(leaf, self._style) if leaf else None

    def _sometimes(self, like: Row) -> Leaf | None:
        """What only some of the pages have that are at the same end of the list and were asked for in the same way."""
        return self._uneven.get((like.page.ends, self._keys(like.taken.spot)))

    @cached_property
    def _uneven(self) -> dict[Way, Leaf]:
        ways: dict[Way, list[Row]] = {}
        for row in self._rows:
            ways.setdefault((row.page.ends, self._keys(row.taken.spot)), []).append(row)
        return {way: leaf for way, rows in ways.items() if (leaf := _missing_somewhere(rows)) is not None}

    def _written(self, leaf: Leaf, like: Row, page: Window, keys: tuple[str, ...]) -> str | None:
        value = self._meanings.of(leaf.path, page)
        if isinstance(value, Unsure):
            return None
        form = self._form(leaf.path, value, like, keys)
        if form is None:
            return None
        told = form.leaf
        if isinstance(value, Target | Back):
            return self._target(told, form.row.taken, value, page)
        if form.row is like and same(value, like.values[leaf.path]):
            return leaf.text
        if isinstance(value, bool):
            return _cased("true" if value else "false", told.text)
        if isinstance(value, int):
            return json.dumps(str(value)) if isinstance(told.value, str) and not told.is_bare else str(value)
        return told.text

    def _form(self, path: Path, value: Value, like: Row, keys: tuple[str, ...]) -> Form | None:
        """A leaf that shows such a value, as it is written in the answer to who asks in these words."""
        if self._fits(like, path, value, keys):
            return Form(like, like.taken.envelope.leaves[path])
        key = (path, keys, _kind(value))
        if key not in self._forms:
            paths = [path, *self._beside(path)] if isinstance(value, Target) and value.start else [path]
            fitting = ((row, one) for one in paths for row in self._rows if self._fits(row, one, value, keys))
            self._forms[key] = next((Form(row, row.taken.envelope.leaves[one]) for row, one in fitting), None)
        return self._forms[key]

    def _beside(self, path: Path) -> Iterator[Path]:
        """The links that stand beside that leaf: each leads to pages behind the first one in the same words."""
        leaves = [(row.taken, leaf) for row in self._rows for leaf in row.taken.envelope.leaves.values()]
        home = next((leaf.home for _, leaf in leaves if leaf.path == path), None)
        return (leaf.path for taken, leaf in leaves if leaf.home == home and taken.link(leaf, self._style))

    def _fits(self, row: Row, path: Path, value: Value, keys: tuple[str, ...]) -> bool:
        if path not in row.values or _kind(row.values[path]) != _kind(value):
            return False
        link = row.taken.link(row.taken.envelope.leaves[path], self._style)
        # A client that follows a link asks in the words of that link, and is told the next one in the same.
        return link is None or not self._is_linked or keys in (row.taken.spot.keys, link.keys)

    def _target(self, leaf: Leaf, taken: Taken, target: Target | Back, page: Window) -> str | None:
        """How a link or a token is written that leads there. A link says in addition how long its page is."""
        link, where = taken.link(leaf, self._style), self._numbering.leading(target, page.size)
        if link is None:
            return rewritten(leaf, where) if where else None
        if link.size is not None and page.size is None:
            return None
        size = str(page.size) if link.size is not None else None
        text = led(leaf.value, Spot(where if link.where is not None else None, size), self._style)
        return rewritten(leaf, text) if text is not None else None


def _kind(value: Value) -> Kind:
    """Many APIs leave the number of the first page out where they lead to it: that is another kind of link."""
    return type(value), value == Target(0)


def _cased(text: str, like: str) -> str:
    """A word with large letters where that one has them."""
    return text.upper() if like.isupper() else text.capitalize() if like.istitle() else text


def _missing_somewhere(rows: list[Row]) -> Leaf | None:
    everywhere = frozenset[Path].intersection(*(frozenset(row.values) for row in rows))
    leaves = (leaf for row in rows for path, leaf in row.taken.envelope.leaves.items() if path not in everywhere)
    return next(leaves, None)
