"""Known credentials, and whether they stand in a text: as they are, or in hexadecimal. However many there are, a text
is looked through once.
"""

from functools import lru_cache

from replayer.core.secrets.watch import FEW, Watch


@lru_cache(4096)
def spelled(credential: str) -> tuple[str, ...]:
    """A credential as it is, and in hexadecimal of either case."""
    digits = credential.encode("utf-8", "surrogateescape").hex()
    return credential, digits, digits.upper()


@lru_cache(4)
def _many(credentials: frozenset[str]) -> tuple[Watch, dict[str, int]]:
    """All spellings of them, looked for at once; by each how long its credential is."""
    lengths = {spelling: len(each) for each in credentials for spelling in spelled(each)}
    return Watch(lengths), lengths


def holds(text: str, credentials: frozenset[str]) -> bool:
    """Whether one of the credentials stands in a text."""
    if len(credentials) <= FEW:
        return any(each in text for credential in credentials for each in spelled(credential))
    return any(True for _ in _many(credentials)[0].found_in(text))


def standing(text: str, credentials: frozenset[str]) -> list[str]:
    """The spellings that stand in a text, those of the longest credential first: one may stand inside another."""
    if len(credentials) <= FEW:
        longest_first = sorted(credentials, key=len, reverse=True)
        return [each for credential in longest_first for each in spelled(credential) if each in text]
    watch, lengths = _many(credentials)
    return sorted(set(watch.found_in(text)), key=lambda each: (-lengths[each], each))
