"""How many programs a law sees, and which. Nothing here knows any law.

A law is met in shards, so that two workers have work to the end. Each shard has a seed of its own: its programs are the
same in every run of a profile whose chance is fixed, and what fails says how to see it again.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

SHARDS = 4
QUICK = 40  # programs of each law in scripts/test: what breaks a law as such shows in the first few
MANY = 2_000  # from here on a profile means the laws
SEEDS = "LAWS_SEED"  # the variable that chooses another first seed
MET = "LAWS_SHARDS"  # the variable that says how many of the shards are met, where it is not all

Law = Callable[..., None]


@dataclass(frozen=True)
class Share:
    """How much of a profile's programs a law sees: one in so many, where each is dear, and at least so many."""

    of: int = 1
    least: int = 10

    def programs(self, profile: int) -> int:
        """In all shards, where the profile says so many."""
        return max(self.least, (profile if profile >= MANY else QUICK) // self.of)

    def shards(self, profile: int) -> Iterator[int]:
        """The programs of each shard."""
        number = SHARDS if profile >= MANY else 1
        for shard in range(number):
            yield (self.programs(profile) + shard) // number


LAWS: dict[str, Share] = {}
"""Every law that is met in shards, by the name of its test."""


def in_shards(*strategies: st.SearchStrategy[Any], of: int = 1, least: int = 10) -> Callable[[Law], Law]:
    """A law as a test in shards. What it is given is drawn from these, in this order."""

    def wrapped(law: Law) -> Law:
        share = Share(of, least)
        LAWS[law.__name__] = share
        apart = SHARDS * crc32(law.__name__.encode())  # two laws of one strategy do not see the same programs

        @pytest.mark.laws
        @pytest.mark.parametrize(("shard", "programs"), _met(share.shards(settings().max_examples)))
        def test(shard: int, programs: int) -> None:
            first = _first_seed()
            looked = seed(first + apart + shard)(settings(max_examples=programs)(given(*strategies)(law)))
            with _seen_again(first):
                looked()

        for name in ("__name__", "__qualname__", "__doc__", "__module__"):
            setattr(test, name, getattr(law, name))
        return test

    return wrapped


def times(many: int, few: int) -> int:
    """How often something is done that no programs are drawn for: so many times for the laws, else a few."""
    if settings().max_examples < MANY:
        return few
    return many * int(os.environ.get(MET, SHARDS)) // SHARDS


def _met(shards: Iterator[int]) -> list[tuple[int, int]]:
    """The shards of this run, by number, and the programs of each."""
    return list(enumerate(shards))[: int(os.environ.get(MET, SHARDS))]


def _first_seed() -> int:
    """The same in every run where the profile's chance is fixed, else another one each time."""
    chosen = os.environ.get(SEEDS)
    if chosen is None:
        return 0 if settings().derandomize else secrets.randbits(32)
    return int(chosen)


@contextmanager
def _seen_again(first: int) -> Iterator[None]:
    """A failure tells how this shard's programs are drawn again."""
    try:
        yield
    except BaseException as error:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0]
        profile = settings.get_current_profile_name()
        error.add_note(f"The same shard again: HYPOTHESIS_PROFILE={profile} {SEEDS}={first} pytest '{test}'")
        raise
