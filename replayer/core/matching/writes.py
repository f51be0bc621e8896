"""What a write depends on: the writes before it to the object in its path. Of what its request names besides it counts
whether it is there, and of what its answer shows that it was made.

    POST /v1/invoices/in_1/finalize        depends on in_1: all that was written to it
    POST /v1/invoices  customer=cus_1      on nothing but that cus_1 is there
    POST /v1/carts/cart_1/items            on cart_1, but for the items that others put there
    POST /v1/carts/cart_1/checkout         on cart_1 and all its items
    POST /Orders.Cancel  id=or_1           on or_1, for it answers with what it names
    POST /Orders.Get     id=or_1           on or_1, for it only asks
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from replayer.core.matching.calls import family, only_asks
from replayer.core.matching.canonical import Canonical, ids_in
from replayer.core.matching.stamps import SHORT_ID, STAMP_BITS, Causes, Stamp, ancestors, is_read
from replayer.core.message import Response

WHOLE = frozenset({"PUT", "PATCH", "DELETE"})  # RFC 9110 9.3, RFC 5789: these write to what stands at the path itself
THERE = " there"
NOTHING = " "  # the resource that no write touches


def there(name: str) -> str:
    """What the making and the deletion of an object touch, and nothing else."""
    return name + THERE


def beside(resource: str, path: str) -> str:
    """What the writes at one path below an object touch of it: making one thing there does not depend on the others."""
    return f"{resource} at {path}"


@dataclass(frozen=True, slots=True)
class Needs:
    """The resources that a write depends on; `less` is what of each does not count."""

    resources: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    def state(self, causes: Causes) -> Stamp:
        """The writes that there are behind it now."""
        if not self.resources:
            return ()
        marks = zip(causes.marks(self.resources), causes.marks(self.less), strict=True)
        return tuple((mark - out) % (1 << STAMP_BITS) for mark, out in marks)

    def count(self, changed: frozenset[str]) -> bool:
        """Whether a write that changes these is one of those that count."""
        pairs = zip(self.resources, self.less, strict=True)
        return any(each in changed and out not in changed for each, out in pairs)


class Objects:
    """The objects that the writes of one file make and write to, as the file tells them."""

    def __init__(self, causes: Causes) -> None:
        self._causes = causes
        self._made: set[str] = set()  # ids, and the paths of objects whose ids do not look like ones
        self._written: dict[str, set[str]] = {}  # by digest: the resources of what such a request writes to
        self._below: dict[str, str] = {}  # by digest: the resource of what such a request writes below

    def note(self, asked: Canonical, response: Response, *, refused: bool) -> tuple[str, ...]:
        """Take note of what that write makes and writes to; gives the ids of what it makes."""
        if is_read(asked.method):
            return ()
        own, made = response.objects, []
        if not refused and not only_asks(asked):
            made = [name for name in own[:1] if name not in asked.path_ids or self._puts(asked, name)]
            self._made.update(made, self._short_made(asked, response))
        self._written.setdefault(asked.digest, set()).update(self._places(asked, response, own))
        return tuple(made)

    def _puts(self, asked: Canonical, name: str) -> bool:
        return asked.method == "PUT" and asked.path.endswith(f"/{name}") and name not in self._made

    def _short_made(self, asked: Canonical, response: Response) -> Iterator[str]:
        if asked.method == "POST" and (short := SHORT_ID.search(response.text)):
            yield f"{asked.path}/{short[1]}"
        elif asked.method == "PUT":
            yield asked.path

    def _places(self, asked: Canonical, response: Response, own: Iterable[str]) -> Iterator[str]:
        last = asked.path.rpartition("/")[2]
        if asked.method in WHOLE:
            yield self._causes.text_of(last) if last in asked.path_ids else asked.path
        if asked.path_ids and asked.path_ids[-1] in own:
            yield self._causes.text_of(asked.path_ids[-1])
        elif not asked.path_ids:
            yield from map(self._causes.text_of, {*[*own][:1]} & {*asked.ids})
        if only_asks(asked):
            yield from self._asked_for(asked)
        if not asked.path_ids and (short := SHORT_ID.search(response.text)):
            yield from (path for path in ancestors(asked.path) if path.endswith(f"/{short[1]}"))

    def _asked_for(self, asked: Canonical) -> Iterator[str]:
        """What a request asks about that is sent as a write: the objects that it names, or else all that is told by
        such calls; a header that names its method does not tell what that is."""
        yield from map(self._causes.text_of, asked.ids)
        if not asked.ids and not asked.chosen:
            yield family(asked)

    def needed_by(self, asked: Canonical) -> Needs:
        """What such a write depends on, once the whole file is known."""
        pairs = dict.fromkeys(self._written.get(asked.digest, ()), NOTHING)
        below = self._lies_below(asked)
        if below and below not in pairs:
            pairs[below] = beside(below, asked.path)
        named = {*asked.ids} - {asked.path.rpartition("/")[2]}
        pairs |= {there(name): NOTHING for name in named}
        return Needs(tuple(sorted(pairs)), tuple(pairs[each] for each in sorted(pairs)))

    def _lies_below(self, asked: Canonical) -> str:
        """The object of this file that the path leads to or through, the last one."""
        if asked.path_ids:
            name = asked.path_ids[-1]
            return self._causes.text_of(name) if name in self._made else ""
        return next((path for path in ancestors(asked.path) if path in self._made), "")

    def besides(self, asked: Canonical, changed: frozenset[str], made: Iterable[str]) -> Iterator[str]:
        """What that write touches in addition: whether things are there, and what it does below an object."""
        below = self._lies_below(asked)
        if below in changed and below not in self._written.get(asked.digest, ()):
            yield beside(below, asked.path)
        yield from map(there, made)
        if asked.method == "DELETE":
            yield from map(there, ids_in(asked.path.rpartition("/")[2]))

    def shows(self, asked: Canonical, answered: Iterable[str]) -> tuple[str, ...]:
        """Of the ids in its answer, what was made in this file, so far, and its request does not name."""
        return tuple(sorted(map(there, self._made.intersection(answered).difference(asked.ids))))
