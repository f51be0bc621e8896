"""A cassette of ours under rules that have grown since: what they name now and did not then gets a name.

Which name does not matter, if it is one for each token, and as long as those that a recording gives: a session over the
cassette takes over what stands there, as it does when it records again. What is named already stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from replayer.core.message.body import read
from replayer.core.message.edit import mapped_body, pieced, rewritten
from replayer.core.message.interaction import Cassette, Interaction, Response
from replayer.core.message.leaves import Leaf, header_leaves, leaves
from replayer.core.naming.aliases import plain_alias
from replayer.core.naming.tokens import held
from replayer.core.rules.generic import LENGTH
from replayer.core.rules.registry import RULES, Rules
from replayer.core.rules.ruleset import Token
from replayer.core.secrets.scrub import scrub

NAMED = re.compile(f"[0-9A-Za-z]{{{LENGTH}}}")  # a token that looks so is taken over as it is, if it is none of ours


def grown(cassette: Cassette, rules: Rules) -> Cassette:
    """The cassette with names for the tokens, and asterisks for the secrets, of rules that extend those it has."""
    known = RULES[rules.name]
    later = replace(rules, secrets=tuple(one for one in rules.secrets if one not in known.secrets))
    rulebook: dict[str, list[Token]] = {}
    for rule in rules.tokens:
        if rule not in known.tokens:
            rulebook.setdefault(rule.key, []).append(rule)
    if cassette.facts is None or not (rulebook or later.secrets):
        return cassette
    names = {
        token: plain_alias("-" * LENGTH, f"grown\0{token}")
        for interaction in cassette.interactions
        for token in _tokens(interaction.response, rulebook)
    }
    renaming = _Renaming(later, rulebook, names)
    return replace(cassette, interactions=tuple(map(renaming.interaction, cassette.interactions)))


def _tokens(response: Response, rulebook: dict[str, list[Token]]) -> Iterator[str]:
    for leaf in (*header_leaves(response.headers), *leaves(read(response.headers, response.body))):
        if leaf.quoted:
            found = held(leaf.value, leaf.key, rulebook)
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
            request=rewritten(request, lambda _, leaf: self._leaf(leaf)),
            response=replace(
                response,
                headers=tuple((name, self._text(value, name.lower())) for name, value in response.headers),
                body=mapped_body(read(response.headers, response.body), self._leaf),
            ),
        )

    def _leaf(self, leaf: Leaf) -> str:
        return self._text(leaf.value, leaf.key) if leaf.quoted else leaf.value

    def _text(self, text: str, key: str) -> str:
        written, end = "", 0
        for one in held(text, key, self.rulebook, self.names):
            written += self._pieces(text[end : one.start]) + self.names.get(one.token, text[one.start : one.end])
            end = one.end
        return scrub(written + self._pieces(text[end:]), self.rules, frozenset())

    def _pieces(self, text: str) -> str:
        return pieced(text, lambda piece: self.names.get(piece.text, piece.text))
