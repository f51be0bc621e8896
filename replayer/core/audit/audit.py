"""The audit: laws 4 and 5 on a finished file. It trusts nothing that the recording says of itself.

An alias certifies itself, and the stand-in of a token follows from its owner. What is neither, and was written by no
request before, is an id of the upstream. One alias stands for one object, and the epoch lies at the beginning.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from replayer.core.audit.leaks import handed_on, is_secret_by_form, leaks
from replayer.core.audit.misprints import Aliases, shortened
from replayer.core.audit.people import people
from replayer.core.audit.view import Examined, Places, with_webhooks
from replayer.core.cassette import Cassette
from replayer.core.clock import relative
from replayer.core.message import instants, leaves, shapes
from replayer.core.naming import aliases, tokens
from replayer.core.rules import Rules, registry
from replayer.core.secrets import Finding, FindingKind


def audit(cassette: Cassette, text: str, rules: Rules | None = None) -> list[Finding]:
    """What is wrong with a cassette whose file has that text, in the order of the lines, without any real value.

    Secrets are looked for in every file; names only in one that Replayer wrote, because others have none. The rules are
    the cassette's own where none are passed in.
    """
    rules = rules or _rules(cassette)
    places, cassette = _places(cassette, text), with_webhooks(cassette)
    found = [*leaks(cassette, text, rules, places), *_misnamed(cassette, rules, places)]
    return _sorted([*found, *people(cassette, rules, places)] if rules.personal else found)


def spoiling(cassette: Cassette, text: str) -> list[Finding]:
    """Of that what a recording over the file would take over, though nobody can have meant it: broken names."""
    found = _misnamed(with_webhooks(cassette), _rules(cassette), _places(cassette, text))
    return _sorted(finding for finding in found if finding.kind is FindingKind.BROKEN_NAME)


def _places(cassette: Cassette, text: str) -> Places:
    return Places(text, len(cassette.interactions), len(cassette.deliveries))


def _rules(cassette: Cassette) -> Rules:
    return registry.RULES.get(cassette.facts.rules if cassette.facts else "", registry.INVOICE_RULES)


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(found), key=lambda finding: finding.line)


def _misnamed(cassette: Cassette, rules: Rules, places: Places) -> Iterator[Finding]:
    """What no recording of ours wrote: ids and tokens that are no names, names and an epoch that somebody changed."""
    if cassette.facts is not None:
        examined = [Examined(interaction, rules) for interaction in cassette.interactions]
        yield from _Unnamed(examined, Aliases(examined)).findings(places)
        yield from _shared(examined, places)
        yield from _false_epoch(examined, cassette.facts.epoch, places)


class _Unnamed:
    """Law 5: the ids and tokens of the upstream that were left as they were; or names that somebody broke."""

    def __init__(self, examined: list[Examined], aliases: Aliases) -> None:
        self._examined, self._aliases = examined, aliases
        found = (leaf for each in examined for leaf in (*each.received, *each.sent))
        self._keys = {leaf.key for leaf in found if leaf.value in aliases}
        self._sums = {word for each in examined for word in each.sums}
        self._held = {token.value for each in examined for token in each.tokens}
        self._tokens = {token.value for each in examined for token in each.tokens if token.stands_in}
        if any(token.certain and token.value not in self._tokens for each in examined for token in each.tokens):
            self._tokens |= set(handed_on((each.interaction for each in examined), examined[0].rules))

    def findings(self, places: Places) -> Iterator[Finding]:
        written: set[str] = set()
        for index, each in enumerate(self._examined):
            if not each.refused:
                yield from self._broken_in(each, written, index, places)
                yield from self._maimed_in(each, written, index, places)
            written |= each.written
            yield from self._tokens_in(each, written, index, places)
            yield from self._answered_in(each, written, index, places)

    def _broken_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        """Names in a request: what the client wrote may be its own, unless it is all but a name."""
        for text in each.asked():
            whole = (piece for piece in shapes.ids(text) if not aliases.is_alias(piece.shape, piece.text))
            pieces = (piece for piece in (*whole, *shortened(text)) if piece.text not in written)
            yield from self._broken_pieces(pieces, index, places)

    def _maimed_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        """What is left of names where names stand: in paths, and under keys that hold names elsewhere. The metadata are
        the client's: he may write there what he likes."""
        named = [leaf for leaf in (*each.received, *each.sent) if leaf.key in self._keys]
        values = [leaf.value for leaf in named if leaf.quoted and "metadata" not in leaf.place]
        for value in dict.fromkeys([*unquote(each.interaction.request.path).split("/"), *values]):
            maimed = "" if value in written else self._aliases.maimed(value, places)
            pieces = (*shapes.ids(value), *shortened(value)) if maimed else ()
            if maimed and not any(self._aliases.broken(piece, places) for piece in pieces):  # else it is found as that
                yield Finding(maimed, "raw", places.line(index, value), FindingKind.BROKEN_NAME)

    def _broken_pieces(self, found: Iterable[shapes.Piece], index: int, places: Places) -> Iterator[Finding]:
        for piece in found:
            broken = self._aliases.broken(piece, places)
            if broken:
                yield Finding(broken, "raw", places.line(index, piece.text), FindingKind.BROKEN_NAME)

    def _tokens_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        for token in each.tokens:
            if token.certain and token.value not in self._tokens and token.value not in written:
                line = places.line(index, token.value)
                yield Finding(f"a token of the upstream ({token.key})", "raw", line, FindingKind.REAL_TOKEN)

    def _answered_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        """The ids of an answer that are no names, and that no request brought."""
        tolerated = self._sums.union(*(token.within for token in each.tokens))
        for text in each.answered():
            if not each.refused:
                yield from self._broken_pieces(shortened(text), index, places)
            for start, end, piece in tokens.packed(text):
                run = text[start:end]
                is_own = run.rstrip("=") in written or piece.text in written or run in self._held
                if not is_own and not is_secret_by_form(piece.text, each.rules):
                    yield Finding.real_id(piece, "base64", places.line(index, run))
            for piece in shapes.ids(text):
                if piece.text in written or piece.text in tolerated or aliases.is_alias(piece.shape, piece.text):
                    continue
                line = places.line(index, piece.text)
                broken = self._aliases.broken(piece, places) or self._aliases.maimed(piece.text, places)
                if broken:
                    yield Finding(broken, "raw", line, FindingKind.BROKEN_NAME)
                elif not is_secret_by_form(piece.text, each.rules):  # that one is found as what it is
                    yield Finding.real_id(piece, line=line)


