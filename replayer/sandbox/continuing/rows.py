"""Objects of an answer as rows of a ledger: with all their members, and without what was expanded in them."""

from collections.abc import Container
from typing import Any

from replayer.sandbox.ledger import objects
from replayer.sandbox.wire import PreservedObject, Wire


def complete(shape: Wire, wire: Wire) -> Wire:
    """The object with all members that its shape has: what an older version of the API did not tell is as it is by
    default. The text stays what it was."""
    missing = [name for name in shape if name not in wire]
    inner = {
        name: complete(shape[name], value)
        for name, value in wire.items()
        if isinstance(value, dict) and isinstance(shape.get(name), dict)
    }
    members = {**wire, **inner}
    if missing:
        members |= {name: shape[name] for name in missing}
        members = {name: members[name] for name in sorted(members, key=objects.place)}
    return PreservedObject(members, wire.text) if isinstance(wire, PreservedObject) else members


def plain(wire: Wire, hidden: Container[str] = ()) -> Wire:
    """The object with ids in place of those that were expanded in it, and without what is `hidden` else; itself where
    there is nothing of that."""
    expanded = {name: value["id"] for name, value in wire.items() if _is_whole(value)}
    shown = {name: expanded.get(name, value) for name, value in wire.items() if name not in hidden}
    return shown if expanded or len(shown) < len(wire) else wire


def _is_whole(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and "object" in value
