"""Echoes: an answer repeats a value that the client minted, so the live value takes the place of the recorded one."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from replayer.core.message.body import read
from replayer.core.message.instants import Instant, read_any, read_day
from replayer.core.message.interaction import Response
from replayer.core.message.leaves import Leaf, edited, leaves
from replayer.core.rules.registry import Rules

MIN_ECHO = 4  # a value of fewer characters would be "found" in every text


def echoed(response: Response, values: Mapping[str, str]) -> Response:
    """The response with other values, old to new, in headers and in text; short ones only as whole headers.

    All are replaced in one scan: what is new is not replaced again.
    """
    changed = {old: new for old, new in values.items() if old and new and old != new}
    if not changed:
        return response
    headers = tuple((name, _replaced(value, changed)) for name, value in response.headers)
    body = read(response.headers, response.body)
    found = {_escaped(old): _escaped(new) for old, new in changed.items() if _stands_in(_escaped(old), body.text)}
    if body.text is None or not found:
        return replace(response, headers=headers)
    echoing = _pattern(tuple(found)).sub(lambda match: found[match.group()], body.text)
    try:
        return replace(response, headers=headers, body=body.encode(echoing))
    except UnicodeEncodeError:  # a value that this body's charset cannot write
        return replace(response, headers=headers)


def _replaced(value: str, changed: Mapping[str, str]) -> str:
    if value in changed:
        return changed[value]
    found = tuple(old for old in changed if _stands_in(old, value))
    return _pattern(found).sub(lambda match: changed[match.group()], value) if found else value


def _stands_in(old: str, text: str | None) -> bool:
    return text is not None and len(old) >= MIN_ECHO and old in text


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


@lru_cache(maxsize=1024)
def _pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])")


def retimed(response: Response, rules: Rules, change: Callable[[Leaf, int], int]) -> Response:
    """The response with the times in its body changed, in seconds since 1970."""
    body = read(response.headers, response.body)
    changes = [
        (leaf, instant.write(changed))
        for leaf in leaves(body)
        if (instant := instant_at(leaf, rules)) and (changed := change(leaf, instant.seconds)) != instant.seconds
    ]
    return replace(response, body=body.encode(edited(body, changes))) if changes else response


def instant_at(leaf: Leaf, rules: Rules) -> Instant | None:
    """The time at a place that is known to hold times, or that can only be one."""
    if leaf.key in rules.times:
        return read_any(leaf.value, quoted=leaf.quoted) or read_day(leaf.value)
    if leaf.quoted and leaf.value[4:5] == "-":
        return read_any(leaf.value, quoted=True)
    return None
