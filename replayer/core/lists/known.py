"""The lists and the objects that a cassette tells of, each with the writes that it had behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from replayer.core.lists.asking import spot_of
from replayer.core.lists.by_cursor import Item, Page, Stretches, Window, scope_of, window_of
from replayer.core.lists.by_position import PlacedList, States
from replayer.core.lists.envelope import Envelope, envelope
from replayer.core.lists.filters import passes, wrong
from replayer.core.lists.listing import Listing, Told, listing, nested
from replayer.core.lists.meanings import Taken
from replayer.core.matching.canonical import Canonical, describe
from replayer.core.matching.index import Entry, Index
from replayer.core.matching.stamps import Causes, Stamp, is_gone, is_read, unnamed, write_number
from replayer.core.message.body import BodyKind, parse_json, read
from replayer.core.rules.ruleset import Rules


@dataclass(slots=True)
class Recorded:
    """A page of a list: the answer that it stands in, and whether that is an answer of its own or an object."""

    entry: Entry
    listing: Listing
    page: Page
    own: bool


class KnownList:
    """One list in one state: what was asked for it, without its cursors, and the pages that were recorded. `standing`
    tells which objects were behind a cursor and are in the list, as far as is known."""

    def __init__(self, scope: Canonical, standing: Callable[[str, Stamp], Told | None]) -> None:
        self.scope = scope
        self.pages: list[Recorded] = []
        self.cursors: dict[str, Stamp] = {}  # the objects that pages were asked for beside, with their states
        self._standing = standing

    def __repr__(self) -> str:
        return f"<KnownList {describe(self.scope)} {len(self.pages)} pages>"

    @cached_property
    def stretches(self) -> Stretches:
        standing = (Item(name, told.text) for name, told in self._beside.items())
        return Stretches((one.page for one in self.pages), standing)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The objects by their ids, as values."""
        beside = {name: told.value for name, told in self._beside.items()}
        return beside | {told.value["id"]: told.value for one in self.pages for told in one.listing.items}

    @cached_property
    def _beside(self) -> dict[str, Told]:
        found = {name: self._standing(name, state) for name, state in self.cursors.items()}
        return {name: told for name, told in found.items() if told is not None}

    @cached_property
    def like(self) -> Recorded:
        """The page that others are written like: one of its own that shows how objects are set apart."""
        return max(self.pages, key=lambda one: (one.own, min(len(one.page.items), 2), -one.entry.order))


