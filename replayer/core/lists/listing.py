"""A list as it stands in an answer: where its objects are in the text, and the same envelope around other ones.

{"object": "list", "data": [ {...}, {...} ], "has_more": false, "url": "/v1/invoices"}
 '------- head ---------'   items           '------------- tail ---------------'

Objects are kept without the margin at which they stand, so that one that stood in a list can be answered by itself.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from replayer.core.message import edit
from replayer.core.rules import ruleset


@dataclass(frozen=True, slots=True)
class ObjectText:
    """One object of a list: its text without a margin, and its id; None where it has none. Its value is read when it
    is asked for: of a long list hardly any ever is."""

    text: str
    id: str | None

    @classmethod
    def of(cls, text: str, value: Any) -> Self:
        """That text, whose value is known."""
        name = value.get("id") if isinstance(value, dict) else None
        return cls(text, name if isinstance(name, str) else None)

    @property
    def value(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a text without a margin. `start` and `end` span its array, `more` the value that says whether it goes
    on, None where it has none; `goes_on` is that value."""

    text: str
    items: tuple[ObjectText, ...]
    spans: tuple[tuple[int, int], ...]
    start: int
    end: int
    more: tuple[int, int] | None
    goes_on: bool | None
    url: str

    def around(self, items: Sequence[str], *, more: bool) -> str:
        """The same text around these objects, which have no margin."""
        changes = [self.array(items)]
        if self.more is not None:
            changes.append((*self.more, "true" if more else "false"))
        return edit.spliced(self.text, changes)

    def array(self, items: Sequence[str]) -> tuple[int, int, str]:
        """The span of the array, and how it is written around these objects."""
        if not items:
            return self.start, self.end, "[]" if self.items else self.text[self.start : self.end]
        lead, between, trail = self._spacing()
        margin = edit.margin_at(self.text, self.spans[0][0]) if self.spans else lead.rpartition("\n")[2]
        written = between.join(edit.indented(item, margin) for item in items)
        return self.start, self.end, f"[{lead}{written}{trail}]"

    def _spacing(self) -> tuple[str, str, str]:
        """What stands before the first object, between two, and behind the last: as it does here, as far as it does."""
        lead, between, trail = self._usual()
        if self.spans:
            lead, trail = self.text[self.start + 1 : self.spans[0][0]], self.text[self.spans[-1][1] : self.end - 1]
            between = "," + lead if "\n" in lead else between
        if len(self.spans) > 1:
            between = self.text[self.spans[0][1] : self.spans[1][0]]
        return lead, between, trail

    def _usual(self) -> tuple[str, str, str]:
        """How whoever wrote this text would write an array: spread as its own members are, a margin further in."""
        bare = self.start == 0 and self.spans  # then its objects tell how things are set apart
        one, other = (*islice(edit.members(self.text, self.spans[0][0] if bare else 0), 2), None, None)[:2]
        between = self.text[one.end : other.begins] if one and other else ", "
        opening = self.text[self.text.index("{") + 1 : one.begins] if one else ""
        if "\n" not in opening:
            return "", between, ""
        margin = edit.margin_at(self.text, self.start)
        return opening + margin, between + margin, opening


def listing(text: str, paging: ruleset.Paging) -> Listing | None:
    """The list that a JSON text without a margin is, if it is one by that rule."""
    if not text.lstrip().startswith("{"):
        return None
    there = {member.key: member for member in edit.members(text, rows=paging.items)}
    array, more = there.get(paging.items), there.get(paging.more)
    if array is None or not isinstance(array.value, tuple):
        return None
    if any(there[key].value != value if key in there else True for key, value in paging.marks):
        return None
    if there.keys() - {paging.items, paging.more, *dict(paging.marks), *paging.same}:
        return None
    url = there["url"].value if "url" in there else ""
    return listed(text, array, more, url if isinstance(url, str) else "")


def listed(text: str, array: edit.Member, more: edit.Member | None = None, url: str = "") -> Listing:
    """The list whose objects are in that array of the text; `more` is the member that tells whether it goes on."""
    rows = array.value if isinstance(array.value, tuple) else tuple(edit.members(text, array.start))
    return Listing(
        text=text,
        items=tuple(
            ObjectText.of(edit.unindented(text[row.start : row.end], edit.margin_at(text, row.start)), row.value)
            for row in rows
        ),
        spans=tuple((row.start, row.end) for row in rows),
        start=array.start,
        end=array.end,
        more=(more.start, more.end) if more else None,
        goes_on=more.value if more and isinstance(more.value, bool) else None,
        url=url,
    )


def nested(outer: ObjectText, place: str, dropped: Iterable[str]) -> str | None:
    """The text of the list that stands in an object under that key, as it would stand by itself: without a margin, and
    without the members that only a list within an object has."""
    inner = next((one for one in edit.members(outer.text) if one.key == place and isinstance(one.value, dict)), None)
    if inner is None:
        return None
    text = edit.unindented(outer.text[inner.start : inner.end], edit.margin_at(outer.text, inner.start))
    for key in dropped:
        text = edit.without_member(text, key)
    return text
