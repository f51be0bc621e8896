"""One API as a session speaks of it: by which rules, at which origins, and what its cassette says was recorded."""

from dataclasses import dataclass

from replayer.core.message import wire
from replayer.core.rules.ruleset import Rules


@dataclass(frozen=True, slots=True)
class Api:
    """`upstream` is the origin that was recorded, or "sandbox"."""

    rules: Rules
    links: wire.Links
    upstream: str = ""
