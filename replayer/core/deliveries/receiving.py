"""Recording: webhooks as the upstream sends them, in whatever order they come, each put behind the write that it came
of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from replayer.core.cassette import Cause, Delivery, Interaction
from replayer.core.deliveries.announced import Announced
from replayer.core.deliveries.behind import Behind, as_request, as_response, name_of, numbered
from replayer.core.matching import Entry, Index, stamps
from replayer.core.message import Request, edit, leaves, wire
from replayer.core.naming import Origin, UpstreamSpace
from replayer.core.recording import KeptWrite, Recorder

LAG = 600  # seconds: what an API says so long behind a write is said at once; what comes later has been waited for
TAKEN = range(200, 300)  # statuses with which a program says that it has a webhook
# Of one connection, of one tunnel, or of one signature: what signs a webhook cannot be stored, and is made anew.
PASSING = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "cache-control", "cookie",
        "date", "expect", "forwarded", "host", "origin", "pragma", "referer", "traceparent", "tracestate", "via",
        "x-correlation-id", "x-real-ip", "x-request-id",
    }
)  # fmt: skip
PASSING_WORDS = ("signature", "hmac", "x-forwarded-", "x-amzn-", "cf-", "cdn-", "ngrok-", "sec-")


@dataclass(frozen=True, slots=True)
class Came:
    """A webhook that came, as it says itself who it is, and the write that it came of; None where none is known.
    `is_certain` tells that it names that write itself."""

    request: Request
    announced: Announced
    write: KeptWrite | None
    is_certain: bool = False


class Receiving:
    """The webhooks of one session that records. `behind` are those of the cassette that was there before."""

    def __init__(self, space: UpstreamSpace, recorder: Recorder, index: Index, behind: Behind) -> None:
        self._space, self._recorder, self._index, self._behind = space, recorder, index, behind
        self._rules = space.spaces.rules
        self._writes = _Writes()
        self._kept: dict[str, tuple[stamps.Identity, Delivery]] = {}
        self._numbers: dict[str, int] = {}  # of what has no name of its own, how many of each kind came of each write

    def __repr__(self) -> str:
        return f"<Receiving {len(self._kept)} webhooks>"

    def __len__(self) -> int:
        return len(self._kept)

    # -- whose it is --------------------------------------------------------------------------------------------

    def came(self, request: Request) -> Came:
        """Whose a webhook is, as far as that is known now."""
        announced = Announced.of(request, self._rules)
        named = self._space.names.alias_of(announced.request) or ""
        self._writes.follow(self._recorder.writes)
        write = self._writes.by_request.get(named) or self._writes.by_key.get(announced.key)
        if write is not None:
            return Came(request, announced, write, is_certain=True)
        return Came(request, announced, self._latest(request, announced))

    def _latest(self, request: Request, announced: Announced) -> KeptWrite | None:
        """The latest write that touched what a webhook is about, of those that had begun when it was made."""
        abouts = [announced.about] if announced.about else request.ids
        names = {name for one in abouts if (name := self._space.names.alias_of(one))}
        until = inf if announced.created is None else announced.created
        touching = [number for name in names for number in self._writes.by_touched.get(name, ())]
        begun = [number for number in touching if self._recorder.writes[number].moment.began <= until]
        return self._recorder.writes[max(begun or touching)] if touching else None

    def may_wait(self, came: Came) -> bool:
        """Whether a request that is still under way may be what a webhook came of."""
        return not came.is_certain and self._recorder.is_waiting

    def known(self, came: Came) -> Delivery | None:
        """The same webhook as it came before; None where it comes for the first time."""
        name = self._space.names.alias_of(came.announced.name) if came.announced.name else None
        kept = self._kept.get(name) if name else None
        return kept[1] if kept else None

    # -- taking in ----------------------------------------------------------------------------------------------

    def take_in(self, came: Came, write: KeptWrite, credentials: frozenset[str]) -> Delivery:
        """A webhook in cassette space. It is not kept yet."""
        message = edit.mapped_text(as_response(_whole(came.request)), self._undelivered)
        created, moment = came.announced.created, write.moment
        if created is not None and moment.ended < created <= moment.ended + LAG:
            moment = replace(moment, ended=created)
        origin = Origin(f"webhook\0{write.identity[0]}\0{came.announced.type}", self._number(came, write))
        self._recorder.begin_delivery()
        named = self._space.to_cassette(message, "POST", origin, replace(moment, alone=False), credentials)
        named = replace(named, headers=wire.without(named.headers, frozenset({"date"})))
        return Delivery(Cause(write.method, write.uri, write.nth), as_request(edit.echoed(named, write.keys)))

    def _undelivered(self, leaf: leaves.Leaf) -> str:
        """How far it has been delivered to others is chance: to the program it is as if there were nobody else."""
        passing = any(leaf.place in kind.passing for kind in self._rules.events)
        return "1" if passing and not leaf.quoted else leaf.value

    def _number(self, came: Came, write: KeptWrite) -> int:
        place = "\0".join(map(str, (*write.identity, came.announced.type)))
        self._numbers[place] = self._numbers.get(place, 0) + 1
        return self._numbers[place]

    def withdraw(self) -> None:
        """What was taken in last is kept nowhere."""
        self._space.names.withdraw()

    def keep(self, delivery: Delivery, write: KeptWrite) -> None:
        """The webhook is on disk: it belongs to the cassette from now on."""
        self._kept[name_of(delivery.request, self._rules)] = (write.identity, delivery)

    def answered(self, delivery: Delivery, status: int) -> Delivery:
        """The program has answered it so; 0 where it has not."""
        name = name_of(delivery.request, self._rules)
        identity, kept = self._kept[name]
        told = replace(kept, answers=(*kept.answers, status))
        self._kept[name] = (identity, told)
        return told

    # -- what came of it ----------------------------------------------------------------------------------------

    @property
    def expected(self) -> int:
        """How many webhooks of the older recording came of writes that were made again."""
        return len(self._older)

    @property
    def missing(self) -> int:
        """How many of them have not come again."""
        return sum(name_of(one.request, self._rules) not in self._kept for one in self._older)

    @property
    def _older(self) -> list[Delivery]:
        entries, by_order = self._index.entries, self._behind.by_order
        again = (order for order in by_order if self._recorder.has(entries[order]))
        return [one for order in again for one in by_order[order]]

    def arranged(
        self, order: Sequence[tuple[stamps.Identity, Interaction]], older: Iterable[Entry] = ()
    ) -> tuple[Delivery, ...]:
        """All webhooks in the order of the file, whose interactions are in that `order`. Of the `older` entries those
        that were recorded before are kept."""
        kept: dict[stamps.Identity, list[Delivery]] = {}
        for entry in older:
            kept.setdefault(entry.identity, []).extend(self._behind.by_order.get(entry.order, ()))
        for identity, delivery in self._kept.values():
            kept.setdefault(identity, []).append(delivery)
        return tuple(self._placed(order, kept)) if kept else ()

    def _placed(
        self, order: Sequence[tuple[stamps.Identity, Interaction]], kept: dict[stamps.Identity, list[Delivery]]
    ) -> Iterator[Delivery]:
        """Each with its write as it is called in the file. Those of one write stand as they stood before, new ones
        behind them as they came: the API promises no order, and the next recording shall not change this one."""
        before = {name_of(one.request, self._rules): place for place, one in enumerate(self._behind)}

        def place(one: Delivery) -> int:
            return before.get(name_of(one.request, self._rules), len(before))

        for (identity, _), (method, uri, nth) in zip(order, numbered(one.request for _, one in order), strict=True):
            for one in sorted(kept.get(identity, ()), key=place):
                yield replace(one, cause=Cause(method, uri, nth))


class _Writes:
    """The writes of a session by what webhooks name them by: of each, those that were read so far."""

    def __init__(self) -> None:
        self.by_request: dict[str, KeptWrite] = {}
        self.by_key: dict[str, KeptWrite] = {}
        self.by_touched: dict[str, list[int]] = {}  # their numbers
        self._read = 0

    def __repr__(self) -> str:
        return f"<_Writes {self._read}>"

    def follow(self, writes: Sequence[KeptWrite]) -> None:
        for number in range(self._read, len(writes)):
            write = writes[number]
            self.by_request |= dict.fromkeys(write.told, write)
            if write.key:
                self.by_key[write.key] = write
            for name in write.touches:
                self.by_touched.setdefault(name, []).append(number)
        self._read = len(writes)


def _whole(request: Request) -> Request:
    """A webhook with those of its headers that say the same wherever it is sent through."""
    kept = tuple(pair for pair in request.headers if not _is_passing(pair[0].lower()))
    return replace(request, headers=kept)


def _is_passing(name: str) -> bool:
    return name in PASSING or any(word in name for word in PASSING_WORDS)
