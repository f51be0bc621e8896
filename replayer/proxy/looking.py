"""What the inspector is shown of a session that listens, and of a file alone."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.faults import Faults
from replayer.core.rules import Rules, registry
from replayer.core.session import Receipt
from replayer.inspector import Feed, Inspected
from replayer.proxy.opening import rules_for
from replayer.proxy.slot import Slot
from replayer.settings import Settings

MOST_JOURNALS = 50  # of a folder that are told


def numbers(receipt: Receipt) -> dict[str, Any]:
    """A receipt as it is told: its numbers by their names, and the line that people read."""
    told = {**asdict(receipt), "kinds": dict(receipt.kinds), "dropped": list(receipt.dropped)}
    return {**told, "synthesized": receipt.synthesized, "line": str(receipt)}


def looked_at(slot: Slot, url: str, feed: Feed, faults: Faults, played: Cassette | None) -> Inspected:
    """A session; `played` is its cassette, where that does not change any more."""

    def cassette() -> Cassette:
        return slot.session.so_far() if played is None else played

    return Inspected(
        kind="session",
        name=slot.session.name,
        rules=lambda: slot.session.api.rules,
        cassette=cassette,
        version=lambda: len(slot.session.recorder),
        url=url,
        feed=feed,
        facts=lambda: _facts(slot),
        receipt=lambda: numbers(replace(slot.session.receipt(), faults=faults.done)),
        bound=lambda: slot.session.client.bindings.pairs,
    )


def _facts(slot: Slot) -> Mapping[str, Any]:
    session = slot.session
    facts, journal = session.facts, slot.journal
    return {
        "mode": session.mode.value,
        "upstream": facts.upstream if facts else "",
        "rules": session.api.rules.name,
        "epoch": facts.epoch if facts else None,
        "now": session.clock.shown,
        "path": str(slot.path),
        "journal": str(journal.path) if journal else "",
    }


def journals(root: str) -> dict[str, Any]:
    """The recordings in that folder that are not cassettes yet: those that go on, and those that were killed or not
    saved, each with what can be done."""
    held, left = folder.journals(Path(root))
    running = [{"path": str(path), "running": True, "words": ""} for path in held]
    others = [{"path": str(path), "running": False, "words": folder.unsaved(path)} for path in left[:MOST_JOURNALS]]
    return {"journals": running[:MOST_JOURNALS] + others, "more": max(0, len(left) - MOST_JOURNALS)}


def nothing(kind: str) -> Inspected:
    """Where there is no cassette to look at, but other documents of that kind."""
    return Inspected(kind, "", lambda: registry.GENERIC_RULES, Cassette)


def of_file(path: Path) -> Inspected:
    """A file alone, which nobody asks for anything. CassetteError where it is none."""
    cassette, settings = folder.existing(path), Settings(cassette=path.name)
    first = cassette.interactions[0].request.origin if cassette.interactions else ""
    rules: Rules = rules_for(settings, cassette, path, first)
    facts = cassette.facts
    told = {
        "mode": "",
        "upstream": facts.upstream if facts else first,
        "rules": rules.name,
        "epoch": facts.epoch if facts else None,
        "path": str(path),
    }
    return Inspected("file", path.name, lambda: rules, lambda: cassette, facts=lambda: told)
