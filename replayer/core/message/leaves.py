"""Where values stand in a message: leaves with their place and their span, and the text with some of them changed.

A body is parsed to find values and edited as text, so `10.00` stays `10.00` and key order and white space stay. Within
a text of another kind values have names too: `"cursor": "..."` in a log line, `<cursor>...</cursor>`, `?cursor=...`.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate

from replayer.core.message.bodies import Body, BodyKind, form_encoded, pairs, parse_json, segments
from replayer.core.message.shapes import MIN_BODY, ids
from replayer.core.message.wire import Headers
from replayer.core.streams import StreamForm, StreamValue, events

# One value of a JSON text that is known to be valid, with its key and what parts it from the next one; or the end of an
# object or a list. What has matched is never given back: each character is looked at once or twice. Members that hold
# nothing are passed over at once, under keys that are no ids: these have a digit or a capital, and more characters.
ITEM = re.compile(
    r'(?:"(?:[a-z_]*+|[^"\\]{0,14}+)"\s*+:\s*+(?:null|true|false)[\s,]*+)*'
    r'(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"\s*+:\s*+)?'
    r'(?:("[^"\\]*+(?:\\.[^"\\]*+)*")|([^\s,{}\[\]"]++)|([{\[])|([}\]]))[\s,]*+'
)
KEY, STRING, OTHER, OPENED, CLOSED = 1, 2, 3, 4, 5  # the groups of an item
STRUCTURED = (BodyKind.JSON, BodyKind.EVENTS, BodyKind.LINES)
EVENT_KEYS = {"data": "", "": "comment", "id": "last-event-id"}  # what the value of a field is called
LITERALS = ("true", "false", "null")
LONGEST_STEP = 250  # characters; a longer key stands in a place by its digest
LONGEST_PLACE = 1000  # from there on any key does that is longer than a digest
DIGEST = 16
STEP = re.compile(r"[.\[\\]")
SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can name half a character, but no charset can write one
SPECIAL = re.compile(rf'["\\\x00-\x1f]|{SURROGATE.pattern}')
# `"cursor": "..."` of JSON in a text, in lines or within a string, whose quotes are escaped then; `<cursor>...</`.
MEMBER = re.compile(
    r'(?P<quote>\\{0,7}")(?P<name>[\w.-]{1,64})(?P=quote)\s{0,9}:\s{0,9}(?P=quote)(?P<value>[^"\\\s]+)(?P=quote)'
)
# `?cursor=...` of a whole link, of a relative one, of one in a `Link` header or in HTML; or of a form in a text.
PARAMETER = re.compile(r"""(?:[?#]|&amp;|&)(?P<name>[^=&?#\s<>"']+)=(?P<value>[^&#\s<>"'\\]+)""")
HEAD = re.compile(r"\ufeff?[\w .\"-]{1,64}(?:[,;\t][\w .\"-]{1,64}){1,64}\r?")  # names, and no prose
ELEMENT = re.compile(r"<(?:\w{1,32}:)?(?P<name>[\w.-]{1,64})(?:\s[^<>]{0,200})?>(?P<value>[^<>\s]+)</")


@dataclass(eq=False, slots=True)
class Container:
    """An object or a list of a JSON body, one step further than what it stands in; the whole has no name. Its place is
    written out only for whoever asks."""

    outer: "Container | None"
    step: str | int
    written: str | None = None

    @property
    def place(self) -> str:
        """Its path from the top, `data[0].period`."""
        unwritten: list[Container] = []
        container = self
        while container.written is None and container.outer is not None:
            unwritten.append(container)
            container = container.outer
        place = container.written or ""
        for each in reversed(unwritten):
            place = each.written = below(place, each.step)
        return place


NUMBER = re.compile(r"[0-9]{8,}")  # as many as `shapes.MIN_WORD`


@dataclass(eq=False, slots=True)
class Node:
    """One object of a JSON body: what its leaves need to know of their neighbours."""

    container: Container
    parent: "Node | None" = None
    values: "dict[str, Leaf | Node]" = field(default_factory=dict)
    found_owner: "Node | None" = None

    @property
    def place(self) -> str:
        return self.container.place

    def string(self, key: str) -> str | None:
        """The string under that key; of an object under it (an expanded reference) its `id`, which may be a number of
        so many digits that no other object has it."""
        value = self.values.get(key)
        if isinstance(value, Node):
            return value.string("id")
        if value is None or not (value.quoted or (key == "id" and NUMBER.fullmatch(value.value))):
            return None
        return value.value

    def at(self, path: str) -> str | None:
        """The string at a dotted path below this object."""
        *steps, last = path.split(".")
        node: Node = self
        for step in steps:
            child = node.values.get(step)
            if not isinstance(child, Node):
                return None
            node = child
        return node.string(last)

    @property
    def owner(self) -> "Node":
        """The nearest object, from here outwards, that has an id; the outermost one where none has."""
        if self.found_owner is None:  # whoever asks has the whole text read
            node = self
            while node.parent is not None and node.string("id") is None:
                node = node.parent
            self.found_owner = node
        return self.found_owner


def birth(node: Node | None, born: tuple[str, ...]) -> "Leaf | None":
    """The leaf that tells when an object was made, by the names of the fields that may, best first."""
    values = node.values if node else {}
    return next((value for key in born if isinstance(value := values.get(key), Leaf)), None)


class Leaf:
    """One value of a message. `value` is decoded; `start` and `end` span what stands for it in the text.

    `place` is its path from the top, `data[0].period.start`; `key` the name that it stands under; `quoted` tells a
    JSON string from a number.
    """

    __slots__ = ("_place", "_within", "end", "key", "node", "quoted", "start", "value")

    def __init__(
        self,
        place: str | int,
        key: str,
        value: str,
        start: int,
        end: int,
        quoted: bool = True,
        node: Node | None = None,
        within: Container | None = None,
    ) -> None:
        """Of what stands within an object or a list, `place` is only the last step: its key or its index."""
        self._place, self._within = place, within
        self.key, self.value, self.start, self.end, self.quoted, self.node = key, value, start, end, quoted, node

    def __repr__(self) -> str:
        return f"<Leaf {self.place} {self.value!r}>"

    @property
    def place(self) -> str:
        return str(self._place) if self._within is None else below(self._within.place, self._place)

    def holding(self, value: str, *, place: str = "", key: str = "") -> "Leaf":
        """A leaf of that value in the same place; or beside it, under another key."""
        return Leaf(place or self.place, key or self.key, value, self.start, self.end, self.quoted, self.node)

    @property
    def within_owner(self) -> str:
        """The place seen from the object that owns it: `period.start`, wherever that object stands."""
        if self.node is None:
            return self.place
        owner = self.node.owner
        if self._within is owner.container:
            return below("", self._place).lstrip(".")
        return self.place.removeprefix(owner.place).lstrip(".")


def leaves(body: Body) -> list[Leaf]:
    """The leaves of a body; of plain text one, the whole; of binary ones none."""
    if body.text is None:
        return []
    match body.kind:
        case BodyKind.JSON:
            return json_leaves(body.text)
        case BodyKind.FORM:
            return form_leaves(body.text)
        case BodyKind.EVENTS | BodyKind.LINES:
            return list(
                stream_leaves(body.text, StreamForm.BLOCKS if body.kind is BodyKind.EVENTS else StreamForm.LINES)
            )
        case _:
            return [Leaf("", "", body.text, 0, len(body.text))]


def header_leaves(headers: Headers) -> list[Leaf]:
    """The values of headers, in the order of these. The second of one name is another place: `header link[1]`."""
    counts: dict[str, int] = {}
    found = []
    for name, value in headers:
        key = name.lower()
        count = counts[key] = counts.get(key, -1) + 1
        found.append(Leaf(f"header {key}" + (f"[{count}]" if count else ""), key, value, 0, len(value)))
    return found


def form_leaves(text: str) -> list[Leaf]:
    """The leaves of a form or a query: its values, and of its keys those that hold an id, `metadata[cus_...]`."""
    found = []
    for pair in pairs(text):
        if len(pair.key) > MIN_BODY and any(ids(pair.key)):
            found.append(Leaf("*", "", pair.key, pair.key_start, pair.key_end))
        found.append(Leaf(pair.key, _form_key(pair.key), pair.value, pair.start, pair.end))
    return found


def _form_key(key: str) -> str:
    """`created[gte]` stands under `created`, `lines[0][amount]` under `amount`."""
    named = [segment for segment in segments(key) if segment and not segment.isdecimal()]
    if len(named) > 1 and named[-1] in ("gt", "gte", "lt", "lte"):
        return named[-2]
    return named[-1] if named else key


def stream_leaves(text: str, form: StreamForm) -> Iterator[Leaf]:
    """The leaves of a stream: of each event those of its data, if that is JSON, and its other values. `[3].id` stands
    in the fourth event, of which those that tell nothing are none."""
    number = 0
    for position, event in events(text, form):
        place = f"[{number}]"
        lines = [value for value in event.values if value.name == "data"]
        found = json_leaves(event.data, place) if is_structured(event.data) else None
        for value in event.values:
            if value.name != "data" or (found is None and value.end > value.start):
                key = EVENT_KEYS.get(value.name, value.name)
                start, end = position + value.start, position + value.end
                yield Leaf(f"{place} {key}".rstrip(), key, text[start:end], start, end)
        yield from _in_lines(found or [], lines, position)
        number += not event.is_idle


def _in_lines(found: list[Leaf], lines: Sequence[StreamValue], position: int) -> Iterator[Leaf]:
    """Leaves of data that stands in so many lines, which no value of JSON spreads over, where they stand in a text."""
    begins = list(accumulate((line.end - line.start + 1 for line in lines), initial=0))
    for leaf in found:
        line = bisect_right(begins, leaf.start) - 1
        moved = position + lines[line].start - begins[line]
        leaf.start, leaf.end = leaf.start + moved, leaf.end + moved
        yield leaf


def is_structured(data: str) -> bool:
    """Whether what an event carries is an object or a list of JSON."""
    return data[:1] in ("{", "[") and parse_json(data) is not None


def json_leaves(text: str, place: str = "") -> list[Leaf]:
    """The strings and numbers of a JSON text that is known to be valid, in their order; of its keys those that are
    ids. `place` is where the whole stands."""
    found: list[Leaf] = []
    node: Node | None = None
    within: Container | None = None
    around: list[tuple[Container | None, Node | None, int]] = []  # what each stands in, and the next index there or -1
    index, key = -1, ""
    for match in ITEM.finditer(text):
        kind = match.lastindex or CLOSED
        if kind == CLOSED:
            within, node, index = around.pop()
            continue
        name = match[KEY]
        if name is not None:
            key = name if "\\" not in name else unquote(f'"{name}"')
            if len(key) > MIN_BODY and within is not None and any(ids(key)):
                start, end = match.span(KEY)
                found.append(Leaf(f"{within.place}.*", "", key, start - 1, end + 1, True, node))
                key = "*"  # no part of a place: it is another one each time
        step = key if index < 0 else index
        if kind == OPENED:
            around.append((within, node, index if index < 0 else index + 1))
            within = Container(within, step, place if within is None else None)
            if match[OPENED] == "[":
                index = 0
            else:
                node, index = _opened(within, key, node, in_list=index >= 0), -1
            continue
        token = match[kind]
        if kind == STRING or token not in LITERALS:
            value = token if kind == OTHER else token[1:-1] if "\\" not in token else unquote(token)
            start, end = match.span(kind)
            leaf = Leaf(step, key, value, start, end, kind == STRING, node, within)
            found.append(leaf)
            if index < 0 and node is not None:
                node.values[key] = leaf
        if index >= 0:
            index += 1
    return found


def below(place: str, step: str | int) -> str:
    """`place.key`, or `place[index]`. A key that looks like more than one step is escaped, so that no two places are
    one; a very long one stands there by its digest, or each place below it would be as long."""
    if isinstance(step, int):
        return f"{place}[{step}]"
    if len(step) > LONGEST_STEP or (len(step) > DIGEST and len(place) > LONGEST_PLACE):
        step = blake2b(step.encode("utf-8", "surrogatepass"), digest_size=DIGEST // 2).hexdigest()
    if not step.isidentifier():
        step = STEP.sub(r"\\\g<0>", step) or '""'
    return f"{place}.{step}" if place else step


def _opened(container: Container, key: str, parent: Node | None, *, in_list: bool) -> Node:
    node = Node(container, parent)
    if parent is not None and not in_list:
        parent.values[key] = node
    return node


def unquote(token: str) -> str:
    """The string that a JSON string token stands for."""
    return str(json.loads(token, strict=False)) if "\\" in token else token[1:-1]


def quote(value: str, like: str) -> str:
    """A JSON string token for a value; escaped as far as `like`, the token that it replaces, was."""
    escaped = "\\" in like
    if not escaped and not SPECIAL.search(value):
        return f'"{value}"'
    token = json.dumps(value, ensure_ascii=(escaped and like.isascii()) or SURROGATE.search(value) is not None)
    return token.replace("/", "\\/") if "\\/" in like else token


def edited(body: Body, changes: Iterable[tuple[Leaf, str]]) -> str:
    """The body's text with those leaves changed to those values, and nothing else touched."""
    text = body.text or ""
    return edited_text(text, changes, body.kind)


def edited_text(text: str, changes: Iterable[tuple[Leaf, str]], kind: BodyKind) -> str:
    """The same for a text of that kind; a query is a form."""
    parts: list[str] = []
    position = 0
    for leaf, value in sorted(changes, key=lambda change: change[0].start):
        parts += (text[position : leaf.start], _written(value, text[leaf.start : leaf.end], leaf, kind))
        position = leaf.end
    return "".join((*parts, text[position:]))


def _written(value: str, like: str, leaf: Leaf, kind: BodyKind) -> str:
    if kind is BodyKind.FORM:
        return form_encoded(value, like)
    if kind in STRUCTURED and leaf.quoted and like != leaf.value:  # what an event carries may be no JSON
        return quote(value, like)
    return value


# A field of a page's form, and what a page tells its own scripts: `<meta name="csrf-token" content="...">`.
FIELD = re.compile(
    r"""<(?:input|meta)\s(?=[^<>]{0,400}?\bname=["'](?P<name>[\w.-]{1,64})["'])[^<>]{0,400}?"""
    r"""\b(?:value|content)=["'](?P<value>[^"'<>\s]+)["']"""
)


def named_values(text: str) -> Iterator[tuple[str, str, int]]:
    """The members of JSON, the elements of XML, the fields of HTML and the columns of a table that a text has in it:
    name, value, and where that begins."""
    found = [*MEMBER.finditer(text)] if '":' in text or '" :' in text else []
    found += ELEMENT.finditer(text) if "</" in text else ()
    found += FIELD.finditer(text) if "<input" in text or "<meta" in text else ()
    yield from ((match["name"], match["value"], match.start("value")) for match in found)
    yield from _cells(text)


def _cells(text: str) -> Iterator[tuple[str, str, int]]:
    """The cells of a table whose first line says what its columns are called: `name,api_key`, of simple cells."""
    first, at, rows = text.partition("\n")
    mark = next((mark for mark in ",;\t" if mark in first), "")
    if not at or not mark or not HEAD.fullmatch(first):
        return
    columns, start = [one.strip(' "\r').replace(" ", "_") for one in first.split(mark)], len(first) + 1
    for row in rows.split("\n"):
        cells, position = row.split(mark), start
        for name, cell in zip(columns, cells if len(cells) == len(columns) else (), strict=False):
            if value := cell.strip(' "\r'):
                yield name, value, position + cell.index(value)
            position += len(cell) + 1
        start += len(row) + 1
