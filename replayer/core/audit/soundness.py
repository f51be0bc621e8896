"""Whether the names and the times of a cassette can be what a recording wrote. What somebody edited is told, with the
line that speaks against it, and never guessed at."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from replayer.core.audit.view import Examined, Places
from replayer.core.clock.relative import DAY, MINUTE
from replayer.core.matching.canonical import canonical
from replayer.core.matching.stamps import ids_asked, is_read, objects_told
from replayer.core.message.instants import Instant, http_date, iso, read_any
from replayer.core.message.leaves import Leaf, Node, birth
from replayer.core.message.shapes import MIN_BODY, Piece, ids, prefix_of
from replayer.core.naming.aliases import is_alias
from replayer.core.secrets.findings import Finding, Kind, masked

EDITS = 2  # by so many characters an edited name may differ from the one that it was
SHORTENED = re.compile(
    rf"(?<![0-9A-Za-z_])(?:[a-z]{{2,10}}_){{1,3}}[0-9A-Za-z]{{{MIN_BODY - EDITS},{MIN_BODY - 1}}}(?![0-9A-Za-z])"
)
MAIMED = re.compile(r"(?:[A-Za-z]{2,10}_){1,3}(?=[0-9A-Za-z]*[0-9A-Z])[0-9A-Za-z]{6,}")  # "cus_test" is a word
# What happens to an object after it was made; other times may well lie before its birth.
LATER = frozenset(
    {
        "finalized_at", "paid_at", "voided_at", "marked_uncollectible_at", "canceled_at", "updated", "updated_at",
        "updatedAt", "modified_at", "last_modified_at", "completed_at", "deleted_at",
    }
)  # fmt: skip


def shortened(text: str) -> Iterator[Piece]:
    """What would be an id if it were a character or two longer."""
    return (Piece("prefixed", match.group(), match.start(), match.end()) for match in SHORTENED.finditer(text))


class Aliases:
    """The aliases of a file, and where each stands first. What is like one of them is found by a third of it: two edits
    leave one third as it was. So a look-up costs the same for ten aliases and for 100,000."""

    def __init__(self, examined: list[Examined]) -> None:
        self._first: dict[str, tuple[str, int]] = {}  # by alias, its shape and the interaction
        self._thirds: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        self._bodies: dict[str, str] = {}
        self._sorted: list[str] = []
        for index, each in enumerate(examined):
            for text in each.answered():
                for piece in ids(text):
                    if piece.text not in self._first and is_alias(piece.shape, piece.text):
                        self._add(piece, index)

    def _add(self, piece: Piece, index: int) -> None:
        self._first[piece.text] = (piece.shape, index)
        self._folded.setdefault(piece.text.lower(), []).append(piece.text)
        body = _body(piece.text)
        self._bodies.setdefault(body, piece.text)
        for start, end in _cuts(len(body)):
            self._thirds.setdefault(body[start:end], []).append(piece.text)

    def __contains__(self, text: str) -> bool:
        return text in self._first

    def _alike(self, text: str) -> Iterator[str]:
        """The aliases that a text may be an edit of, each once."""
        body = _body(text)
        parts = {
            body[max(0, start + shift) : max(0, end + shift)]
            for length in range(len(body) - EDITS, len(body) + EDITS + 1)
            for start, end in _cuts(length)
            for shift in range(-EDITS, EDITS + 1)
        }
        near = [*self._folded.get(text.lower(), ()), *(name for part in parts for name in self._thirds.get(part, ()))]
        return iter(dict.fromkeys(sorted(near)))  # in an order that does not depend on a set's

    def broken(self, piece: Piece, places: Places) -> str:
        """What an id is that is no alias, but all but like one of the file; empty where it is like none."""
        prefix = prefix_of(piece)
        for name in self._alike(piece.text):
            shape, _ = self._first[name]
            if shape != piece.shape or not name.startswith(prefix):
                continue
            how = _edited(name, piece.text)
            if how:
                return self._told(piece.text, f"differs {how} from", name, places)
        other = self._bodies.get(_body(piece.text)) if piece.shape == "prefixed" else None
        return self._told(piece.text, "has another prefix than", other, places) if other else ""

    def maimed(self, text: str, places: Places) -> str:
        """What a whole value is that is shaped like no id, but like the beginning of an alias, or like one in capitals;
        empty where it is like none. Anybody may write such texts: it is for places where names stand."""
        if text in self or not MAIMED.fullmatch(text):
            return ""
        if folded := self._folded.get(text.lower()):
            return self._told(text, "differs in upper and lower case from", folded[0], places)
        self._sorted = self._sorted or sorted(self._first)
        at = bisect_right(self._sorted, text)
        if at < len(self._sorted) and self._sorted[at].startswith(text):
            return self._told(text, "is only the beginning of", self._sorted[at], places)
        return ""

    def _told(self, text: str, how: str, name: str, places: Places) -> str:
        _, index = self._first[name]
        prefix = text[: len(text) - len(_body(text))]
        return f"{masked(text, prefix)} is no alias, and {how} {name} in line {places.line(index, name)}"


def _body(text: str) -> str:
    """What is behind the prefix, which too many have in common."""
    return text.rpartition("_")[2]


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    """Where a body of that length is cut in three."""
    return (0, length // 3), (length // 3, 2 * length // 3), (2 * length // 3, length)


def _edited(name: str, other: str) -> str:
    if name.lower() == other.lower():
        return "in upper and lower case"
    count = _distance(name, other)
    return f"in {count} character{'' if count == 1 else 's'}" if count <= EDITS else ""


def _distance(one: str, other: str) -> int:
    """How many edits make one text the other, counted as far as it matters."""
    if abs(len(one) - len(other)) > EDITS:
        return EDITS + 1
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, start=1):
        before, row = row, [number]
        for place, against in enumerate(other):
            row.append(min(before[place + 1] + 1, row[place] + 1, before[place] + (character != against)))
        if min(row) > EDITS:
            return EDITS + 1
    return row[-1]


def unsound(examined: list[Examined], epoch: int, places: Places, *, known: bool) -> Iterator[Finding]:
    """Names that stand for two, and times that cannot be in the order in which they stand. `known` tells that the rules
    are those of this very API. Of any other nobody knows what it imports and how far its clocks are apart: there only
    what the virtual clock itself would not have written is told."""
    yield from _shared(examined, places)
    yield from _births(examined, epoch, places, known=known)
    yield from _lives(examined, epoch, places, known=known)
    yield from _dates(examined, epoch, places)


def _shared(examined: list[Examined], places: Places) -> Iterator[Finding]:
    """One alias for objects of two types, by the prefix that tells a type. What has none, as a UUID, may well be the
    primary key of an order and of its invoice."""
    kinds: dict[str, str] = {}
    for index, each in enumerate(examined):
        for leaf in each.leaves:
            kind = leaf.node.text("object") if leaf.node and leaf.key == "id" and leaf.quoted else None
            if kind is None or not any(is_alias(one.shape, one.text) and prefix_of(one) for one in ids(leaf.value)):
                continue
            first = kinds.setdefault(leaf.value, kind)
            if first != kind:
                what = f"one alias for two objects ({first}, {kind})"
                yield Finding(what, "raw", places.line(index, leaf.value), Kind.SHARED_NAME)


@dataclass(frozen=True, slots=True)
class _Fact:
    """A time at a field of an object, and the interaction that tells it."""

    seconds: int
    index: int


def _births(examined: list[Examined], epoch: int, places: Places, *, known: bool) -> Iterator[Finding]:
    """Objects that are made at two times, or at another than the answer that made them."""
    births: dict[str, _Fact] = {}
    shared = set() if known else _shared_by_sorts(examined)
    last = max((each.date for each in examined if each.date is not None), default=0)
    session = range(epoch + 1, last + MINUTE)  # a clock may be ahead
    told: set[str] = set()
    touched: dict[str, int] = {}
    sent: set[int] = set()
    for index, each in enumerate(examined):
        sent |= _sent(each)
        made = {owner for leaf, _, owner, born in _times(each) if leaf is born and _is_made(each, leaf)}
        touched |= dict.fromkeys(_named(each) - made, index)
        for leaf, instant, owner, born in _times(each):
            if leaf is not born:
                continue
            if owner not in told and owner in made and each.date:
                # Another clock may be ahead. But what is younger than the session has the time of its answer.
                late = known and each.date < instant.seconds <= last
                early = epoch < instant.seconds < each.date and instant.seconds not in sent and not known
                if late or early:
                    what = f"{owner} is made at {iso(instant.seconds)} by what was answered at {iso(each.date)}"
                    yield Finding(what, "raw", places.line(index, leaf.value), Kind.TIME_ORDER)
            told.add(owner)
            first = births.setdefault(owner, _Fact(instant.seconds, index))
            if first.seconds == instant.seconds or (owner in shared and owner not in made):
                continue
            virtual = (first.seconds in session) + (instant.seconds in session)
            dated_anew = virtual != 1 and touched.get(owner, -1) > first.index  # by a write, and then by its time
            if known or (virtual and (owner in made or not dated_anew)):
                what = f"{owner} was made at {iso(instant.seconds)}, and at {iso(first.seconds)} in line "
                what += str(places.line(first.index, owner))
                yield Finding(what, "raw", places.line(index, leaf.value), Kind.TWICE_BORN)


def _shared_by_sorts(examined: list[Examined]) -> set[str]:
    """The ids of more than one sort of objects. They share the times of these as well, at fields of the same name."""
    sorts: dict[str, Node] = {}
    shared: set[str] = set()
    for each in examined:
        for leaf, _, owner, born in _times(each):
            if leaf is born and leaf.node and not _are_alike(sorts.setdefault(owner, leaf.node.owner), leaf.node.owner):
                shared.add(owner)
    return shared


def _are_alike(one: Node, other: Node) -> bool:
    """Whether two objects are of one sort, by what they call it, else by their fields: one may show more of them. An
    event may have the id of what it happened to, and a time of its own."""
    first, second = (node.text("object") or node.text("type") for node in (one, other))
    if first or second:
        return first == second
    return one.values.keys() <= other.values.keys() or one.values.keys() >= other.values.keys()


def _sent(each: Examined) -> set[int]:
    """The times that the client wrote: an answer may well echo them."""
    return {instant.seconds for leaf in each.sent if (instant := read_any(leaf.value, quoted=True))}


def _named(each: Examined) -> set[str]:
    """The ids that a write names, on either side: what it may have changed."""
    if is_read(each.interaction.request.method):
        return set()
    return {piece.text for text in (*each.written, *each.answered()) for piece in ids(text)}


def _lives(examined: list[Examined], epoch: int, places: Places, *, known: bool) -> Iterator[Finding]:
    """What happens to an object before it is made, or earlier than it was told. What was imported may have been changed
    long before it was made here; but no write of the session tells of an earlier one what it did not know."""
    made: dict[str, int | None] = {}  # by id, the virtual time of the answer
    facts: dict[tuple[str, str], _Fact] = {}
    touched: dict[str, int] = {}  # by id, the last write that named it
    sent: set[int] = set()
    for index, each in enumerate(examined):
        sent |= _sent(each)
        touched |= dict.fromkeys(_named(each), index)
        for leaf, instant, owner, born in _times(each):
            if leaf is born and _is_made(each, leaf):
                made.setdefault(owner, each.date)
            birth_time = read_any(born.value, quoted=born.quoted) if born and owner in made else None
            if leaf.key not in LATER or birth_time is None:
                continue
            is_virtual = made[owner] == birth_time.seconds and epoch < instant.seconds and instant.seconds not in sent
            if instant.seconds < birth_time.seconds and (known or (is_virtual and touched.get(owner) == index)):
                what = f"{leaf.key} of {owner} is {iso(instant.seconds)}, "
                what += f"before it was made at {iso(birth_time.seconds)}"
                yield Finding(what, "raw", places.line(index, leaf.value), Kind.TIME_ORDER)
            before = facts.get((owner, leaf.within_owner))
            if before and before.seconds > instant.seconds and touched.get(owner, -1) <= before.index:
                what = f"{leaf.key} of {owner} goes back from {iso(before.seconds)} to {iso(instant.seconds)}"
                yield Finding(what, "raw", places.line(index, leaf.value), Kind.TIME_BACK)
            facts[owner, leaf.within_owner] = _Fact(instant.seconds, index)


def _is_made(each: Examined, born: Leaf) -> bool:
    """Whether that is the birth of what the request made. What an answer else tells of may be of the same day, and yet
    older than the recording: then its birth is no virtual time."""
    request = each.interaction.request
    return request.method == "POST" and born.place == born.within_owner and not any(ids(request.path))


def _times(each: Examined) -> Iterator[tuple[Leaf, Instant, str, Leaf | None]]:
    """The times of the objects in an answer: the leaf, its time, the object's alias, the leaf of its birth."""
    for leaf in each.leaves:
        if leaf.key not in each.rules.times or leaf.node is None:
            continue
        node = leaf.node.owner
        owner, instant = node.text("id"), read_any(leaf.value, quoted=leaf.quoted)
        if owner is not None and instant is not None and any(is_alias(one.shape, one.text) for one in ids(owner)):
            yield leaf, instant, owner, birth(node, each.rules.born)


