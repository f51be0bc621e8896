"""The audit: laws 4 and 5 on a finished file. It trusts nothing that the recording says of itself.

An alias certifies itself, and the stand-in of a token follows from its owner. What is neither, and was written by no
request before, is an id of the upstream. Bodies that are no text are searched for secrets only: nothing in them is
ever named.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from replayer.core.audit.impossible import impossible
from replayer.core.audit.soundness import Aliases, shortened, unsound
from replayer.core.audit.view import Binary, Examined, Places, apart
from replayer.core.message.interaction import Cassette, Facts, Interaction, Request, Response
from replayer.core.message.shapes import Piece, ids
from replayer.core.naming.aliases import is_alias
from replayer.core.rules.registry import INVOICE_RULES, RULES, Rules
from replayer.core.secrets.by_name import Exposed, exposed
from replayer.core.secrets.decodings import texts_in
from replayer.core.secrets.findings import SPOILING, SPOILING_KNOWN, Finding, Kind
from replayer.core.secrets.scrub import kind_of, scan


def audit(cassette: Cassette, text: str, rules: Rules | None = None) -> list[Finding]:
    """What is wrong with a cassette whose file has that text, in the order of the lines, without any real value.

    Secrets are looked for in every file; ids and times only in one that Replayer wrote, because others name none. The
    rules are the cassette's own where none are given.
    """
    rules = rules or _rules(cassette)
    places = Places(text, len(cassette.interactions))
    return _sorted([*_secrets(cassette, text, rules, places), *_edited(cassette, rules, places)])


def spoiling(cassette: Cassette, text: str) -> list[Finding]:
    """Of that what a recording over the file would take over, or count from: broken names, and times out of order where
    the API is known to keep them in order."""
    rules = _rules(cassette)
    found = _edited(cassette, rules, Places(text, len(cassette.interactions)))
    kinds = SPOILING_KNOWN if cassette.facts and _is_known(cassette.facts, rules) else SPOILING
    return _sorted(finding for finding in found if finding.kind in kinds)


def _rules(cassette: Cassette) -> Rules:
    return RULES.get(cassette.facts.rules if cassette.facts else "", INVOICE_RULES)


def _is_known(facts: Facts, rules: Rules) -> bool:
    """Whether the rules are those of the very API that was recorded, and not only what its answers are read by."""
    return bool(rules.hosts) and (facts.upstream == "sandbox" or urlsplit(facts.upstream).hostname in rules.hosts)


def _secrets(cassette: Cassette, text: str, rules: Rules, places: Places) -> Iterator[Finding]:
    """What no cassette may hold, whoever wrote it."""
    rest, binaries = apart(text)
    private = replace(rules, secrets=tuple(secret for secret in rules.secrets if not secret.public))
    yield from scan(rest, private, is_real=_none)
    wrapped: dict[int, int] = {}  # by message, the line of its body
    for binary in binaries:
        message = places.message(cassette, binary.line)
        wrapped.setdefault(id(message), binary.line)
        yield from _in_binary(binary, message, private)
    yield from _by_name(cassette, rules, places, wrapped)


def _by_name(cassette: Cassette, rules: Rules, places: Places, wrapped: Mapping[int, int]) -> Iterator[Finding]:
    """Credentials that only their names tell: not what its form tells already, nor what stands for one."""
    is_stand_in = stand_ins(cassette.interactions, rules) if cassette.facts else _never
    for index, interaction in enumerate(cassette.interactions):
        for message in (interaction.request, interaction.response):
            for one in exposed(message):
                if _is_secret(one.text, rules) or is_stand_in(one, message):
                    continue
                values = (one.value,) if id(message) in wrapped else (one.value, one.name)
                line = places.line(index, *values, answered=message is interaction.response)
                hidden = id(message) in wrapped and not places.stands(line, one.value)
                what = f"a credential ({one.name})"
                yield Finding(what, "base64", wrapped[id(message)]) if hidden else Finding(what, "raw", line)


def _never(_: Exposed, __: Request | Response) -> bool:
    return False


def _edited(cassette: Cassette, rules: Rules, places: Places) -> Iterator[Finding]:
    """What no recording of ours wrote: ids and tokens that are no names, names and times that somebody changed."""
    if cassette.facts is not None:
        examined = [Examined(interaction, rules) for interaction in cassette.interactions]
        yield from _Unnamed(examined, Aliases(examined)).findings(places)
        yield from unsound(examined, cassette.facts.epoch, places, known=_is_known(cassette.facts, rules))
        yield from impossible(examined, places)


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(found), key=lambda finding: finding.line)


def _none(_: str) -> bool:
    return False


class _Unnamed:
    """Law 5: the ids and tokens of the upstream that were left as they were; or names that somebody broke."""

    def __init__(self, examined: list[Examined], aliases: Aliases) -> None:
        self._examined, self._aliases = examined, aliases
        found = (leaf for each in examined for leaf in (*each.leaves, *each.sent))
        self._keys = {leaf.key for leaf in found if leaf.value in aliases}
        self._tokens = {token.value for each in examined for token in each.tokens if token.stands_in}

    def findings(self, places: Places) -> Iterator[Finding]:
        written: set[str] = set()
        for index, each in enumerate(self._examined):
            if not each.refused:
                yield from self._broken_in(each, written, index, places)
                yield from self._maimed_in(each, written, index, places)
            written |= each.written
            yield from self._tokens_in(each, written, index, places)
            tolerated = {piece for token in each.tokens for piece in token.within}
            for text in each.answered():
                if not each.refused:
                    yield from self._broken_pieces(shortened(text), index, places)
                for piece in ids(text):
                    if piece.text in written or piece.text in tolerated or is_alias(piece.shape, piece.text):
                        continue
                    line = places.line(index, piece.text)
                    broken = self._aliases.broken(piece, places) or self._aliases.maimed(piece.text, places)
                    if broken:
                        yield Finding(broken, "raw", line, Kind.BROKEN_NAME)
                    elif not _is_secret(piece.text, each.rules):  # that one is told as what it is
                        yield Finding(f"an id of the upstream ({kind_of(piece)}_...)", "raw", line, Kind.REAL_ID)

    def _broken_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        """Names in a request: what the client wrote may be its own, unless it is all but a name."""
        for text in each.asked():
            whole = (piece for piece in ids(text) if not is_alias(piece.shape, piece.text))
            pieces = (piece for piece in (*whole, *shortened(text)) if piece.text not in written)
            yield from self._broken_pieces(pieces, index, places)

    def _maimed_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        """What is left of names where names stand: in paths, and under keys that hold names elsewhere. The metadata are
        the client's: he may write there what he likes."""
        named = [leaf for leaf in (*each.leaves, *each.sent) if leaf.key in self._keys]
        values = [leaf.value for leaf in named if leaf.quoted and "metadata" not in leaf.place]
        for value in dict.fromkeys([*unquote(each.interaction.request.path).split("/"), *values]):
            maimed = "" if value in written else self._aliases.maimed(value, places)
            pieces = (*ids(value), *shortened(value)) if maimed else ()
            if maimed and not any(self._aliases.broken(piece, places) for piece in pieces):  # that is told already
                yield Finding(maimed, "raw", places.line(index, value), Kind.BROKEN_NAME)

    def _broken_pieces(self, found: Iterable[Piece], index: int, places: Places) -> Iterator[Finding]:
        for piece in found:
            broken = self._aliases.broken(piece, places)
            if broken:
                yield Finding(broken, "raw", places.line(index, piece.text), Kind.BROKEN_NAME)

    def _tokens_in(self, each: Examined, written: set[str], index: int, places: Places) -> Iterator[Finding]:
        for token in each.tokens:
            if token.certain and token.value not in self._tokens and token.value not in written:
                line = places.line(index, token.value)
                yield Finding(f"a token of the upstream ({token.key})", "raw", line, Kind.REAL_TOKEN)


