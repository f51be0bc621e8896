"""What an object was before: the members that have changed, with the values that they had.

    {"status": "open", "rendering": {"pdf": {"page_size": "letter"}}, "number": "A-0001", "metadata": {"b": "2"}}
    {"status": "draft", "rendering": {"pdf": {"page_size": "auto"}}, "number": null, "metadata": {"a": "1", "b": null}}

An object in it holds only what has changed of it; a list stands whole. What was not there is null: of an object only
its metadata gains and loses members.
"""

from collections.abc import Iterator
from typing import Any

from replayer.sandbox.wire import Wire


def previous(now: Wire, before: Wire) -> Wire:
    """What makes `now` to what it was `before`; empty where nothing has changed."""
    changed = ((name, new, old) for name, new, old in _pairs(now, before) if new is not old and new != old)
    return {name: previous(new, old) if _are_objects(new, old) else old for name, new, old in changed}


def _pairs(now: Wire, before: Wire) -> Iterator[tuple[str, Any, Any]]:
    """Each member with its two values. Two states of one object have the same members in the same order."""
    if list(now) == list(before):
        return zip(now, now.values(), before.values(), strict=True)
    return ((name, now.get(name), before.get(name)) for name in sorted(now.keys() | before.keys()))


def _are_objects(new: Any, old: Any) -> bool:
    return isinstance(new, dict) and isinstance(old, dict)
