"""Proposals for rules as TOML to paste, with the rules that were in force: TOML has no table twice."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from replayer.cli.output import printable
from replayer.core.cassette import Cassette
from replayer.core.drift import proposals
from replayer.core.rules import Rules, registry, table
from replayer.settings import Settings


def in_force(settings: Settings, cassette: Cassette, rules: Rules) -> dict[str, Any]:
    """The table of rules that was in force. It has a `base` where without one the proposals would extend others."""
    host = urlsplit(cassette.interactions[0].request.origin).hostname or ""
    base = settings.rules_name or ("" if registry.rules_of_host(host).name == rules.name else rules.name)
    extending = {key: value for key, value in settings.rules_table.items() if key != table.BASE}
    return ({table.BASE: base} if base else {}) | extending


def toml(proposals: Sequence[proposals.Proposal], earlier: Mapping[str, Any]) -> list[str]:
    """The lines of the table, which repeats `earlier`; below it what no rule follows from."""
    lines = []
    if any(each.rule for each in proposals):
        if Settings.load({}, environment={}).rules:
            lines.append("# This takes the place of the rules that pyproject.toml has, and repeats them.")
        lines.append("[tool.replayer.rules]")
        for key in table.KEYS:
            lines += _entries(
                key, earlier.get(key, []), [each for each in proposals if each.rule and each.rule.value == key]
            )
    unknown = [f"# {printable(each.why)}" for each in proposals if each.rule is None]
    if unknown:
        lines += ["# These differ too, and no rule follows from how they look:", *unknown]
    return lines


def _entries(key: str, earlier: Any, proposals: Sequence[proposals.Proposal]) -> list[str]:
    """One key of the table: what it has, then what is proposed."""
    if isinstance(earlier, str):
        return [f"{key} = {_value(earlier)}"]
    lines = [f"    {_value(entry)}," for entry in earlier]
    for proposal in proposals:
        lines += [f"    # {printable(proposal.why)}", f"    {_value(_entry(proposal))},"]
    return [f"{key} = [", *lines, "]"] if lines else []


def _entry(proposal: proposals.Proposal) -> str | dict[str, str]:
    if proposal.rule is not proposals.Rule.TOKENS:
        return proposal.name
    return {"field": proposal.name} | ({"pattern": proposal.pattern} if proposal.pattern else {})


def _value(value: str | Mapping[str, str]) -> str:
    """A text of TOML, which is one of JSON but for DEL (TOML 1.0); or a table of texts on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(text)}" for key, text in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
