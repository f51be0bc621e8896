"""What Polly.js recorded: HAR with names of its own, its answers packed as Node had them.

    log: {_recordingName, entries: [{_id, _order, request, response: {content: {text, encoding, _isBinary}}}]}

Versions before 5 keep the chunks of an answer in hexadecimal, in a list that is written as text.
"""

import base64
import json
from typing import Any

from replayer.cassettes.formats import har
from replayer.cassettes.formats.given import Found, Source
from replayer.core.message import bodies

TOOL = "Polly.js"


def recognises(document: Any) -> bool:
    return har.recognises(document) and "_recordingName" in document["log"]


def read(document: Any, source: Source) -> Found:
    entries = [_as_har(one) for one in document["log"]["entries"]]
    return har.read({"log": {"entries": entries}}, source)


def _as_har(entry: Any) -> Any:
    """The entry as a browser would have written it."""
    answer = entry.get("response") if isinstance(entry, dict) else None
    content = answer.get("content") if isinstance(answer, dict) else None
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(text, str) or not isinstance(content, dict) or not isinstance(answer, dict):
        return entry
    body = _unpacked(text, str(content.get("encoding") or ""), binary=bool(content.get("_isBinary")))
    if body is None:
        return entry
    coded = ", ".join(str(one.get("value")) for one in _headers(answer) if _is_encoding(one))
    plain = bodies.decode_content(body, coded) if coded else body
    packed = {"text": base64.b64encode(body if plain is None else plain).decode(), "encoding": "base64"}
    kept = {key: value for key, value in content.items() if key not in ("text", "encoding")}
    return {**entry, "response": {**answer, "content": kept | packed}}


def _headers(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("headers")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_encoding(header: dict[str, Any]) -> bool:
    return str(header.get("name")).lower() == "content-encoding"


def _unpacked(text: str, encoding: str, *, binary: bool) -> bytes | None:
    """The bytes of an answer in one of the ways of its versions; None where it stands there as text."""
    if text.startswith('["') and text.endswith('"]'):
        try:
            chunks = json.loads(text)
            joined = "".join(chunks)
            if encoding == "base64":
                return b"".join(base64.b64decode(one, validate=True) for one in chunks)
            return bytes.fromhex(joined)
        except (ValueError, TypeError, RecursionError):
            return None
    try:
        if binary and not encoding:
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True) if encoding == "base64" else None
    except ValueError:
        return None
