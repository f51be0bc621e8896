"""Credentials in the path of a request, by what stands before them there.

/api_key/<any>   /v1/items;token=<any>   /key:<any>/x      under its name
/password/reset/<chance>   /magic/<chance>                  what is sent by mail, and works once
/v3/<chance>                                                right behind a version: no collection has it, so it is no
                                                            object's id, but who asks
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

from replayer.core.message import shapes
from replayer.core.rules import generic
from replayer.core.secrets.guesses import EVERYBODYS, is_placeholder, is_random, is_searched, plain_name

LONG = re.compile(r"[^/;=:]{16}")  # no credential of a path is shorter, so most paths are done with at once
EVERYBODYS_HERE = EVERYBODYS | {"key"}  # a table has keys, too: what they open is no id
SESSIONS = frozenset({"jsessionid", "phpsessid"})  # which servers write into paths where no cookie is taken
ONCE = frozenset(
    {
        "reset", "magic", "magiclink", "verify", "verification", "confirm", "confirmation", "activate", "activation",
        "invite", "invitation", "unsubscribe", "otp", "impersonate", "autologin",
    }
)  # fmt: skip
VERSION = re.compile(r"v[0-9]{1,3}(?:\.[0-9]{1,3})?")
NAMED = re.compile(r"(?P<name>[A-Za-z][\w.-]{1,40})[=:](?P<value>[^;]+)")
HEX = re.compile(r"[0-9a-f]{24,128}|[0-9A-F]{24,128}")
LONGEST = 65_536  # characters of a path


def in_path(path: str) -> Iterator[tuple[str, str]]:
    """The credentials in a path, decoded, each with what shows it to be one."""
    if len(path) > LONGEST or not LONG.search(path):
        return
    segments = [unquote(segment, errors="surrogateescape") for segment in path.split("/")]
    for before, segment in pairwise(segments):
        if _stands_behind(before, segment):
            yield before, segment
        if "=" in segment or ":" in segment:
            for part in segment.split(";"):
                match = NAMED.fullmatch(part)
                if match and _stands_behind(match["name"], match["value"]):
                    yield match["name"], match["value"]


def _stands_behind(name: str, value: str) -> bool:
    """Whether a value is a credential because of what stands right before it in a path."""
    if len(value) < shapes.MIN_BODY:
        return False
    plain = plain_name(name)
    is_once = plain in ONCE or VERSION.fullmatch(name) is not None
    if not is_once and plain not in EVERYBODYS_HERE and plain not in SESSIONS and not is_searched(plain):
        return False  # as of nearly all: nothing is asked of the value
    if is_placeholder(value):
        return False
    is_number = HEX.fullmatch(value) is not None
    if is_once:
        return is_number or is_random(value)
    is_certain = is_number and plain not in EVERYBODYS_HERE
    return generic.CREDENTIAL.match(value) is not None and (is_certain or not any(shapes.ids(value)))
