"""What a hint may say of its page. There is one idea: of all hypotheses those are left that fit every recorded page,
and a hint is known of another page where all that are left agree on it.

    "total": 20, "count": 7      a page of 7     20 is the list's, or always 20; 7 is the page's, the size asked for ...
    "total": 20, "count": 6      the last one    ... and now the page's only

Where the list ends may be unknown as well: then a hypothesis is left with each end that it fits.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from replayer.core.lists.envelope import Hint, Path
from replayer.core.lists.page import UNSURE, Bounds, CountedPage, Span, Target, Unsure, Value, same
from replayer.core.rules import Positional, ruleset

PREFIX = re.compile(r"^(?:has|is)(?:_|(?=[A-Z]))")  # of the name of a truth


Hypothesis = Callable[[Span], Value]


def _behind(page: Span, value: Value) -> Value:
    """What is said only where there is a page behind this one."""
    return value if page.more else None


def _before(page: Span, value: Value) -> Value:
    return value if page.start > 0 else None


def _to(start: Value) -> Value:
    return Target(start) if isinstance(start, int) else start


def _size(page: Span) -> Value:
    return UNSURE if page.size is None else page.size


def _sized(page: Span, of: Callable[[int], int | None]) -> Value:
    """What depends on the size of a page."""
    return UNSURE if not page.size else of(page.size)


def _previous(page: Span) -> tuple[Value, Value]:
    """Where the page before begins: of one that is nearer to the first object than that, APIs say 0 or nothing."""
    clipped = _sized(page, lambda size: max(page.start - size, 0))
    return clipped, _sized(page, lambda size: page.start - size if page.start >= size else None)


def _last(page: Span) -> tuple[Value, Value]:
    """Where the last page begins: of pages from the first object on, or from this one's."""
    whole = _sized(page, lambda size: (page.total - 1) // size * size)
    return whole, _sized(page, lambda size: page.start + (page.total - 1 - page.start) // size * size)


def _back(page: Span) -> Value:
    is_whole = page.size is not None and page.start >= page.size
    return _before(page, Target(page.start - (page.size or 0), page.size) if is_whole else UNSURE)


def _more(page: Span) -> Value:
    return page.more


def _no_more(page: Span) -> Value:
    return not page.more


def _is_first(page: Span) -> Value:
    return page.start == 0


def _not_first(page: Span) -> Value:
    return page.start > 0


def _total(page: Span) -> Value:
    return page.total


LINKS: Mapping[str, tuple[Hypothesis, ...]] = {
    "next": (lambda page: _behind(page, Target(page.end)),),
    "previous": (
        lambda page: _before(page, _to(_previous(page)[0])),
        lambda page: _before(page, _to(_previous(page)[1])),
    ),
    "first": (lambda _: Target(0),),
    "last": (lambda page: _to(_last(page)[0]), lambda page: _to(_last(page)[1])),
    "self": (lambda page: Target(page.start),),
}


def _number(page: Span, first: int, up: int) -> Value:
    return _sized(page, lambda size: (page.start + up * (size - 1)) // size + first)


def _counted(first: int, up: int) -> tuple[Hypothesis, ...]:
    """The numbers of pages that are counted from there: this one, the next, the one before, the last. One that begins
    between two has the number of the second if they are rounded `up`; a list without objects has a page then, too."""
    return (
        lambda page: _number(page, first, up),
        lambda page: _behind(page, _number(page, first + 1, up)),
        lambda page: _before(page, _number(page, first - 1, up)),
        lambda page: _sized(page, lambda size: max(-(-page.total // size), up) + first - 1),
    )


NUMBERS: tuple[Hypothesis, ...] = (
    _size,
    lambda page: UNSURE if page.wanted is None else page.wanted,
    lambda page: page.count,
    _total,
    lambda page: page.start,
    lambda page: page.start + 1,
    lambda page: page.end,
    lambda page: page.end - 1,
    lambda page: page.total - page.end,
    lambda page: _behind(page, page.end),
    lambda page: _behind(page, page.end + 1),
    lambda page: _before(page, _previous(page)[0]),
    lambda page: _before(page, _previous(page)[1]),
    lambda page: _last(page)[0],
    lambda page: _last(page)[1],
    *(one for first in (0, 1) for up in (0, 1) for one in _counted(first, up)),
)


def named(hint: Hint, kind: type, style: Positional) -> tuple[Hypothesis, ...]:
    """The hypotheses of what is called so, where the rules tell by its name what it says."""
    back = (_back,) if isinstance(style, ruleset.ByToken) else LINKS["previous"]
    names: Mapping[type, Sequence[tuple[Collection[str], tuple[Hypothesis, ...]]]] = {
        bool: [(style.more, (_more,)), (style.last, (_no_more,))],
        int: [(style.total, (_total,))],
        Target: [(style.next, LINKS["next"]), (style.previous, back), *(((name,), LINKS[name]) for name in LINKS)],
    }
    return next((those for called, those in names.get(kind, ()) if hint.is_called(called)), ())


def suggested(hint: Hint, style: Positional) -> tuple[Hypothesis, ...]:
    """Those of a truth that is called like a page: `has_prev`, `first`. That it is always so is left beside these."""
    name = PREFIX.sub("", hint.name)
    name = name[:1].lower() + name[1:]
    if name in style.previous:
        return (_not_first,)
    return (_is_first,) if name == "first" else ()


# By the key of a table of rules, what a hint says that it names.
KEYS: tuple[tuple[str, type, Hypothesis], ...] = (
    ("more", bool, _more),
    ("last", bool, _no_more),
    ("total", int, _total),
)


class Hypotheses:
    """What is left for the hints of one list, whose end lies within these bounds. Each is read when it is asked for."""

    def __init__(self, pages: Sequence[CountedPage], style: Positional, path: str, bounds: Bounds) -> None:
        self._pages, self._style, self._path, self._bounds = pages, style, path, bounds
        self._hints = {path: hint for one in pages for path, hint in one.page.envelope.hints.items()}
        self._left: dict[Path, list[tuple[Hypothesis, int]]] = {}

    def of(self, path: Path, page: Span) -> Value:
        """What that hint says of a page."""
        if path not in self._left:
            self._left[path] = list(self._fitting(path, self._possible(path)))
        values = [one(replace(page, total=end)) for one, end in self._left[path]]
        return values[0] if values and all(same(values[0], value) for value in values) else UNSURE

    def refuted(self) -> tuple[Path, Span] | None:
        """A hint that does not say what the rules tell by its name, and the page which shows that."""
        for path, hint in self._hints.items():
            those, pages = named(hint, self._kind(path), self._style), self._with(path)
            if those and hint.is_called(self._style.next | self._style.previous):  # many leave it out at the end
                pages += [(page.span, None) for page in self._pages if path not in page.values]
            for page in pages:
                if those and not any(any(self._fitting_ends(one, [page])) for one in those):
                    return path, page[0]
        return None

    def keys(self, path: Path) -> Iterator[str]:
        """The keys of a table of rules that may tell by its name what that hint says."""
        hint, kind = self._hints[path], self._kind(path)
        for key, wanted, one in KEYS:
            if kind is wanted and any(self._fitting_ends(one, self._with(path))):
                yield key
        if kind is str and isinstance(self._style, ruleset.ByToken):
            yield "next"
        if hint.header is not None:
            yield "passing"

    def _fitting_ends(self, one: Hypothesis, pages: Sequence[tuple[Span, Value]]) -> Iterator[bool]:
        """For each end that the list may have, whether a hypothesis fits those pages."""
        for end in self._ends(pages):
            yield _fits(one, [(replace(span, total=end), value) for span, value in pages])

    def _with(self, path: Path) -> list[tuple[Span, Value]]:
        return [(page.span, page.values[path]) for page in self._pages if path in page.values]

    def _kind(self, path: Path) -> type:
        """Of which type a hint is, wherever it says something."""
        kinds = {type(value) for _, value in self._with(path)} - {Unsure}
        one_kind = kinds if kinds == {type(None)} else kinds - {type(None)}
        return one_kind.pop() if len(one_kind) == 1 else object

    def _possible(self, path: Path) -> list[Hypothesis]:
        hint, kind, pages = self._hints[path], self._kind(path), self._with(path)
        certain = named(hint, kind, self._style)
        if certain:
            return list(certain)
        first = pages[0][1]
        always = all(same(first, value) for _, value in pages) and self._may_stay(path, first, pages)
        constant: list[Hypothesis] = [lambda _: first] if always else []
        if kind in (int, type(None)):
            constant += NUMBERS
        if kind in (Target, type(None)):
            constant += (one for those in LINKS.values() for one in those)
        return constant + list(suggested(hint, self._style) if kind is bool else ())

    def _may_stay(self, path: Path, value: Value, pages: Sequence[tuple[Span, Value]]) -> bool:
        """Whether what was always the same is that in any page. Of a text with numbers, "1-7", and of what an array
        holds, one page does not show it."""
        is_echo = path[-1] in self._style.size and all(path[-1] in one.page.request.keys for one in self._pages)
        is_sized = isinstance(value, int) and (is_echo or path[-1] in self._style.sized)
        if isinstance(value, Target | Unsure) or is_sized:
            return False
        if not isinstance(value, str) or len({(span.start, span.count) for span, _ in pages}) > 1:
            return True
        is_plain = not any(map(str.isdigit, value)) and (value in ("[]", "{}") or value[:1] not in ("[", "{"))
        return is_plain or value.endswith(self._path)

    def _fitting(self, path: Path, possible: list[Hypothesis]) -> Iterator[tuple[Hypothesis, int]]:
        pages = self._with(path)
        for end in self._ends(pages):
            supposed = [(replace(span, total=end), value) for span, value in pages]
            yield from ((one, end) for one in possible if _fits(one, supposed))

    def _ends(self, pages: Sequence[tuple[Span, Value]]) -> list[int]:
        """The ends that tell all hypotheses apart. What these show grows with the end, so the first and the last end at
        which one shows a value will do."""
        least, most = self._bounds
        if self._bounds.end is not None:
            return [least]
        ends = {least, least + 1} | ({most} if most else set())
        for span, value in pages:
            number = value.start if isinstance(value, Target) else value
            if isinstance(number, int) and not isinstance(number, bool):
                size = span.size or 1
                ends |= {number, number + span.end, number + 1, number + size}
                ends |= {(number - 1) * size + 1, number * size, number * size + 1, (number + 1) * size}
        return sorted(end for end in ends if end in self._bounds)


def _fits(one: Hypothesis, pages: Iterable[tuple[Span, Value]]) -> bool:
    """Whether each page may show that value."""
    return all(UNSURE in (shown := one(span), value) or same(shown, value) for span, value in pages)
