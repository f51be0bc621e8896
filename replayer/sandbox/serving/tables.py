"""The sandbox's tables in Markdown, printed from the code: what a page says of it cannot differ from what it does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from replayer.sandbox.ledger import states, switches
from replayer.sandbox.wire import refusals

SENTENCES: Final = {f"E{n}": getattr(refusals, f"E{n}").message for n in range(1, 17) if n != 10}
SENTENCES["E10"] = refusals.NO_SUCH["invoice"].format("in_x")
_NAMES: Final = {sentence: name for name, sentence in SENTENCES.items()}


def states_table() -> str:
    """What each action leads to in each status, or which sentence refuses it."""
    actions = list(dict.fromkeys(action for action, _ in states.OUTCOMES))
    rows = (
        [f"`{action}`", *(_shown(states.OUTCOMES[action, status]) for status in states.STATUSES)] for action in actions
    )
    return _table(("action", *states.STATUSES), rows)


def sentences_table() -> str:
    """The refusals by their short names."""
    ordered = sorted(SENTENCES.items(), key=lambda pair: int(pair[0][1:]))
    return _table(("", "sentence"), ([name, _code(sentence)] for name, sentence in ordered))


def switches_table() -> str:
    """The switches, the default of each first."""
    return _table(("switch", "question", "values"), _switches())


def _switches() -> Iterator[list[str]]:
    for name, switch in switches.SWITCHES.items():
        values = "; ".join(f"`{value}`: {_plain(effect)}" for value, effect in switch.answers.items())
        yield [f"`{name}`", _plain(switch.question), values]


def _shown(outcome: states.Outcome) -> str:
    return outcome if isinstance(outcome, str) else _NAMES[outcome.message]


def _plain(text: str) -> str:
    return text.replace("`", "")


def _code(text: str) -> str:
    """As code, whatever quotes it holds."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
