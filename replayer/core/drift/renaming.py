"""Cassettes that another tool wrote, put into our names: read as a recording of the API that they are a record of.

The ids and times in them are real ones of long ago. What is asked again today gets other ones, and the two can only be
compared, and the requests only be sent, where both have the names that our own recordings give.

Under rules that have grown since, what they name now and did not then gets a name. Which one does not matter, if it is
one for each token, and as long as those that a recording gives: a session over the cassette takes over what stands
there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Response, edit, instants, leaves, wire
from replayer.core.modes import Mode
from replayer.core.naming import aliases, tokens
from replayer.core.recording import Forward
from replayer.core.rules import Api, Rules, Token, generic, registry
from replayer.core.secrets import scrub
from replayer.core.session import Policy, Session

LONG_AGO = 1_000_000_000.0  # 2001: the time of answers that do not tell theirs
NAMED = re.compile(
    f"[0-9A-Za-z]{{{generic.LENGTH}}}"
)  # a token that looks so is taken over as it is, if it is none of ours


def adopted(cassette: Cassette, rules: Rules) -> Cassette:
    """The cassette as if Replayer had recorded it, the same interactions in the same order; ours are so already."""
    if cassette.facts is not None or not cassette.interactions:
        return cassette
    origin = cassette.interactions[0].request.origin
    session = Session(None, Api(rules, wire.Links(origin, origin, origin)), Policy(Mode.ALL, allow_live=True))
    at, found = LONG_AGO, []
    for interaction in cassette.interactions:
        date = instants.read_http_date(interaction.response.header("date") or "")
        at = date.seconds if date else at
        here = interaction.request.origin == origin  # what was said to others stays as it is
        found.append(_taken_in(session, interaction, at) if here else interaction)
    return Cassette(tuple(found), session.facts or Facts(origin, rules.name, int(at)))


def _taken_in(session: Session, interaction: Interaction, at: float) -> Interaction:
    verdict = session.decide(session.upstream.as_named(interaction.request), at)
    if not isinstance(verdict, Forward):  # it names what only a session that is over could translate
        return interaction
    recorded = session.record(verdict.exchange, interaction.response, at)
    session.recorder.keep(verdict.exchange, recorded.interaction)
    return recorded.interaction


def later_times(rules: Rules) -> frozenset[str]:
    """The names of times that extend a set of rules: a cassette does not tell whether they did when it was recorded."""
    return rules.times - registry.RULES[rules.name].times


def grown(cassette: Cassette, rules: Rules) -> Cassette:
    """The cassette with names for the tokens, and asterisks for the secrets, of rules that extend those it has."""
    known = registry.RULES[rules.name]
    later = replace(rules, secrets=tuple(one for one in rules.secrets if one not in known.secrets))
    rulebook: dict[str, list[Token]] = {}
    for rule in rules.tokens:
        if rule not in known.tokens:
            rulebook.setdefault(rule.key, []).append(rule)
    if cassette.facts is None or not (rulebook or later.secrets):
        return cassette
    names = {
        token: aliases.plain_alias("-" * generic.LENGTH, f"grown\0{token}")
        for interaction in cassette.interactions
        for token in _tokens(interaction.response, rulebook)
    }
    renaming = _Renaming(later, rulebook, names)
    return replace(cassette, interactions=tuple(map(renaming.interaction, cassette.interactions)))


def _tokens(response: Response, rulebook: dict[str, list[Token]]) -> Iterator[str]:
    for leaf in (*leaves.header_leaves(response.headers), *response.leaves):
        if leaf.quoted:
            found = tokens.held(leaf.value, leaf.key, rulebook)
            yield from (one.token for one in found if not NAMED.fullmatch(one.token))


@dataclass(frozen=True, slots=True)
class _Renaming:
    """One name for each token, wherever it stands."""

    rules: Rules
    rulebook: dict[str, list[Token]]
    names: dict[str, str]

    def interaction(self, one: Interaction) -> Interaction:
        request, response = one.request, one.response
        return replace(
            one,
            request=edit.rewritten(request, lambda _, leaf: self._leaf(leaf)),
            response=replace(
                edit.mapped_text(response, self._leaf),
                headers=tuple((name, self._text(value, name.lower())) for name, value in response.headers),
            ),
        )

    def _leaf(self, leaf: leaves.Leaf) -> str:
        return self._text(leaf.value, leaf.key) if leaf.quoted else leaf.value

    def _text(self, text: str, key: str) -> str:
        written, end = "", 0
        for one in tokens.held(text, key, self.rulebook, self.names):
            written += self._pieces(text[end : one.start]) + self.names.get(one.token, text[one.start : one.end])
            end = one.end
        return scrub(written + self._pieces(text[end:]), self.rules, frozenset())

    def _pieces(self, text: str) -> str:
        return edit.pieced(text, lambda piece: self.names.get(piece.text, piece.text))
