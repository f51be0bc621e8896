"""Echoes: an answer repeats a value that the client minted, so the live value takes the place of the recorded one."""

import json
import re
from dataclasses import replace
from functools import lru_cache

from replayer.core.bodies import read
from replayer.core.interaction import Response
from replayer.core.recognisers import MIN_WORD


def echoed(response: Response, old: str | None, new: str | None) -> Response:
    """The response with one value instead of the other, in headers and in text; short ones only as whole headers."""
    if not old or not new or old == new:
        return response
    headers = tuple((name, _replaced(value, old, new)) for name, value in response.headers)
    body = read(response.headers, response.body)
    if not body.text or len(old) < MIN_WORD or _escaped(old) not in body.text:
        return replace(response, headers=headers)
    echoing = _pattern(_escaped(old)).sub(_template(new), body.text)
    try:
        return replace(response, headers=headers, body=body.encode(echoing))
    except UnicodeEncodeError:  # a key that this body's charset cannot write
        return replace(response, headers=headers)


def _replaced(value: str, old: str, new: str) -> str:
    if value == old:
        return new
    return _pattern(old).sub(lambda _: new, value) if len(old) >= MIN_WORD and old in value else value


def _template(new: str) -> str:
    return _escaped(new).replace("\\", r"\\")


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])")
