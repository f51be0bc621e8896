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

import click

from replayer.cassettes import folder
from replayer.cli.checking import Asked, not_compared, progress
from replayer.cli.saying import printable, say
from replayer.core.drift import Compared
from replayer.core.learning import Proposal, Rule, proposals
from replayer.errors import UsageError
from replayer.proxy.rounds import Round
from replayer.proxy.thread import loop_factory

APART = 1.1  # seconds between two equal questions: what counts seconds must have counted


def learn(name: str, given: Mapping[str, Any], *, allow_writes: bool) -> int:
    asked = Asked.of(given, [name], allow_writes=allow_writes)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        first, second = runner.run(_rounds(name, asked))
    pairs = _pairs(first, second)
    for reason in dict.fromkeys(one.reason for one in second.skipped):
        number = sum(one.reason == reason for one in second.skipped)
        say(f"not played, {number}: {not_compared(reason, asked)}")
    if not pairs:
        raise UsageError(f"Nothing of {name} was compared, so nothing can be proposed.")
    found = proposals(pairs, first.rules)
    if not any(one.rule for one in found):
        say(f"nothing to propose: {len(pairs)} answers compared")
    for line in _toml(found):
        click.echo(line)
    return 0


async def _rounds(name: str, asked: Asked) -> tuple[Round, Round]:
    path = Path(name)
    cassette = folder.existing(path)
    with progress([name, name]) as step:
        began = time.monotonic()
        first = await asked.round(cassette, path, step(name))
        await asyncio.sleep(max(0.0, began + APART - time.monotonic()))
        return first, await asked.round(cassette, path, step(name))


def _pairs(first: Round, second: Round) -> list[Compared]:
    """The two live answers to each question that was answered twice."""
    live = {one.number: one.live for one in first.compared}
    return [
        Compared(one.number, one.asked, live[one.number], one.live) for one in second.compared if one.number in live
    ]


def _toml(found: list[Proposal]) -> list[str]:
    lines = []
    for rule in Rule:
        entries = [line for one in found if one.rule is rule for line in (f"    # {printable(one.why)}", _entry(one))]
        if entries:
            lines += [f"{rule.value} = [", *entries, "]"]
    if lines:
        lines.insert(0, "[tool.replayer.rules]")
    unknown = [f"# {printable(one.why)}" for one in found if one.rule is None]
    if unknown:
        lines += ["# These differ too, and no rule follows from how they look:", *unknown]
    return lines


def _entry(proposal: Proposal) -> str:
    if proposal.rule is not Rule.TOKENS:
        return f"    {_text(proposal.name)},"
    pattern = f", pattern = {_text(proposal.pattern)}" if proposal.pattern else ""
    return f"    {{ field = {_text(proposal.name)}{pattern} }},"


def _text(value: str) -> str:
    """A text of TOML, which is one of JSON but for DEL (TOML 1.0)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
