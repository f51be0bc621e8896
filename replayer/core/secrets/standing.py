"""Known credentials, and whether they stand in a text: as they are, or in hexadecimal. However many there are, a text
is looked through once.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from replayer.core.secrets.watch import FEW, Watch

MOST = 8  # sets of them that are made ready; of more all are forgotten


@lru_cache(4096)
def spelled(credential: str) -> tuple[str, ...]:
    """A credential as it is, and in hexadecimal of either case."""
    digits = credential.encode("utf-8", "surrogateescape").hex()
    return credential, digits, digits.upper()


class _Many(NamedTuple):
    """Credentials in all their spellings, looked for at once; `ranks` are these in the order of `_longest_first`."""

    credentials: frozenset[str]
    watch: Watch
    ranks: dict[str, int]


def _longest_first(credentials: frozenset[str]) -> Iterator[str]:
    """All spellings, those of the longest credential first: one may stand inside another. Of equal length they have an
    order, too: two may overlap."""
    return (each for one in sorted(credentials, key=lambda one: (-len(one), one)) for each in spelled(one))


_made: dict[int, _Many] = {}


def _many(credentials: frozenset[str]) -> _Many:
    """They are known by their identity: comparing thousands of them for each text takes longer than the text itself."""
    known = _made.get(id(credentials))
    if known is None or known.credentials is not credentials:
        ranks = {spelling: rank for rank, spelling in enumerate(_longest_first(credentials))}
        if len(_made) >= MOST:
            _made.clear()
        known = _made[id(credentials)] = _Many(credentials, Watch(ranks), ranks)
    return known


def holds(text: str, credentials: frozenset[str]) -> bool:
    """Whether one of the credentials stands in a text."""
    if len(credentials) <= FEW:
        return any(each in text for credential in credentials for each in spelled(credential))
    return any(True for _ in _many(credentials).watch.found_in(text))


def standing(text: str, credentials: frozenset[str]) -> list[str]:
    """The spellings that stand in a text, those of the longest credential first."""
    if len(credentials) <= FEW:
        return [each for each in _longest_first(credentials) if each in text]
    many = _many(credentials)
    return sorted(set(many.watch.found_in(text)), key=many.ranks.__getitem__)
