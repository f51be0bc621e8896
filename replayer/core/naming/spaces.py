"""What both directions of a session share: its rules, its links, its table of names, its clock."""

from dataclasses import dataclass, field

from replayer.core.clock import facts
from replayer.core.lazily import cached_property
from replayer.core.message import wire
from replayer.core.naming.ordered import Rank
from replayer.core.naming.personal import Mentions
from replayer.core.naming.table import Names
from replayer.core.rules import Rules, Token, ruleset


@dataclass(frozen=True)
class Spaces:
    """Between the spaces of one session: upstream, cassette, client."""

    rules: Rules
    links: wire.Links
    names: Names
    clock: facts.FactClock
    timed: set[str] = field(default_factory=set)  # parameters of links whose times were named
    newest: dict[str, Rank] = field(default_factory=dict)  # by family, of the ids that hold a time
    made: set[str] = field(default_factory=set)  # ids of the objects that writes of this session have made
    events: dict[str, dict[str, int]] = field(default_factory=dict)  # by what they tell, each with its number
    odd: set[str] = field(default_factory=set)  # tokens named so far that are more than one piece
    people: Mentions = field(default_factory=Mentions)  # what was named so far because it is personal
    for_people: Mentions = field(default_factory=Mentions)  # the same the other way round

    @cached_property
    def token_rules(self) -> dict[str, list[Token]]:
        """The rules for tokens, by the name of the field that holds one."""
        found: dict[str, list[Token]] = {}
        for rule in self.rules.tokens:
            found.setdefault(rule.key, []).append(rule)
        return found

    def names_token(self, key: str) -> bool:
        """Whether what stands under that name may be a token."""
        return key in self.token_rules or ruleset.called(key) in self.token_rules

    def tells(self, key: str) -> bool:
        """Whether a name tells what stands under it: a time or a token."""
        return self.rules.is_time(key) or self.names_token(key)
