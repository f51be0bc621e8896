"""A round: all requests of one cassette, played once against an upstream. It is compared whole or an error says why."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from replayer.core.cassette import Cassette
from replayer.core.drift import Compared, renaming
from replayer.core.rules import Rules
from replayer.core.secrets import by_name
from replayer.errors import UsageError
from replayer.proxy.driver import UNAUTHORISED, Course, Driver, Skipped, authorization_for
from replayer.proxy.inserted import open_upstream
from replayer.proxy.opening import rules_for
from replayer.proxy.upstream import UpstreamError
from replayer.settings import Settings, places


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round: the answers side by side, and what was not compared; the upstream's own ids in each
    answer, by its number, and those in the answers to writes."""

    rules: Rules
    compared: list[Compared] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    shown: dict[int, frozenset[str]] = field(default_factory=dict, repr=False)
    written: frozenset[str] = field(default=frozenset(), repr=False)

    def shows_of(self, earlier: "Round") -> list[Compared]:
        """The answers of this round that show what an earlier one made."""
        left = earlier.written - self.written  # what the writes of both name was there before
        return [one for one in self.compared if self.shown[one.number] & left]


async def play(
    cassette: Cassette,
    path: Path,
    settings: Settings,
    *,
    authorization: str,
    allow_writes: bool,
    step: Callable[[int], None],
) -> Round:
    """Play a cassette that was read from that path; `step` is told how many requests it has, before each of them.

    UsageError where the upstream cannot be reached, ends in the middle, or refuses whoever asks.
    """
    if not cassette.interactions:
        raise UsageError(f"{path} holds no interaction: there is nothing to compare.")
    origin = cassette.interactions[0].request.origin
    rules = rules_for(settings, cassette, path, origin)
    variable = settings.key_variable or places.AUTHORIZATION
    ours = renaming.adopted(renaming.grown(cassette.within(settings.body_limit), rules), rules)
    async with AsyncExitStack() as stack:
        upstream = await open_upstream(replace(settings, keep_429=True), stack, "add --upstream URL")  # it is told
        course = Course(
            rules,
            origin,
            authorization_for(upstream.origin, authorization),
            settings.body_limit,
            allow_writes=allow_writes,
            allow_live=settings.allow_live,
        )
        _check_key(course, variable)
        driver = Driver(ours, upstream, course)
        found = Round(rules)
        try:
            step(len(driver))
            async for outcome in driver.drive():
                step(len(driver))
                if isinstance(outcome, Skipped):
                    found.skipped.append(outcome)
                else:
                    found.compared.append(outcome)
        except UpstreamError as error:
            raise UsageError(
                f"The upstream {upstream.origin} gave no answer: {error}. {path} was not compared."
            ) from None
    _check_authorised(found, upstream.origin, variable)
    return replace(found, shown=driver.shown, written=driver.written)


def _check_key(course: Course, variable: str) -> None:
    """A key that can move real money is refused before anything is asked."""
    if not course.allow_live and any(map(course.rules.live_keys.match, by_name.credentials_in(course.authorization))):
        raise UsageError(
            f"{variable} carries a live key, which can move real money: nothing was sent. "
            "Give it a test key (sk_test_...), or add --allow-live if you mean it."
        )


def _check_authorised(found: Round, origin: str, variable: str) -> None:
    """An upstream that knows nobody has not drifted: it was not asked."""
    if found.compared and all(one.live.status == UNAUTHORISED for one in found.compared):
        raise UsageError(f"The upstream {origin} refuses the credential (401). Give a valid one in {variable}.")
