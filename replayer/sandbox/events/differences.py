"""What an object was before: the members that have changed, with the values that they had.

    {"status": "open", "rendering": {"pdf": {"page_size": "letter"}}, "number": "A-0001", "metadata": {"b": "2"}}
    {"status": "draft", "rendering": {"pdf": {"page_size": "auto"}}, "number": null, "metadata": {"a": "1", "b": null}}

An object in it holds only what has changed of it; a list stands whole. What was not there is null: of an object only
its metadata gains and loses members.
"""

from typing import Any

from replayer.sandbox.wire import Wire


def previous(now: Wire, before: Wire) -> Wire:
    """What makes `now` to what it was `before`; empty where nothing has changed."""
    found: dict[str, Any] = {}
    for name in sorted(now.keys() | before.keys()):
        new, old = now.get(name), before.get(name)
        if new is old or new == old:
            continue
        inside = isinstance(new, dict) and isinstance(old, dict)
        found[name] = previous(new, old) if inside else old  # type: ignore[arg-type]  # both are dictionaries then
    return found
