"""A recorded session that goes on: what it misses is answered by the sandbox, which has seen all that was played."""

from itertools import islice

from replayer.core.matching import Entry, stamps, turns
from replayer.core.rules import registry
from replayer.core.session import HandOver, SandboxAnswer, Session, verdicts
from replayer.sandbox import CHANGING, Continued, account_in
from replayer.settings import words


class Continuing:
    """Answers what one session hands over. The sandbox is told what was played since it was asked last, and no more.
    Somebody `hears` what it says by itself, or nobody does."""

    def __init__(self, session: Session, *, hears: bool = False) -> None:
        self._session, self._hears = session, hears
        self._turns = turns.Turns(lambda _: 0)
        self._api: Continued | None = None
        self._followed = 0
        self._done: set[tuple[str, int]] = set()

    def __repr__(self) -> str:
        return f"<Continuing {self._session!r} {self._followed} followed>"

    def answer(self, handed: HandOver) -> verdicts.Replay | None:
        """The answer as the client is told it, with the webhooks that come of it; None where the miss stands."""
        api, asked = self._caught_up(), handed.asked
        key = handed.key if asked.method in registry.INVOICE_RULES.keyed else None
        turn = self._turns.next(asked.digest, key)
        origin = f"{asked.digest}\0{turn.occurrence}"
        at = self._now()
        if not stamps.is_read(asked.method) and turn.attempt == 0:  # a retry moves nothing on
            at = self._session.player.next_second() or at + 1
        found = api.go_on(handed.request, at, origin)
        if found is None:
            return None
        self._turns.claim(asked.digest, key)
        response, touched = found
        told = self._session.take(handed, SandboxAnswer(response, origin, touched))
        due = self._session.said_besides(handed, api.take_events() if self._hears else ())
        return verdicts.Replay(told, words.SANDBOX, due=due)

    def _caught_up(self) -> Continued:
        story = self._session.player.story
        if self._api is None:
            bodies = (entry.interaction.response.body for entry in story if not _is_connected(entry))
            self._api = Continued(account_in(bodies), self._now())
        for entry in islice(story, self._followed, None):
            self._follow(self._api, entry)
        self._followed = len(story)
        return self._api

    def _follow(self, api: Continued, entry: Entry) -> None:
        """A retry tells what was, not what is, unless nothing came of what it tries again."""
        interaction, (digest, occurrence, _) = entry.interaction, entry.identity
        if (digest, occurrence) in self._done:
            return
        if not stamps.is_read(entry.asked.method) and interaction.response.status in CHANGING:
            self._done.add((digest, occurrence))
        at = self._now() if entry.date is None else entry.date
        api.follow(interaction.request, interaction.response, at, f"recorded\0{digest}\0{occurrence}")

    def _now(self) -> int:
        """The virtual time; where nothing tells it, that of the epoch, or the beginning of all times."""
        facts = self._session.facts
        return self._session.clock.now or (facts.epoch if facts else 0)


def _is_connected(entry: Entry) -> bool:
    return entry.interaction.request.header("stripe-account") is not None
