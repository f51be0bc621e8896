"""Files that are read by nobody here: refused by the name of the tool that wrote them, with what to do instead."""

from typing import Any

from replayer.cassettes.shape import ShapeError

ANEW = "Record it again: 'replayer help moving' tells how, with that tool as the upstream if need be."


def check(document: Any) -> None:
    """ShapeError where a tool is recognised whose files are not read."""
    if tool := _tool(document):
        raise ShapeError((), f"{tool} wrote this.", ANEW)


def _tool(document: Any) -> str:
    first = document[0] if isinstance(document, list) and document else None
    if isinstance(first, dict):
        asked = first.get("request")
        if not isinstance(asked, dict) or "url" not in asked:
            return ""
        return "ExVCR" if "request_body" in asked or "options" in asked else "PHP-VCR"
    if not isinstance(document, dict):
        return ""
    if any(isinstance(document.get(key), list) for key in ("imposters", "stubs")):
        return "mountebank"
    return "talkback" if {"req", "res"} <= document.keys() else ""
