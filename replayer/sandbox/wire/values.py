"""The words that the sandbox's modules share: what a wire object is, and what a command holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Wire: TypeAlias = dict[str, Any]
"""An object as the API shows it: `id` and `object` first, then its keys in alphabetical order.

Once stored it is never changed in place: a change stores a new one. So an answer may hold parts of it.
"""

Params: TypeAlias = dict[str, Any]
"""Checked parameters in request order: text, int, bool, list, map; None where an empty string unset one."""


@dataclass(frozen=True, slots=True)
class Command:
    """One checked command. `at` is the whole second it arrived in; `subject` is the object that its path names."""

    at: int
    params: Params
    subject: Wire
    path: str = ""
    second: str = ""
    """The second id of the path (a line of an invoice), where it has one."""
    expand: tuple[str, ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)


def merged(wire: Mapping[str, Any], changes: Mapping[str, Any]) -> Wire:
    """A new wire object with some members changed, each in its old place. A dotted name changes a member of a member.

    A name that the object does not have is a mistake of ours: it would break the key order.
    """
    result = dict(wire)
    for name, value in changes.items():
        head, _, rest = name.partition(".")
        if head not in result:
            raise KeyError(name)
        result[head] = merged(result[head], {rest: value}) if rest else value
    return result


def tombstone(wire: Wire) -> Wire:
    """What is left of a deleted object."""
    return {"id": wire["id"], "object": wire["object"], "deleted": True}
