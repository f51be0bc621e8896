"""Replaying: which webhooks are due behind a write, each once, in the order of the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from replayer.core.cassette import Cassette, Delivery
from replayer.core.deliveries.announced import Announced
from replayer.core.matching import Entry
from replayer.core.message import Request, Response
from replayer.core.rules import Rules


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook that is to be delivered now, as the program is to be shown it, or `delay` seconds later where time
    goes on. `key` is by what it is told from all others, in the words of the cassette."""

    request: Request
    announced: Announced
    delay: int = 0
    key: str = ""


def caused(cassette: Cassette) -> dict[int, list[Delivery]]:
    """The deliveries of a cassette by the place in the file of the write that each came of; without those whose write
    is not there any more."""
    if not cassette.deliveries:
        return {}
    waiting: dict[tuple[str, str, int], list[Delivery]] = {}
    for one in cassette.deliveries:
        waiting.setdefault((one.cause.method, one.cause.uri, one.cause.nth), []).append(one)
    found: dict[int, list[Delivery]] = {}
    for place, (method, uri, nth) in enumerate(numbered(each.request for each in cassette.outlines)):
        if behind := waiting.get((method, uri, nth)):
            found[place] = behind
    return found


def numbered(requests: Iterable[Request]) -> Iterator[tuple[str, str, int]]:
    """Each request with its number, from 1, among those of its method and address."""
    counts: dict[tuple[str, str], int] = {}
    for request in requests:
        place = (request.method, request.uri)
        counts[place] = counts.get(place, 0) + 1
        yield (*place, counts[place])


def name_of(request: Request, rules: Rules) -> str:
    """By what a recorded webhook is told from all others: its own name, or all that it says."""
    return Announced.of(request, rules).name or request.body.decode("latin-1")


class Behind:
    """The recorded webhooks of one session, by the writes that they came of."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self._rules = rules
        self.by_order = caused(cassette)
        self._gone: set[str] = set()

    def __repr__(self) -> str:
        return f"<Behind {len(self.by_order)} writes>"

    def __len__(self) -> int:
        return sum(map(len, self.by_order.values()))

    def __iter__(self) -> Iterator[Delivery]:
        """All of them, in the order of the file."""
        return (one for behind in self.by_order.values() for one in behind)

    def due(self, entry: Entry) -> list[Delivery]:
        """Those behind that write that have not been due yet: a retry of it causes nothing again."""
        found = []
        for one in self.by_order.get(entry.order, ()):
            name = name_of(one.request, self._rules)
            if name not in self._gone:
                self._gone.add(name)
                found.append(one)
        return found


def as_response(request: Request) -> Response:
    """A webhook as what its receiver is told, by which it is translated."""
    return Response(200, "", request.headers, request.body, request.limit)


def as_request(response: Response) -> Request:
    """The same as it is delivered."""
    return Request("POST", "/", response.headers, response.body, limit=response.limit)
