"""One cassette as it is drawn. Each thing is found out when somebody asks for it."""

from dataclasses import replace

from replayer.core.cassette import Cassette
from replayer.core.drawing.lanes import Lanes
from replayer.core.drawing.lists import AskedPage, DrawnList, drawn, laid, query_of
from replayer.core.drawing.states import Begun, SessionState, writes
from replayer.core.lazily import cached_property
from replayer.core.lists import CursorList, Pages, PositionalList
from replayer.core.matching import Entry, Index, canonical, causal
from replayer.core.rules import Rules


class Drawing:
    """The causes, the states, the objects and the lists of one cassette. Interactions go by their numbers in the file,
    counted from 1; `writes` are those of its writes."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self._rules = rules
        self.index = Index(cassette, rules)
        self._pages = Pages(self.index, rules)

    def __repr__(self) -> str:
        return f"<Drawing of {self.index!r}>"

    # -- causes -------------------------------------------------------------------------------------------------------

    @cached_property
    def writes(self) -> tuple[int, ...]:
        return tuple(one.order + 1 for one in writes(self.index))

    @cached_property
    def causality(self) -> causal.Causality:
        return causal.Causality(self.index)

    @cached_property
    def short(self) -> causal.Short:
        """A text with its ids as short as can be."""
        return causal.Short(self.index.entries)

    def request(self, number: int) -> str:
        """What the interaction of that number asks, as one line."""
        return canonical.describe(self.index.entries[number - 1].asked)

    # -- states -------------------------------------------------------------------------------------------------------

    def state_after(self, count: int) -> SessionState:
        """The state after the first so many writes."""
        return Begun(self.index, self._pages, self._rules, count).state(self._known)

    # -- objects ------------------------------------------------------------------------------------------------------

    @cached_property
    def lanes(self) -> Lanes:
        return Lanes(self.index)

    # -- lists --------------------------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> list[CursorList | PositionalList]:
        requested = (one for one in self._pages if any(page.by_itself for page in one.pages))
        return [*requested, *self._pages.by_position]

    @cached_property
    def lists(self) -> tuple[DrawnList, ...]:
        """The lists that were asked for, each in each of its states."""
        return tuple(drawn(one, tuple(self.causality.behind(_asked_first(one).order + 1))) for one in self._known)

    @property
    def within(self) -> int:
        """How many lists stand within objects besides, and were not asked for."""
        return len(list(self._pages)) + len(self._pages.by_position) - len(self._known)

    def asked_of(self, number: int, query: str) -> AskedPage:
        """Another page of the list of that number, counted from 0: `query` says which one, and not of which list."""
        known = self._known[number]
        like = _asked_first(known)
        request = like.interaction.request
        whole = "&".join(filter(None, (query_of(known.scope), query)))
        target = f"{request.path}?{whole}" if whole else request.path
        asked = self.index.understood(replace(request, method="GET", target=target, body=b""))
        begun = Begun(self.index, self._pages, self._rules, sum(one <= like.order for one in self.writes))
        answered = begun.answer(asked)
        page = AskedPage(canonical.describe(asked), answered.how, answered.by, answered.why)
        placed = self._pages.placed(asked, begun.causes)
        return page if placed is None or placed.known is not known else laid(page, placed)


def _asked_first(known: CursorList | PositionalList) -> Entry:
    """The first answer that is a page of that list, and no object that shows one."""
    if isinstance(known, PositionalList):
        return known.pages[0].entry
    return next(one.entry for one in known.pages if one.by_itself)