class Known:
    """The lists and the objects of a cassette, each in the state that it was told in. One pass over its answers."""

    def __init__(self, index: Index, rules: Rules) -> None:
        self._rules = rules
        self._causes = Causes(rules)
        self.lists: dict[tuple[str, Stamp], KnownList] = {}
        self.by_path: dict[str, list[KnownList]] = {}
        self.objects: dict[tuple[str, Stamp], list[tuple[Entry, Told]]] = {}
        self.placed: dict[tuple[int, str, Stamp], PlacedList] = {}  # by their styles, in the order of the rules
        self._states: dict[tuple[int, str], States] = {}  # of the same lists
        self.told: set[str] = set()  # the digests of what asks for objects that were told, in whatever state
        self.gone: set[str] = set()  # the digests of what asks for objects that were deleted at some time
        self._pages_depend_on = self._dependencies(index)
        for entry in index.entries:
            if not is_read(entry.asked.method):
                self._causes.wrote(index.changed(entry), write_number(entry.identity))
            if entry.interaction.response.status == 200 and not index.repeats(entry):
                self._learn(entry)

    def _dependencies(self, index: Index) -> dict[str, tuple[str, ...]]:
        """By the digest of a list, all that any of its recorded pages depends on."""
        found: dict[str, set[str]] = {}
        for entry in index.entries:
            if is_read(entry.asked.method):
                for scope in self._scopes(entry.asked):
                    resources = index.resources(entry.asked.digest)
                    found.setdefault(scope.digest, set()).update(one for one in resources if not is_gone(one))
        return {digest: tuple(sorted(resources)) for digest, resources in found.items()}

    def _scopes(self, asked: Canonical) -> Iterator[Canonical]:
        """The lists that a request may ask for a page of, by each rule that the API has."""
        if self._rules.by_id is not None:
            yield scope_of(asked, self._rules.by_id)
        for style in self._rules.by_place:
            found = spot_of(asked, style)
            if found is not None:
                yield found[0]

    def stamp(self, asked: Canonical, causes: Causes) -> Stamp:
        """The writes that a list, or an object by itself, has behind it."""
        return causes.marks(self._pages_depend_on.get(asked.digest) or self._causes.resources(asked))

    def state_of(self, alone: Canonical, causes: Causes) -> Stamp:
        """The writes that an object has behind it, with those that may have changed it and do not say so."""
        return (*self.stamp(alone, causes), *causes.marks([unnamed(alone.path.rpartition("/")[0])]))

    def _learn(self, entry: Entry) -> None:
        response, paging = entry.interaction.response, self._rules.by_id
        body = read(response.headers, response.body)
        if body.kind is not BodyKind.JSON or body.text is None:
            return
        asked = entry.asked
        if asked.method == "GET":
            self._place(entry, body.text)
        if paging is None:
            return
        found = listing(body.text, paging) if asked.method == "GET" else None
        if found is None:
            self._object(entry, _whole(body.text))
            return
        window = window_of(asked, paging)
        if isinstance(window, Window) and _named(found):
            self._list(scope_of(asked, paging), entry, found, window, own=True)
        for told in found.items:
            self._object(entry, told)

    def _list(self, scope: Canonical, entry: Entry, found: Listing, window: Window, *, own: bool) -> None:
        key = (scope.digest, self.stamp(scope, self._causes))
        if key not in self.lists:
            self.lists[key] = KnownList(scope, partial(self._standing, scope))
            self.by_path.setdefault(scope.path, []).append(self.lists[key])
        if cursor := window.after or window.before:
            alone = alone_of(scope.path, cursor, scope)
            self.lists[key].cursors[cursor] = self.state_of(alone, self._causes)
        items = tuple(Item(told.value["id"], told.text) for told in found.items)
        page = Page(items, found.goes_on, window.after, window.before, describe(entry.asked))
        self.lists[key].pages.append(Recorded(entry, found, page, own))

    def _standing(self, scope: Canonical, name: str, state: Stamp) -> Told | None:
        """The object of that name in that state, where it is in that list: by its filters, as the rules know them."""
        filters = {one.key: one for one in dict(self._rules.filters).get(scope.path, ())}
        known = [told for _, told in self.objects.get((alone_of(scope.path, name, scope).digest, state), [])]
        if len({told.text for told in known}) != 1 or not filters or not scope.query.keys() <= filters.keys():
            return None
        told = known[0]
        chosen = ((filters[key], value) for key, value in scope.query.items())
        return told if all(not wrong(one, value) and passes(one, value, told.value) for one, value in chosen) else None

    def _place(self, entry: Entry, text: str) -> None:
        """A page that begins behind so many objects, in each style that it may be of."""
        taken: dict[Any, Envelope | None] = {}  # most styles find a page in the same way
        for number, style in enumerate(self._rules.by_place):
            kind = (style.marks, style.items)
            if kind not in taken:
                taken[kind] = envelope(entry.interaction.response, text, style)
            found, asked = taken[kind], spot_of(entry.asked, style)
            if found is None or asked is None:
                continue
            scope, spot = asked
            stamp = self.stamp(scope, self._causes)
            key = (number, scope.digest, stamp)
            if key not in self.placed:
                states = self._states.setdefault((number, scope.digest), States())
                self.placed[key] = PlacedList(style, scope, stamp, states)
            self.placed[key].pages.append(Taken(entry, found, spot))

    def _object(self, entry: Entry, told: Told | None) -> None:
        if told is None or not isinstance(told.value, dict):
            return
        name = told.value.get("id")
        if not isinstance(name, str) or not name or self._is_shaped(entry.asked):
            return
        home = _home(entry.asked.path, name, self._rules)
        if self._rules.alike is None or not self._rules.alike.fullmatch(home):
            return
        alone = alone_of(home, name, entry.asked)
        if told.value.get("deleted"):
            self.gone.add(alone.digest)
            return
        self.told.add(alone.digest)
        known = self.objects.setdefault((alone.digest, self.state_of(alone, self._causes)), [])
        known.append((entry, told))
        self._inner(entry, told, alone)

    def _inner(self, entry: Entry, told: Told, alone: Canonical) -> None:
        """The lists in an object that can be asked for by themselves."""
        paging = self._rules.by_id
        for rule in self._rules.nested:
            text = nested(told, rule.place, rule.dropped)
            found = listing(text, paging) if text and paging else None
            if paging and found and found.url.startswith(f"{alone.path}/") and _named(found):
                scope = replace(alone, path=found.url)
                self._list(scope, entry, found, Window(paging.default), own=False)

    def _is_shaped(self, asked: Canonical) -> bool:
        """Whether the client asked for objects to be told in another way than usual."""
        form = asked.body.get("form") if isinstance(asked.body, dict) else None
        return any(key in self._rules.embedding for key in (*asked.query, *(form or ())))


def alone_of(home: str, name: str, like: Canonical) -> Canonical:
    """What asks for that object of a collection by itself, for whoever asks that."""
    return Canonical("GET", f"{home}/{name}", {}, None, like.headers)


def _whole(text: str) -> Told | None:
    value = parse_json(text)
    return Told(value[0], text.strip()) if value else None


def _named(found: Listing) -> bool:
    """Whether each of its objects has an id, which is all that pages can be joined by."""
    return all(isinstance(told.value, dict) and isinstance(told.value.get("id"), str) for told in found.items)


def _home(path: str, name: str, rules: Rules) -> str:
    """The collection that an object of an answer stands in."""
    steps = path.split("/")
    if name in steps:
        return "/".join(steps[: steps.index(name)])
    return path.rpartition("/")[0] if steps[-1] in rules.views else path
