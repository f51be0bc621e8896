"""What of an answer's text no rule names, though it opens something, or hides an id: it gets a name all the same.

What its form shows to be a secret is scrubbed; an id is named as one; what the client wrote in a link is its own.
"""

from collections.abc import Iterable, Iterator, Sequence

from replayer.core.message import leaves
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.tokens import CREDENTIAL, Held, is_of_ids, packed, prefix_length
from replayer.core.rules import Token
from replayer.core.secrets import by_name as names
from replayer.core.secrets import guesses


def beside(found: Sequence[Held], more: Iterable[Held]) -> Sequence[Held]:
    """Those, and of the others what overlaps none before it, in their order."""
    all_of_them = [*found]
    for one in more:
        if not any(one.overlaps(other) for other in all_of_them):
            all_of_them.append(one)
    return sorted(all_of_them, key=lambda one: one.start) if len(all_of_them) > len(found) else found


def found(text: str, leaf: leaves.Leaf, spaces: Spaces, *, by_name: bool) -> Iterator[Held]:
    """What of a text has to be named, the surest first. `by_name` is it if the message has any such name at all."""
    if by_name:
        yield from _credentials(text, leaf, spaces)
    if "://" in text:
        yield from _links(text, leaf, spaces)
    yield from _packed(text, spaces)


def _credentials(text: str, leaf: leaves.Leaf, spaces: Spaces) -> Iterator[Held]:
    """The credentials that only their names show."""
    for start, end in names.leaf_spans(leaf.holding(text), spaces.rules.secret_fields):
        value = text[start:end]
        if not guesses.has_form(value, spaces.rules) and not is_of_ids(value.strip("\"'")):
            first = start + prefix_length(value)
            yield Held(text[first:end], first, end, CREDENTIAL)


def _links(text: str, leaf: leaves.Leaf, spaces: Spaces) -> Iterator[Held]:
    """What opens a link: long random segments and fragments. They are another one on every read, and named by their
    owner."""
    for count, (start, end) in enumerate(guesses.opening_spans(text)):
        segment = text[start:end]
        if not spaces.names.is_constant(segment) and not guesses.has_form(segment, spaces.rules):
            name = f"{leaf.within_owner}#{count}"
            rule = Token("", CREDENTIAL.pattern, name, length=CREDENTIAL.length, certified=True)
            yield Held(segment, start, end, rule, f"#{count}")


def _packed(text: str, spaces: Spaces) -> Iterator[Held]:
    """Base64 with an id in it: what nobody can rename is named as a whole."""
    for start, end, _ in packed(text):
        run = text[start:end]
        if not spaces.names.is_constant(run) and not guesses.has_form(run, spaces.rules):
            yield Held(run, start, end, CREDENTIAL)
