"""Proposals for rules, as TOML to paste. They are printed and nothing else: who pastes them has decided.

0   there are proposals, or there is nothing to propose
2   nothing could be compared
"""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from replayer.cassettes import folder
from replayer.cli.drift_report import SHOWN, not_compared
from replayer.cli.live import Asked, progress
from replayer.cli.output import printable, say
from replayer.core.drift.drift import Compared
from replayer.core.drift.proposals import Proposal, Rule, proposals
from replayer.core.message.interaction import Cassette
from replayer.core.rules.registry import Rules, rules_of_host
from replayer.core.rules.table import BASE, KEYS
from replayer.core.secrets import masking
from replayer.errors import UsageError
from replayer.proxy.round import Round
from replayer.proxy.thread import loop_factory
from replayer.settings import Settings

APART = 1.1  # seconds between two equal questions: what counts seconds must have counted
LEFT = (
    "they show what the round before left there; learn from an upstream that forgets, as 'sandbox' does, "
    "or without --allow-writes"
)


def learn(name: str, given: Mapping[str, Any], *, allow_writes: bool) -> int:
    asked = Asked.of(given, [name], allow_writes=allow_writes)
    cassette = folder.existing(Path(name))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        first, second = runner.run(_rounds(name, cassette, asked))
    left = second.shows_of(first)
    pairs = _pairs(first, second, leave_out={one.number for one in left})
    for reason in dict.fromkeys(one.reason for one in second.skipped):
        number = sum(one.reason == reason for one in second.skipped)
        say(f"not played, {number}: {not_compared(reason, asked)}")
    if left:
        say(f"not used, {len(left)}: {LEFT}")
        for one in left[:SHOWN]:
            say(f"not used: {masking.shown_text(str(one))}")
    if not pairs:
        raise UsageError(f"Nothing of {name} was compared, so nothing can be proposed.")
    found = proposals(pairs, first.rules)
    if not any(one.rule for one in found):
        say(f"nothing to propose: {len(pairs)} answers compared")
    for line in _toml(found, _rules_so_far(asked.settings, cassette, first.rules)):
        click.echo(line)
    return 0


async def _rounds(name: str, cassette: Cassette, asked: Asked) -> tuple[Round, Round]:
    path = Path(name)
    with progress([name, name]) as step:
        began = time.monotonic()
        first = await asked.round(cassette, path, step(name))
        await asyncio.sleep(max(0.0, began + APART - time.monotonic()))
        return first, await asked.round(cassette, path, step(name))


def _pairs(first: Round, second: Round, *, leave_out: set[int]) -> list[Compared]:
    """The two live answers to each question that was answered twice."""
    live = {one.number: one.live for one in first.compared if one.number not in leave_out}
    return [
        Compared(one.number, one.asked, live[one.number], one.live) for one in second.compared if one.number in live
    ]


# -- as TOML --------------------------------------------------------------------------------------------------------


def _rules_so_far(settings: Settings, cassette: Cassette, rules: Rules) -> dict[str, Any]:
    """The table of rules that was in force. It has a `base` where without one the proposals would extend others."""
    host = urlsplit(cassette.interactions[0].request.origin).hostname or ""
    base = settings.rules_name or ("" if rules_of_host(host).name == rules.name else rules.name)
    return ({BASE: base} if base else {}) | {key: one for key, one in settings.rules_table.items() if key != BASE}


def _toml(found: list[Proposal], so_far: dict[str, Any]) -> list[str]:
    lines = []
    if any(one.rule for one in found):
        if Settings.load({}, environment={}).rules:
            lines.append("# This takes the place of the rules that pyproject.toml has, and repeats them.")
        lines.append("[tool.replayer.rules]")
        for key in KEYS:
            lines += _entries(key, so_far.get(key, []), [one for one in found if one.rule and one.rule.value == key])
    unknown = [f"# {printable(one.why)}" for one in found if one.rule is None]
    if unknown:
        lines += ["# These differ too, and no rule follows from how they look:", *unknown]
    return lines


def _entries(key: str, so_far: Any, found: list[Proposal]) -> list[str]:
    """One key of the table: what it has, then what is proposed."""
    if isinstance(so_far, str):
        return [f"{key} = {_value(so_far)}"]
    lines = [f"    {_value(one)}," for one in so_far]
    for one in found:
        lines += [f"    # {printable(one.why)}", f"    {_value(_entry(one))},"]
    return [f"{key} = [", *lines, "]"] if lines else []


def _entry(proposal: Proposal) -> str | dict[str, str]:
    if proposal.rule is not Rule.TOKENS:
        return proposal.name
    return {"field": proposal.name} | ({"pattern": proposal.pattern} if proposal.pattern else {})


def _value(value: str | Mapping[str, str]) -> str:
    """A text of TOML, which is one of JSON but for DEL (TOML 1.0); or a table of texts on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