def _dates(examined: list[Examined], epoch: int, places: Places) -> Iterator[Finding]:
    """Answers that are dated before the cassette begins, or before the write that made what they are about; and a
    beginning that is more seconds before them all than a recording has writes."""
    made: dict[str, _Fact] = {}
    first_date = min((each.date for each in examined if each.date is not None), default=epoch)
    if first_date - epoch > max(DAY, len(examined)):
        what = f"the epoch is {iso(epoch)}, long before the first answer at {iso(first_date)}"
        yield Finding(what, "raw", places.head("epoch:"), Kind.TIME_ORDER)
    for index, each in enumerate(examined):
        date = each.date
        if date is None:
            continue
        line = places.line(index, http_date(date))
        if date < epoch:
            yield Finding(
                f"the answer is dated {iso(date)}, before the epoch {iso(epoch)}", "raw", line, Kind.TIME_ORDER
            )
        for name in sorted(set(ids_asked(canonical(each.interaction.request, each.rules)))):
            first = made.get(name)
            if first is not None and date < first.seconds:
                what = f"the answer is dated {iso(date)}, before {name} was made at {iso(first.seconds)} in line "
                yield Finding(f"{what}{places.line(first.index, name)}", "raw", line, Kind.TIME_ORDER)
        own = objects_told(each.interaction.response)[:1]
        if own and not is_read(each.interaction.request.method):
            made.setdefault(own[0], _Fact(date, index))
