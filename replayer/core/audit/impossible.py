"""What no recording can have written, whatever the API is: objects that are asked for before they are made, and times
that are none. What only looks odd is left alone: there may be an API that answers it."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from replayer.core.audit.view import Examined, Places
from replayer.core.matching.stamps import is_read, objects_told
from replayer.core.message.instants import ISO, read_any
from replayer.core.message.leaves import Leaf, Node, birth
from replayer.core.message.shapes import ids
from replayer.core.naming.aliases import is_alias
from replayer.core.secrets.findings import Finding, Kind

NEGATIVE = re.compile(r"-[0-9]{2,}(?:\.[0-9]+)?")  # -1 is many an API's "never"
NEVER = frozenset({"", "0", "-1", "never"})
FRACTION = re.compile(r"[0-9]{9,}\.[0-9]+")  # such times are not named
FEW = 2  # births of a type from which on one that is no time is no habit of the API's
# Texts in the form of times that Python does not read, and others do or mean: no date at all, a leap second, midnight.
READ_BY_SOME = re.compile(r"0000-|\d{4}-00|\d{4}-\d\d-00|.*[T ](?:24:00:00|\d\d:\d\d:60)")


def impossible(examined: list[Examined], places: Places) -> Iterator[Finding]:
    yield from _early(examined, places)
    yield from _births_that_are_none(examined, places)
    for index, each in enumerate(examined):
        date = each.interaction.response.header("date")
        if date is not None and not _is_date(date):
            yield Finding("the Date of the answer is no time", "raw", places.line(index, date, "Date"), Kind.NO_TIME)
        for leaf in each.leaves:
            if leaf.key in each.rules.times and _is_no_time(leaf, each.rules.born):
                yield Finding(f"{leaf.key} is no time", "raw", places.line(index, leaf.value), Kind.NO_TIME)


def _births_that_are_none(examined: list[Examined], places: Places) -> Iterator[Finding]:
    """Births that are no time where all other objects of that type have one: an API that has a time there has it for
    each, and no type of objects has some that were never made."""
    births: dict[tuple[str, str], list[tuple[bool, int, Leaf]]] = {}
    for index, each in enumerate(examined):
        for leaf in each.leaves if not each.refused else ():
            kind = (leaf.node.text("object") or leaf.node.text("type")) if leaf.node else None
            if kind and leaf.node and leaf is birth(leaf.node, each.rules.born) and _is_named(leaf.node):
                is_time = read_any(leaf.value, quoted=leaf.quoted) is not None
                births.setdefault((kind, leaf.key), []).append((is_time, index, leaf))
    for (_, key), found in births.items():
        wrong = [(index, leaf) for is_time, index, leaf in found if not is_time]
        if len(wrong) == 1 and len(found) > FEW and not _may_be_meant(wrong[0][1]):
            index, leaf = wrong[0]
            line = places.line(index, f'"{key}": "{leaf.value}"', f'"{key}": {leaf.value}', leaf.value, answered=True)
            yield Finding(f"{key} is no time, as it is wherever else such objects tell it", "raw", line, Kind.NO_TIME)


def _is_named(node: Node) -> bool:
    return any(is_alias(piece.shape, piece.text) for piece in ids(node.text("id") or ""))


def _may_be_meant(leaf: Leaf) -> bool:
    """Whether an API says so that there is no such time, or one that is out of reach; or else it is told anyhow."""
    meant = leaf.value in NEVER or ISO.match(leaf.value) or FRACTION.fullmatch(leaf.value)
    return bool(meant) or _is_no_time(leaf, (leaf.key,))


def _early(examined: list[Examined], places: Places) -> Iterator[Finding]:
    """Requests for objects that only a later write makes. What was asked for in vain may be made afterwards; an id that
    its client chose is in the request that makes it, too."""
    made = dict(reversed(list(_made(examined))))
    for index, each in enumerate(examined):
        for name in sorted(made.keys() & each.written) if not each.refused else ():
            maker = made.pop(name)  # only the first request for it tells
            if index < maker and not any(name in text for before in examined[:index] for text in before.answered()):
                what = f"{name} is asked for before it is made, by the request in line {places.line(maker)}"
                yield Finding(what, "raw", places.line(index, name), Kind.ORDER)


def _made(examined: list[Examined]) -> Iterator[tuple[str, int]]:
    """The objects that writes made, each with the write."""
    for index, each in enumerate(examined):
        if not is_read(each.interaction.request.method) and not each.refused:
            for name in objects_told(each.interaction.response)[:1]:
                if name not in each.written and _is_minted(name):
                    yield name, index


def _is_minted(name: str) -> bool:
    """Whether an API minted it: UUIDs and the like are the client's as well."""
    return any(piece.shape == "prefixed" and is_alias(piece.shape, piece.text) for piece in ids(name))


def _is_date(text: str) -> bool:
    """Whether a header is a date, in one of the forms that HTTP has had."""
    try:
        parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return False
    return True


def _is_no_time(leaf: Leaf, born: tuple[str, ...]) -> bool:
    if not leaf.quoted:
        return leaf.key in born and NEGATIVE.fullmatch(leaf.value) is not None
    match = ISO.fullmatch(leaf.value)
    if match is None or READ_BY_SOME.match(leaf.value):
        return False
    try:
        datetime.fromisoformat(f"{match[1]}T{match[3]}")
    except ValueError:
        return True
    return False
