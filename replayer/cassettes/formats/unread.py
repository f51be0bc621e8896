"""Files that are read by nobody here: refused by the name of the tool that wrote them, with what to do instead."""

from typing import Any

from replayer.cassettes.shape import ShapeError

ANEW = "Record it again: 'replayer help moving' tells how, with that tool as the upstream if need be."
# By what the whole of a file has, and no other tool's: a description of an API holds no answers that anybody gave.
DOCUMENTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("talkback", frozenset({"req", "res"})),
    ("mountebank", frozenset({"imposters"})),
    ("mountebank", frozenset({"stubs", "protocol"})),
    ("Postman", frozenset({"info", "item"})),
    ("Insomnia", frozenset({"__export_format", "resources"})),
    ("Pact", frozenset({"consumer", "provider"})),
    ("Mockoon", frozenset({"lastMigration"})),
    ("MockServer", frozenset({"httpRequest"})),
    ("OpenAPI", frozenset({"openapi", "paths"})),
    ("OpenAPI", frozenset({"swagger", "paths"})),
)
# By what the first of a list has, or of its `interactions`; of the tools of one shape the narrower one stands first.
LISTED: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("ExVCR", "request", frozenset({"url", "request_body"})),
    ("ExVCR", "request", frozenset({"url", "options"})),
    ("PHP-VCR", "request", frozenset({"url"})),
    ("Scotch", "Request", frozenset({"URI"})),
    ("EasyVCR", "Request", frozenset({"Uri"})),
    ("MockServer", "httpRequest", frozenset()),
)
RECORDED = frozenset({"recordedAt", "request", "response"})


def check(document: Any) -> None:
    """ShapeError where a tool is recognised whose files are not read."""
    if tool := _tool(document):
        raise ShapeError((), f"{tool} wrote this.", ANEW)


def _tool(document: Any) -> str:
    if isinstance(document, list):
        return _of_first(document)
    if not isinstance(document, dict):
        return "yakbak" if isinstance(document, str) and "module.exports" in document else ""
    found = next((tool for tool, keys in DOCUMENTS if keys <= document.keys()), "")
    if not found and isinstance(document.get("stubs"), list):
        return "mountebank"
    listed = document.get("interactions")
    first = listed[0] if isinstance(listed, list) and listed else None
    return "DVR" if not found and isinstance(first, dict) and first.keys() >= RECORDED else found


def _of_first(document: list[Any]) -> str:
    first = document[0] if document else None
    if not isinstance(first, dict):
        return ""
    for tool, part, keys in LISTED:
        asked = first.get(part)
        if isinstance(asked, dict) and keys <= asked.keys():
            return tool
    return ""
