"""A page that was not recorded, written like those that were: each hint of a recorded envelope in its own form, with
what it says of that page."""

import json
from collections.abc import Sequence

from replayer.core.lazily import cached_property
from replayer.core.lists.envelope import Hint, Path, rewritten
from replayer.core.lists.hypotheses import Hypotheses
from replayer.core.lists.offsets import Offsets
from replayer.core.lists.page import Bounds, CountedPage, RecordedPage, Span, Target, Unsure, Value, same
from replayer.core.lists.page_request import PageRequest, led
from replayer.core.rules import Positional

Keys = tuple[str, ...]
Ends = tuple[bool, bool | None]  # whether a page is the first, and whether there are more behind it, as far as is known


class Composer:
    """Writes the pages of one list, which ends within these bounds, like those that were recorded."""

    def __init__(
        self,
        pages: Sequence[CountedPage],
        left: Hypotheses,
        offsets: Offsets,
        style: Positional,
        bounds: Bounds,
    ) -> None:
        self._pages, self._left, self._offsets = pages, left, offsets
        self._style, self._bounds = style, bounds
        self._like: dict[tuple[Keys, Ends], CountedPage | None] = {}
        self._forms: dict[tuple[Path, Keys, object], tuple[CountedPage, Hint] | None] = {}

    def template(self, page: Span, request: PageRequest) -> CountedPage | None:
        """The recorded page that this one is written like; None where there is none at that end of the list."""
        keys, ends = self._keys(request), self._ends(page)
        if (keys, ends) not in self._like:
            at = self._asked_so(keys)
            fitting = [one for one in at if self._ends(one.span) == ends] or (at if self._is_even(ends) else [])
            # One that shows how objects are set apart, and of these the first.
            self._like[keys, ends] = max(fitting, key=lambda one: min(one.span.count, 2), default=None)
        return self._like[keys, ends]

    def changes(self, like: CountedPage, page: Span, request: PageRequest) -> list[tuple[Hint, str]] | Path:
        """What is written otherwise in that page than in its template; or the path of a hint of which nobody knows."""
        keys = self._keys(request)
        sometimes = self._sometimes.get((keys, self._ends(like.span)))
        if sometimes:
            return sometimes
        changes = []
        for path, hint in like.page.envelope.hints.items():
            text = self._written(path, like, page, keys)
            if text is None:
                return path
            changes.append((hint, text))
        return changes

    # -- templates ----------------------------------------------------------------------------------------------

    def _ends(self, page: Span) -> Ends:
        return page.start == 0, None if page.end >= self._bounds.least != self._bounds.most else (
            page.end < self._bounds.least
        )

    def _keys(self, request: PageRequest) -> Keys:
        """In which words a page is asked for, where that makes a difference: links are written as their request was."""
        return request.keys if self._is_linked else ()

    @cached_property
    def _is_linked(self) -> bool:
        return any(link.where or link.size for one in self._pages for link in one.page.links(self._style))

    def _asked_so(self, keys: Keys) -> list[CountedPage]:
        return [one for one in self._pages if self._keys(one.page.request) == keys]

    def _is_even(self, ends: Ends) -> bool:
        """Whether all pages have the same hints, at the ends of the list that this one is at as well as elsewhere."""
        seen = zip(*(self._ends(one.span) for one in self._pages), strict=True)
        is_seen = all(end in those for end, those in zip(ends, seen, strict=False))
        return self._style.even or (is_seen and len({frozenset(one.values) for one in self._pages}) == 1)

    @cached_property
    def _sometimes(self) -> dict[tuple[Keys, Ends], Path]:
        """A hint that only some of the pages have which are at the same end of the list and were asked for in the same
        words."""
        common: dict[tuple[Keys, Ends], dict[Path, None]] = {}
        sometimes: dict[tuple[Keys, Ends], Path] = {}
        for one in self._pages:
            key = self._keys(one.page.request), self._ends(one.span)
            differing = common.setdefault(key, dict.fromkeys(one.values)).keys() ^ one.values.keys()
            if differing:
                sometimes.setdefault(key, min(differing))
        return sometimes

    # -- hints --------------------------------------------------------------------------------------------------

    def _written(self, path: Path, like: CountedPage, page: Span, keys: Keys) -> str | None:
        value = self._left.of(path, page)
        form = None if isinstance(value, Unsure) else self._form(path, value, like, keys)
        if form is None:
            return None
        one, hint = form
        if isinstance(value, Target):
            return self._led(hint, one.page, value, page)
        if one is like and same(value, like.values[path]):
            return hint.text
        if isinstance(value, bool):
            return _cased("true" if value else "false", hint.text)
        if isinstance(value, int):
            return json.dumps(str(value)) if isinstance(hint.value, str) and not hint.is_bare else str(value)
        return hint.text

    def _form(self, path: Path, value: Value, like: CountedPage, keys: Keys) -> tuple[CountedPage, Hint] | None:
        """A hint that says such a value, as it is written in the answer to who asks in these words."""
        if self._fits(like, path, value, keys):
            return like, like.page.envelope.hints[path]
        key = (path, keys, _kind(value))
        if key not in self._forms:
            fitting = (one for one in self._pages if self._fits(one, path, value, keys))
            self._forms[key] = next(((one, one.page.envelope.hints[path]) for one in fitting), None)
        return self._forms[key]

    def _fits(self, one: CountedPage, path: Path, value: Value, keys: Keys) -> bool:
        if path not in one.values or _kind(one.values[path]) != _kind(value):
            return False
        link = one.page.link(one.page.envelope.hints[path], self._style)
        # A client that follows a link asks in the words of that link, and is answered with the next one in the same.
        return link is None or not self._is_linked or keys in (one.page.request.keys, link.keys)

    def _led(self, hint: Hint, recorded: RecordedPage, target: Target, page: Span) -> str | None:
        """How a link or a token is written that leads there. A link says in addition how long its page is."""
        link, where = recorded.link(hint, self._style), self._offsets.written(target, page.size)
        if link is None:
            return rewritten(hint, where) if where else None
        if link.size is not None and (page.size is None or page.size != page.wanted):
            return None  # nobody knows which of the two it says
        size = str(page.size) if link.size is not None else None
        text = led(hint.value, PageRequest(where if link.where is not None else None, size), self._style)
        return rewritten(hint, text) if text is not None else None


def _kind(value: Value) -> object:
    """Many APIs leave the number of the first page out where they lead to it: that is another kind of link."""
    return type(value), isinstance(value, Target) and value.start == 0


def _cased(text: str, like: str) -> str:
    """A word with large letters where that one has them."""
    return text.upper() if like.isupper() else text.capitalize() if like.istitle() else text
