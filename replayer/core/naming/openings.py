"""What of an answer's text no rule names, though it opens something, or hides an id: it gets a name all the same.

What its form shows to be a secret is scrubbed; an id is named as one; what the client wrote in a link is its own.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from replayer.core.message import leaves, shapes
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.tokens import CREDENTIAL, Held, is_of_ids, packed, prefix_length
from replayer.core.rules import Token
from replayer.core.secrets import by_name as names
from replayer.core.secrets import guesses

NEAR = 8  # forms that may stand within each other
LONGEST_ID = 50  # characters, with its prefix; an id of a Stripe object has 30, of a checkout session 66, and it opens


def beside(found: Sequence[Held], more: Iterable[Held]) -> Sequence[Held]:
    """Those, and of the others what overlaps none before it, in their order. What is a credential as a whole has no
    parts that are named apart."""
    all_of_them, more = [*found], [*more]
    for one in more:
        overlapping = [other for other in all_of_them if one.overlaps(other)]
        if one.rule is CREDENTIAL and all(_is_part(other, one) for other in overlapping):
            all_of_them = [other for other in all_of_them if other not in overlapping]
            overlapping = []
        if not overlapping:
            all_of_them.append(one)
    return sorted(all_of_them, key=lambda one: one.start) if more else found


def _is_part(part: Held, whole: Held) -> bool:
    return whole.start <= part.start and part.end <= whole.end and (part.start, part.end) != (whole.start, whole.end)


def found(text: str, leaf: leaves.Leaf, spaces: Spaces, *, by_name: bool) -> Iterator[Held]:
    """What of a text has to be named, the surest first. `by_name` is it if the message has any such name at all."""
    more = [*_credentials(text, leaf, spaces)] if by_name else []
    if guesses.may_lead(text):
        more += _links(text, leaf, spaces)
    more += _packed(text, spaces)
    # What is a part of a secret's form goes with it: under a name the rest would still have that form.
    forms = sorted(guesses.form_spans(text, spaces.rules)) if more else []
    yield from (one for one in more if not _touches(forms, one))


def _touches(spans: Sequence[tuple[int, int]], one: Held) -> bool:
    """Whether one of the spans, in their order, has a part in common with that."""
    before = bisect_left(spans, (one.end, 0))
    return any(one.start < end for _, end in spans[max(0, before - NEAR) : before])


def _credentials(text: str, leaf: leaves.Leaf, spaces: Spaces) -> Iterator[Held]:
    """The credentials that only their names show."""
    for start, end in names.leaf_spans(leaf.holding(text), spaces.rules.secret_fields):
        value = text[start:end]
        if not is_of_ids(value.strip("\"'")):
            first = start + prefix_length(value)
            yield Held(text[first:end], first, end, CREDENTIAL)


def _links(text: str, leaf: leaves.Leaf, spaces: Spaces) -> Iterator[Held]:
    """What opens a link: long random segments and fragments. They are another one on every read, and named by their
    owner."""
    for count, (start, end) in enumerate(guesses.opening_spans(text)):
        segment = text[start:end]
        if not spaces.names.is_constant(segment):
            name = f"{leaf.within_owner}#{count}"
            rule = Token("", CREDENTIAL.pattern, name, length=CREDENTIAL.length, certified=True)
            yield Held(segment, start, end, rule, f"#{count}")


def ids_that_open(text: str) -> Iterator[str]:
    """Long segments of links that are shaped like ids: what is longer than any id opens something."""
    for link in guesses.LINK.finditer(text) if guesses.may_lead(text) else ():
        for piece in shapes.ids(link["path"] or ""):
            if len(piece.text) > LONGEST_ID:
                yield piece.text


def _packed(text: str, spaces: Spaces) -> Iterator[Held]:
    """Base64 with an id in it: what nobody can rename is named as a whole."""
    for start, end, _ in packed(text):
        run = text[start:end]
        if not spaces.names.is_constant(run):
            yield Held(run, start, end, CREDENTIAL)
