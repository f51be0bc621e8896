"""Why a request gets no answer, in words: what was recorded that comes closest, and what can be done."""

from collections.abc import Iterator
from dataclasses import replace

from replayer.core.client import Bindings, Question
from replayer.core.matching import Canonical, Index, Player, canonical, stamps
from replayer.core.message import wire
from replayer.core.rules import Rules, registry
from replayer.core.secrets import scrub
from replayer.core.session import nearest as misses
from replayer.core.session.nearest import NOTHING, Following
from replayer.core.session.policy import Policy, Words
from replayer.core.session.verdicts import Reason, Refuse

# Who has chosen too narrow rules, as for an API on loopback, has parameters of pages all the same.
PAGES = registry.GENERIC_RULES.cursors


class Refusals:
    """The refusals of one session. No secret stands in their words."""

    def __init__(
        self, rules: Rules, index: Index, player: Player, bindings: Bindings, policy: Policy, words: Words
    ) -> None:
        self._rules, self._index, self._player, self._bindings = rules, index, player, bindings
        self._policy, self._words = policy, words

    def __repr__(self) -> str:
        return f"<Refusals of {self._where}>"

    def miss(self, question: Question, following: Following = NOTHING) -> Refuse:
        """Nothing recorded answers that. `following` tells of an answer that would follow from others."""
        asked = question.asked
        equal = self._index.same(asked)
        if not equal:
            when = question.arrival.when()
            reading = misses.Comparison(
                lambda a, b: self._bindings.may_be(a, b, when),
                self._bindings.live,
                lambda a, b: self._bindings.in_words(a, b, when),
            )
            closest = misses.nearest(asked, self._recorded(), reading)
            never, deleted = self._rules.cursors | PAGES, self._deleted(asked)
            played = self._played_as(closest) if closest else 0
            message = misses.no_match(asked, closest, self._where, reading, never, following, deleted, played)
            refusal = replace(self._refusal(asked, Reason.NO_MATCH, message), lack=self.scrubbed(following.lack))
            if closest is None or not misses.is_close(asked, closest, deleted):
                return refusal
            return self._beside(refusal, asked, closest, reading)
        if any(self._player.has_lost(entry) for entry in equal):
            return self._refusal(asked, Reason.UNKNOWN_STATE, misses.continued(asked, self._where))
        apart = self._player.nearest(asked)
        if apart is None:  # each of these writes was played
            times = 1 + max(entry.identity[1] for entry in equal)
            return self._refusal(asked, Reason.USED_UP, misses.used_up(asked, times, self._where))
        sides = (apart.ahead, apart.behind)
        ahead, behind = ([canonical.describe(entry.asked) for entry in side] for side in sides)
        lenient, deleted = self._lenient(asked), self._deleted(asked)
        message = misses.unknown_state(asked, ahead, behind, self._where, following, lenient, deleted)
        refusal = self._refusal(asked, Reason.UNKNOWN_STATE, message)
        lack = self.scrubbed(following.lack)
        return replace(refusal, elsewhere=apart.entry, behind=apart.behind, ahead=apart.ahead, lack=lack)

    def _recorded(self) -> Iterator[Canonical]:
        """What was recorded, first what was not played yet: of two that are as near that one is probably meant."""
        for played in (False, True):
            yield from (entry.asked for entry in self._index.entries if self._player.has(entry) is played)

    def _played_as(self, recorded: Canonical) -> int:
        """The number of the last answer of this run that played that request, counted from 1; 0 where one is left."""
        equal = self._index.equal(recorded.digest)
        if not all(map(self._player.has, equal)):
            return 0
        orders = {entry.order for entry in equal}
        return max(number for number, entry in enumerate(self._player.story, start=1) if entry.order in orders)

    def _lenient(self, asked: Canonical) -> str:
        """What `lenient` would serve for that, in words; empty where it cannot be set."""
        if not stamps.is_read(asked.method):
            return "" if self._policy.hands_over else misses.REGARDLESS
        lent = None if self._policy.hands_over else self._player.nearest(asked, earlier=True)
        if lent is None:
            return ""
        return misses.LATER if lent.behind else misses.EARLIER

    def _deleted(self, asked: Canonical) -> str:
        """The path of what is asked for, or of what that lies below, where that was deleted by what was played; empty
        where not, where it may be there again, or where the same was asked after that."""
        asked_last = max((entry.order for entry in self._index.equal(asked.digest)), default=-1)
        later: list[str] = []  # the paths of the writes since then: one there may have undone it
        for write in reversed(self._player.story):
            path = write.asked.path
            if write.reads or not self._index.changed(write):
                continue
            if _deletes(write.asked) and _lies_in(asked.path, path):
                undone = any(_lies_in(each, path) for each in later)
                return "" if undone or asked_last > write.order else path
            later.append(path)
        return ""

    def unmatched(self, question: Question, words: str) -> Refuse:
        """No recorded request is that one, as the user decides who is."""
        asked = question.asked
        message = misses.unmatched(asked, self._where, words, equal=bool(self._index.same(asked)))
        closest = misses.nearest(asked, self._recorded())
        refusal = self._refusal(asked, Reason.NO_MATCH, message)
        return self._beside(refusal, asked, closest, misses.PLAIN) if closest else refusal

    def left_out(self, question: Question, words: str) -> Refuse:
        """A request that the user leaves out of the cassette."""
        return self._refusal(question.asked, Reason.NO_MATCH, misses.left_out(question.asked, self._where, words))

    def live_key(self, asked: Canonical) -> Refuse:
        """A key of the live mode would have gone to the upstream."""
        return self._refusal(asked, Reason.LIVE_KEY, misses.live_key(asked, self._where))

    def stale_alias(self, asked: Canonical, aliases: tuple[str, ...]) -> Refuse:
        """The upstream knows nothing of what these names stood for."""
        return self._refusal(asked, Reason.STALE_ALIAS, misses.stale_alias(asked, aliases, self._where))

    def scrubbed(self, text: str, credentials: frozenset[str] = frozenset()) -> str:
        """A text without secrets, which any charset can write."""
        return wire.shown(scrub(text, self._rules, credentials))

    @property
    def _where(self) -> misses.Where:
        words, recorded, played = self._words, len(self._index), self._player.played
        return misses.Where(words.name, self._policy.mode, recorded, played, words.remedy)

    def _beside(self, refusal: Refuse, asked: Canonical, closest: Canonical, reading: misses.Comparison) -> Refuse:
        """The same refusal with what differs from the nearest recorded request, as values."""
        rows = misses.side_by_side(asked, closest, reading)
        differing = tuple((name, self.scrubbed(one), self.scrubbed(other)) for name, one, other in rows)
        return replace(refusal, closest=self.scrubbed(canonical.describe(closest)), differing=differing)

    def _refusal(self, asked: Canonical, reason: Reason, message: str) -> Refuse:
        return Refuse(reason, self.scrubbed(message), line=self.scrubbed(canonical.describe(asked)))


def _deletes(asked: Canonical) -> bool:
    """Whether that deletes all that there is at its path: one that tells which, as `?ids=7,8`, leaves the others."""
    return asked.method == "DELETE" and not asked.query and asked.body is None


def _lies_in(path: str, other: str) -> bool:
    """Whether a path is that other one, or lies below it."""
    return f"{path}/".startswith(f"{other}/")
