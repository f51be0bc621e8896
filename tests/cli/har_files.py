"""Files of other tools, a line each: HAR, and mappings of WireMock."""

import json
from pathlib import Path
from typing import Any

STARTED = "2026-11-22T09:00:00.000Z"


def entry(path: str = "/v1/x", **answer: Any) -> dict[str, Any]:
    """An entry of a HAR file."""
    content = {"size": 2, "mimeType": "application/json", "text": "{}"}
    asked = {"method": "GET", "url": f"https://api.example.com{path}", "headers": []}
    plain = {"status": 200, "statusText": "OK", "headers": [], "content": content}
    return {"startedDateTime": STARTED, "time": 5, "request": asked, "response": plain | answer}


def har(path: Path, *entries: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), "utf-8")
    return path


def stub(path: Path, *mappings: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mappings": list(mappings)}), "utf-8")
    return path