def _is_secret(text: str, rules: Rules) -> bool:
    return any(secret.pattern.search(text) for secret in rules.secrets)


def _in_binary(binary: Binary, message: Request | Response | None, rules: Rules) -> Iterator[Finding]:
    """The secrets in a scalar of base64, each kind as the outermost reading shows it."""
    headers = message.headers if message else ()
    texts = texts_in(headers, binary.raw)
    if message and message.body != binary.raw:  # its reader undid what its headers said that it is in
        texts += [("compressed", text) for _, text in texts_in(headers, message.body)]
    told: set[str] = set()
    for encoding, text in texts:
        new = [finding for finding in scan(text, rules, is_real=_none) if finding.what not in told]
        told |= {finding.what for finding in new}
        for finding in dict.fromkeys(replace(finding, line=0) for finding in new):
            names = dict.fromkeys(name for name in ("base64", encoding, finding.encoding) if name != "raw")
            for line in _lines(binary, finding, rules):
                yield replace(finding, encoding=", ".join(names), line=line)


def _lines(binary: Binary, finding: Finding, rules: Rules) -> list[int]:
    """Where what was found begins; where that does not show, the line that begins the scalar."""
    plain = binary.raw.decode("ascii", "replace")  # a character for each byte
    named = (secret.pattern for secret in rules.secrets if secret.name == finding.what)
    starts = [match.start() for pattern in named for match in pattern.finditer(plain)]
    return sorted({binary.line_at(start) for start in starts}) or [binary.line]


def stand_ins(interactions: Iterable[Interaction], rules: Rules) -> Callable[[Exposed, Request | Response], bool]:
    """Whether a value of one of the messages stands for a credential: it is an alias, or what the rules make of a
    token; in a request one that an answer told."""
    told: set[str] | None = None

    def is_one(one: Exposed, message: Request | Response) -> bool:
        nonlocal told
        found = list(ids(one.value))
        if found and all(is_alias(piece.shape, piece.text) for piece in found):
            return True
        if isinstance(message, Response):
            return _is_token(one, rules)
        if told is None:
            answered = (other for each in interactions for other in exposed(each.response))
            told = {other.value for other in answered if _is_token(other, rules)}
        return one.value in told

    return is_one


def _is_token(one: Exposed, rules: Rules) -> bool:
    """Whether it is as long as the stand-in that the rules have for it: that has no other mark."""
    matches = (rule for rule in rules.tokens if rule.key in (one.name, one.name.lower()))
    return any(
        (match := rule.pattern.search(one.text)) and len(match["token"]) == rule.length and match["token"].isalnum()
        for rule in matches
    )
