"""What stands for somebody: an address of mail for an address of mail, a name for a name. It follows from where the
value was seen first, never from the value: nobody can find out by trying whom it stands for.

jenny.rosen@stripe.com    person-3k9x02mq@example.com        a domain that belongs to nobody
+1 415 555 2671           +15558301946                       an area code that has no telephones
Jenny Rosen               Robin Tavorekulosi             the last letters are a checksum of the others
510 Townsend Street       604 Kumprilo Sawelt                as long, letters for letters, digits for digits
94103                     20777
US                        US                                 it is nobody's alone
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from replayer.core.naming import aliases

MAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"(?=(?:\D*\d){7,15}\D*$)\+?[\d ()./-]+")
CODE = re.compile(r"[A-Z]{2}|true|false")
FULL_NAME = re.compile(r"[^\W\d_][^\d_]*[^\W\d_][^\d_]*")
OWN = re.compile(r"person-[0-9a-z]{8}@example\.com|\+1555\d{7}")
OWN_NAME = re.compile(r"(?:Robin )?([A-Z][aeiou](?:[b-z][aeiou]){3})((?:[b-z][aeiou]){2})")
CONSONANTS, VOWELS = "bdfgklmnprstvwz", "aeiou"
WORD = re.compile(r"\w+")
SHORTEST = 5  # characters of what is found again within a text: shorter ones would be found in others


def stand_in(value: str, origin: str) -> str:
    """What stands for a value that was seen first at that origin; the value itself where it is nobody's alone, or
    stands for somebody already."""
    origin = f"personal\0{origin}"
    if not is_somebodys(value) or is_stand_in(value):
        return value
    if MAIL.fullmatch(value):
        return f"person-{aliases.plain_alias('-' * 8, origin, aliases.WORD)}@example.com"
    if PHONE.fullmatch(value):
        return f"+1555{aliases.plain_alias('-' * 7, origin, '0123456789')}"
    if FULL_NAME.fullmatch(value):
        return f"{'Robin ' if ' ' in value else ''}{_name(origin)}"
    return _pictured(value, origin)


def is_somebodys(value: str) -> bool:
    """Whether a value tells anything of anybody."""
    return bool(value.strip()) and CODE.fullmatch(value) is None


def is_stand_in(value: str) -> bool:
    """Whether a value stands for somebody, as far as that can be seen."""
    name = OWN_NAME.fullmatch(value)
    return OWN.fullmatch(value) is not None or (name is not None and name[2] == _check(name[1]))


def may_be_real(value: str) -> bool:
    """Whether a value is somebody's by its form: of the others nobody can tell what they stand for."""
    forms = (MAIL, PHONE, FULL_NAME)
    return is_somebodys(value) and not is_stand_in(value) and any(form.fullmatch(value) for form in forms)


def is_known_by(value: str) -> bool:
    """Whether a value is one person's, so that it has one name wherever it stands; a number of a house is not."""
    return len(value) >= SHORTEST and may_be_real(value)


def _name(origin: str) -> str:
    name = _syllables(origin, 4).capitalize()
    return name + _check(name)


def _check(name: str) -> str:
    return _syllables(f"check\0{name}", 2)


def _syllables(origin: str, count: int) -> str:
    first = aliases.plain_alias("-" * count, f"{origin}\0consonants", CONSONANTS)
    second = aliases.plain_alias("-" * count, f"{origin}\0vowels", VOWELS)
    return "".join(map("".join, zip(first, second, strict=True)))


def _pictured(value: str, origin: str) -> str:
    """Other letters and digits in the places of letters and digits; a number begins with the digit that it may."""
    letters = iter(aliases.plain_alias(value, f"{origin}\0letters", "abcdefghijklmnopqrstuvwxyz"))
    digits = iter(aliases.plain_alias(value, f"{origin}\0digits", "123456789"))

    def other(character: str) -> str:
        if character.isdecimal():
            return next(digits)
        if not character.isalpha():
            return character
        letter = next(letters)
        return letter.upper() if character.isupper() else letter

    return "".join(map(other, value))


@dataclass(slots=True)
class Mentions:
    """Values by others, as they are found within texts: as whole words, and percent-encoded."""

    _by_first: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, value: str, other: str) -> None:
        """That value is to be found from now on, and the other one stands for it."""
        if len(value) < SHORTEST or value == other:
            return
        for spelled, stands in {(value, other), (quote(value, safe=""), quote(other, safe=""))}:
            first = WORD.search(spelled)
            if first is not None and (spelled, stands) not in self._by_first.setdefault(first[0], []):
                self._by_first[first[0]].append((spelled, stands))

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where any of them stands in a text, from and to, and what stands for it; none within another."""
        end = 0
        for word in WORD.finditer(text) if self._by_first else ():
            if word.start() < end:
                continue
            for spelled, stands in self._by_first.get(word[0], ()):
                begin = word.start() - spelled.index(word[0])
                stop = begin + len(spelled)
                if begin >= end and text.startswith(spelled, begin) and not text[stop : stop + 1].isalnum():
                    yield begin, stop, stands
                    end = stop
                    break

    def replaced(self, text: str) -> str:
        """The text with what stands for them in their places; the same one where none stands in it."""
        parts, end = [], 0
        for begin, stop, stands in self.found(text):
            parts += [text[end:begin], stands]
            end = stop
        return "".join((*parts, text[end:])) if parts else text

    def __bool__(self) -> bool:
        return bool(self._by_first)
