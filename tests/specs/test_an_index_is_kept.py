"""What is kept of an index is that index: whoever opens a cassette again is answered from the same tables."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.matching import Entry, Index
from replayer.core.matching.tables import Tables
from replayer.core.rules import Rules, registry
from tests.specs.trial import Trial, trials

EXAMPLES = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
RULES = registry.INVOICE_RULES


class Kept:
    """A shelf in memory, which holds what JSON can hold."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.asked = 0
        self._new: dict[str, Callable[[], Any]] = {}

    def find(self, key: str) -> Any:
        self.asked += 1
        return json.loads(self.values[key]) if key in self.values else None

    def keep(self, key: str, make: Callable[[], Any]) -> None:
        self._new[key] = make

    def save(self) -> None:
        self.values |= {key: json.dumps(make()) for key, make in self._new.items()}
        self._new = {}


def tables(cassette: Cassette, shelf: Kept | None, rules: Rules = RULES) -> Tables:
    return Index(replace(cassette, shelf=shelf), rules)._tables  # noqa: SLF001 - all of it is compared


def shown(of: Tables) -> dict[str, object]:
    """All of the tables as values."""

    def plain(value: object) -> object:
        if isinstance(value, Entry):
            facts = (value.identity, value.order, value.key, value.reads, value.status, value.date, value.shows)
            return *facts, value.touched, value.asked, value.digest, value.asked.key, value.interaction
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, list) else value

    # Which of equal spellings comes first, and numbers, are found out when they are asked for.
    return {name: plain(getattr(of, name)) for name in Tables.__slots__ if name not in ("source", "numbers")}


def assert_kept(cassette: Cassette) -> None:
    shelf = Kept()
    built = tables(cassette, shelf)
    expected = shown(tables(cassette, None))
    assert shown(built) == expected
    shelf.save()
    assert shown(built) == expected  # what is asked is packed by now
    assert len(shelf.values) == 1
    found = tables(cassette, shelf)
    shelf.save()
    assert len(shelf.values) == 1
    assert shown(found) == expected
    assert list(found.resources) == list(built.resources)


@pytest.mark.long
@given(trials)
def test_of_any_program_the_index_that_was_kept_is_the_one_that_was_found_out(trial: Trial) -> None:
    assert_kept(trial.first.cassette)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_same_holds_of_the_examples(path: Path) -> None:
    assert_kept(folder.existing(path))


def test_other_rules_find_out_anew() -> None:
    cassette, shelf = folder.existing(EXAMPLES[0]), Kept()
    for rules in (RULES, replace(RULES, keyed=frozenset()), replace(RULES, others=frozenset({"https://x"}))):
        tables(cassette, shelf, rules)
        shelf.save()
    assert len(shelf.values) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: kept["digests"].reverse(),
        lambda kept: kept["asked"].reverse(),
        lambda kept: kept["statuses"].pop(),
        lambda kept: kept.pop("resources"),
        lambda kept: kept["spelled"][0].reverse(),
        lambda kept: kept.update(writes=[-1] * len(kept["writes"])),
        lambda kept: kept.update(states=[10**6] * len(kept["states"])),
        lambda kept: kept.update(needs=None),
        lambda kept: kept.clear(),
    ],
)
def test_what_does_not_fit_the_cassette_is_found_out_anew(spoil: Callable[[dict[str, Any]], object]) -> None:
    cassette, shelf = folder.existing(EXAMPLES[0]), Kept()
    tables(cassette, shelf)
    shelf.save()
    ((key, text),) = shelf.values.items()
    kept = json.loads(text)
    spoil(kept)
    shelf.values[key] = json.dumps(kept)
    assert shown(tables(cassette, shelf)) == shown(tables(cassette, None))
