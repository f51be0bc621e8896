"""One exchange as the page shows it: what was asked and answered, and why it was this answer."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from replayer.core.cassette import Interaction
from replayer.core.drawing import Drawing
from replayer.core.matching import Entry, canonical
from replayer.core.message import instants
from replayer.core.rules import Rules
from replayer.core.session import verdicts
from replayer.inspector.feed import PLAYED, FeedRow
from replayer.inspector.origins import ids_of
from replayer.inspector.rows import whole

FOLLOWING = frozenset({"page", "object", "filter"})  # answers that were not recorded as they are
LISTED = 40  # writes behind an answer that are told with what they asked
# What of a remedy is written as it stands: a command, a call, an option, a setting.
CODE = re.compile(
    r"\breplayer (?:record|exec|replay|audit|import|clean|serve) .+?(?=[.,]?$)|\bReplayer\(.*\)|@pytest\.\S+\)"
    r"|\b[a-z_]+ = \[.*\]|(?<!\S)--[a-z][a-z-]*(?:=[^\s,;)]+)?"
)
MOST_LISTS = 40  # lists that are looked through for the one of which a page was asked

RULES = {
    "recorded": "The upstream answered, and this is what was recorded of it.",
    PLAYED: "",
    "bound": "",
    "lenient": "No answer was recorded in this state. With lenient, the nearest earlier one was given.",
    "page": "It follows from recorded pages of the list: they hold all that was asked for.",
    "object": "It follows from an object that a recorded answer holds.",
    "filter": "It follows from a recorded list, narrowed as it was asked.",
    "sandbox": "The embedded invoice API went on from where the recording ends.",
    "fault": "Something went wrong on purpose: see the faults of the session.",
    "failed": "There was no answer that could be given.",
    "refused": "This was no business of the API.",
    "passed on": "It was passed on without being recorded.",
}


def recorded(
    number: int | None, interaction: Interaction, drawing: Drawing | None, row: FeedRow | None, rules: Rules
) -> dict[str, Any]:
    """An exchange that is in the cassette, at that number, or that follows from it."""
    outcome = row.outcome if row else "recorded"
    why: dict[str, Any] = {"rule": RULES.get(outcome, ""), "writes": [], "more": 0, "reads": False}
    if number is not None and drawing is not None and number <= len(drawing.index):
        why |= _why(number, drawing, outcome)
    return {
        **whole(number or 0, interaction),
        "outcome": outcome,
        "ids": ids_of(interaction),
        "date": interaction.date,
        "at": row.at if row else None,
        "times": times_of(interaction, rules),
        "why": why,
    }


def _why(number: int, drawing: Drawing, outcome: str) -> dict[str, Any]:
    entry = drawing.index.entries[number - 1]
    behind = drawing.causality.behind(number)
    told = [{"number": one, "request": drawing.short(drawing.request(one))} for one in behind[-LISTED:]]
    occurrence, attempt = entry.identity[1], entry.identity[2]
    if outcome not in (PLAYED, "bound", "recorded"):
        rule = RULES.get(outcome, "")
    elif entry.reads:
        state = "those writes were played" if behind else "no write that it depends on was played"
        rule = f"This read is the answer whenever {state}: that is its stamp."
    elif attempt:
        rule = "A retry with the same idempotency key is answered as the first time."
    else:
        rule = f"The {_ordinal(occurrence + 1)} write that asks this: equal writes are answered in their order."
    return {"rule": rule, "writes": told, "more": max(0, len(behind) - LISTED), "reads": entry.reads}


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


def times_of(interaction: Interaction, rules: Rules) -> list[dict[str, Any]]:
    """The times in an answer: the text as it stands, what it says, and how many seconds it is from the answer itself,
    if that has a date."""
    response, found = interaction.response, dict[str, dict[str, Any]]()
    for leaf in response.leaves if response.content.text is not None else ():
        if leaf.value in found or not rules.is_time(leaf.key):
            continue
        instant = instants.read_any(leaf.value, quoted=leaf.quoted)
        if instant is not None:
            second, date = int(instant.seconds), interaction.date
            offset = None if date is None else second - date
            found[leaf.value] = {"text": leaf.value, "words": instants.iso(second), "offset": offset}
    return list(found.values())


def missed(row: FeedRow, refusal: verdicts.Refuse, drawing: Drawing | None) -> dict[str, Any]:
    """A miss, beside the recorded request that comes nearest."""
    return {
        "outcome": row.outcome,
        "reason": refusal.reason.value,
        "message": refusal.message,
        "at": row.at,
        "asked": refusal.line or f"{row.method} {row.path}",
        "closest": refusal.closest,
        "number": _number_of(refusal, drawing),
        "differing": [{"field": name, "asked": asked, "recorded": kept} for name, asked, kept in refusal.differing],
        "behind": _listed(refusal.behind),
        "ahead": _listed(refusal.ahead),
        "lack": refusal.lack,
        "page": page_asked(refusal, drawing) if refusal.lack and drawing is not None else None,
        "remedies": remedies(refusal.message),
    }


def _number_of(refusal: verdicts.Refuse, drawing: Drawing | None) -> int | None:
    """The number of the recording that is nearest to a miss."""
    if refusal.elsewhere is not None:
        return refusal.elsewhere.order + 1
    return None if drawing is None else _numbered(drawing, refusal.closest)


def _listed(writes: Sequence[Entry]) -> dict[str, Any]:
    """Writes with their numbers, those that are recorded."""
    told = [{"number": one.order + 1, "request": canonical.describe(one.asked)} for one in writes[:LISTED]]
    return {"writes": told, "more": max(0, len(writes) - LISTED)}


def page_asked(refusal: verdicts.Refuse, drawing: Drawing) -> dict[str, Any] | None:
    """The list of which a page was asked that is not known, with that page laid over it: in the state in which it lacks
    the same. None where there is no such list."""
    method, _, target = refusal.line.partition(" ")
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    for number, one in enumerate(drawing.lists[:MOST_LISTS]) if method == "GET" else ():
        of_path, _, of_query = one.name.partition("?")
        filters = parse_qsl(of_query, keep_blank_values=True)
        if of_path == path and all(pair in pairs for pair in filters):
            beyond = urlencode([pair for pair in pairs if pair not in filters])
            asked = drawing.asked_of(number, beyond)
            if asked.why == refusal.lack:
                return {"list": number, "query": beyond}
    return None


def _numbered(drawing: Drawing, closest: str) -> int | None:
    if not closest:
        return None
    entries: Iterable[Any] = drawing.index.entries
    return next((one.order + 1 for one in entries if canonical.describe(one.asked) == closest), None)


def remedies(message: str) -> list[dict[str, str]]:
    """What a message says can be done, each way by itself: in words, and what of that is taken as it stands."""
    found = []
    for line in message.splitlines():
        lead = next((lead for lead in ("To fix: ", "Or, ") if line.startswith(lead)), None)
        if lead is not None:
            found += line.removeprefix(lead).split("; or ")
    return [{"words": way, "code": code[0] if (code := CODE.search(way)) else ""} for way in found]


def bare(row: FeedRow) -> dict[str, Any]:
    """A request of which nothing is left but its row."""
    return {
        "outcome": row.outcome,
        "at": row.at,
        "asked": f"{row.method} {row.path}",
        "message": row.note or RULES.get(row.outcome, ""),
    }
