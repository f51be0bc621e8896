"""What a webhook tells of itself: what was done, to which object, by which request, and when."""

import json
from dataclasses import dataclass
from typing import Any, Self

from replayer.core.message import Request, Response, instants
from replayer.core.rules import Rules, ruleset

NAMED_BY = ("webhook-id", "x-github-delivery", "x-shopify-webhook-id", "x-event-id")
TYPED_BY = ("x-github-event", "x-gitlab-event", "x-shopify-topic", "x-event-type")
CALLED = ("type", "event_type", "event", "topic", "action")  # what other APIs call it in the body


@dataclass(frozen=True, slots=True)
class Announced:
    """Of one webhook, in whichever space its words are. `name` tells it from all others; what it does not tell is
    empty, and `created`, in seconds since 1970, None."""

    type: str = ""
    name: str = ""
    about: str = ""
    request: str = ""
    key: str = ""
    created: int | None = None

    @classmethod
    def of(cls, message: Request | Response, rules: Rules) -> Self:
        """What a webhook tells of itself, by the rules of its API, or else by what most APIs call it."""
        value = message.json
        value = value if isinstance(value, dict) else {}
        kind = next((one for one in rules.events if one.kind == value.get("object")), None)
        if kind is not None:
            return cls._of_kind(value, kind)
        told = next((found for name in TYPED_BY if (found := message.header(name))), "")
        name = next((found for name in NAMED_BY if (found := message.header(name))), "")
        return cls(
            told or next((found for key in CALLED if (found := _text(value, key))), ""), name or _text(value, "id")
        )

    @classmethod
    def _of_kind(cls, value: dict[str, Any], kind: ruleset.EventKind) -> Self:
        created = instants.read_any(json.dumps(value.get("created")), quoted=False)
        return cls(
            _text(value, kind.type),
            _text(value, "id"),
            _text(value, kind.about),
            _text(value, kind.request),
            _text(value, kind.key),
            created.seconds if created else None,
        )


def _text(value: Any, path: str) -> str:
    """The text at a dotted path; empty where there is none."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