def _shared(examined: list[Examined], places: Places) -> Iterator[Finding]:
    """Law 4: one alias for objects of two types, by the prefix that tells a type. What has none, as a UUID, may well be
    the primary key of an order and of its invoice; and what stands in one answer, or was made at one time, is one thing
    that the API calls twice, as a plan and its price."""
    types: dict[str, tuple[str, int, str]] = {}
    for index, each in enumerate(examined):
        for leaf in each.received:
            type_ = leaf.node.string("object") if leaf.node and leaf.key == "id" and leaf.quoted else None
            if type_ is None or not any(
                aliases.is_alias(one.shape, one.text) and shapes.prefix_of(one) for one in shapes.ids(leaf.value)
            ):
                continue
            born = leaves.birth(leaf.node, each.rules.born)
            made = born.value if born else ""
            first, at, first_made = types.setdefault(leaf.value, (type_, index, made))
            if first != type_ and at != index and not (made and made == first_made):
                what = f"one alias for two objects ({first}, {type_})"
                yield Finding(what, "raw", places.line(index, leaf.value), FindingKind.SHARED_NAME)


def _false_epoch(examined: list[Examined], epoch: int, places: Places) -> Iterator[Finding]:
    """The virtual clock starts at the epoch and moves a second with each write. So an epoch lies where an answer is
    dated before it, or where it is more seconds before them all than there can have been writes."""
    dates = [(each.date, index) for index, each in enumerate(examined) if each.date is not None]
    first, index = min(dates, default=(epoch, 0))
    if not epoch <= first <= epoch + max(relative.DAY, len(examined)):
        how = "after" if first < epoch else "long before"
        line = places.line(index, instants.http_date(first), answered=True)
        answer = f"the first answer, of {instants.iso(first)}, in line {line}"
        yield Finding(
            f"the epoch is {instants.iso(epoch)}, {how} {answer}", "raw", places.head("epoch:"), FindingKind.FALSE_EPOCH
        )
