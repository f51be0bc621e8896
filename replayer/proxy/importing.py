"""Exchanges that were made long ago, recorded as a session would that had made them: by the same steps, to the same
file, with no upstream and nobody who listens.

    given  --as_named, decide-->  Forward  --take_in-->  journal  --eject-->  cassette
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from replayer.cassettes import Journal
from replayer.cassettes.formats import Given, Loss
from replayer.core.cassette import Cassette, Delivery
from replayer.core.clock import relative
from replayer.core.message import Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Exchange, Forward
from replayer.core.secrets import guesses
from replayer.core.streams import events
from replayer.proxy import hosts
from replayer.proxy.opening import Insertion
from replayer.proxy.record_stream import bare
from replayer.proxy.slot import Ejected, Slot
from replayer.settings import Settings, words

REMEDY = "record it again"
# What a user sets for sessions that listen and ask: here nobody is asked, and nobody is shown anything.
OF_NO_UPSTREAM = {
    "record_mode": Mode.ALL.value,
    "allow_live": True,
    "on_miss": "",
    "upstream_auth": "",
    "time": words.FROZEN,
}
ELSEWHERE = "it was made to another host than --origin"


@dataclass(slots=True)
class Imported:
    """What came of it: how many exchanges are in the cassette, and what is not. `kept` tells why there is none, or why
    the older one stayed."""

    carried: int = 0
    losses: list[Loss] = field(default_factory=list)
    kept: str = ""


def record(
    settings: Settings,
    path: Path,
    exchanges: Sequence[Given],
    step: Callable[[int], None],
    over: Cassette | None = None,
    webhooks: Sequence[Delivery] = (),
) -> Imported:
    """Record them to that path, over the cassette that is there, if there is one, with the webhooks that came of them;
    `step` is told how many there are, before each of them. CassetteError and UsageError where that cannot be begun."""
    upstream = over.facts.upstream if over and over.facts else ""  # only what the file calls it
    settings = settings.over({**OF_NO_UPSTREAM, "upstream": upstream})
    done = Imported()
    here = list(_of_origin(exchanges, settings.origin, done.losses))
    if not here:
        return done
    slot = _slot(settings, path, here, over)
    try:
        for given, at in _timed(here, _now(settings)):
            step(len(here))
            done.losses += _taken(slot, given, at, over, settings.body_limit)
        done.losses += [loss for one in webhooks if (loss := _heard(slot, one))]
        return _outcome(done, slot.eject())
    finally:
        if slot.journal is not None:
            slot.journal.close(keep=False)
        Journal.path_of(path).unlink(missing_ok=True)  # what was not saved is in the file that it came from


def _of_origin(exchanges: Sequence[Given], origin: str, losses: list[Loss]) -> Iterator[Given]:
    """Those that were made to that host, all where none was chosen."""
    for given in exchanges:
        if not origin or hosts.host(given.interaction.request.origin) == hosts.host(origin):
            yield given
        else:
            losses.append(Loss(given.place, str(given), ELSEWHERE))


def _slot(settings: Settings, path: Path, exchanges: Sequence[Given], over: Cassette | None) -> Slot:
    origins = Counter(given.interaction.request.origin for given in exchanges)
    said = over.facts.upstream if over and over.facts else ""
    usual = min(origins, key=lambda origin: (-origins[origin], origin))  # in whatever order they stand
    home = settings.origin or (said if said in origins else usual)
    others = [origin for origin in origins if hosts.host(origin) != hosts.host(home)]
    links = wire.Links(home, home, home)
    insertion = Insertion(settings, path, over, links, REMEDY, tuple(others))
    return Slot(path, insertion.session(), Journal.open(path), reopen=insertion.otherwise())


def _timed(exchanges: Sequence[Given], now: float) -> Iterator[tuple[Given, float]]:
    """Each with the time of its answer: what it says itself, else that of the one before. Where none says any, it is
    now."""
    said = [given.interaction.response.date if given.at is None else given.at for given in exchanges]
    at: float = next((one for one in said if one is not None), now)
    for given, moment in zip(exchanges, said, strict=True):
        at = at if moment is None else moment
        yield given, at


def _now(settings: Settings) -> float:
    return time.time() if settings.epoch_seconds is None else float(settings.epoch_seconds)


def _taken(slot: Slot, given: Given, at: float, over: Cassette | None, limit: int) -> list[Loss]:
    """Record one; what of it is lost."""
    interaction = given.interaction
    request, response = replace(interaction.request, limit=limit), replace(interaction.response, limit=limit)
    lost = partial(Loss, given.place, str(given))
    if any(len(each.body) > limit or each.is_beyond_limit for each in (request, response)):
        return [lost(f"a body is longer than body_limit, {limit} bytes")]
    session, request = slot.session, replace(request, headers=tuple(filter(_shows_something, request.headers)))
    # What a cassette of ours counts from now, it counts from there.
    clock = None if over is None or over.facts is None else over.facts.epoch + relative.WRITTEN_AT
    verdict = session.decide(session.upstream.as_named(request), at, clock)
    if not isinstance(verdict, Forward):
        return [lost(verdict.message.partition("\n")[0] if hasattr(verdict, "message") else "it is refused")]
    if response.stream and response.body and response.plain is not None:
        trouble = _told(slot, verdict.exchange, response, given.interaction.streamed.ended, at)
        return [lost(trouble.rstrip("."))] if trouble else []
    waited = sum(tenths for _, tenths in given.interaction.streamed.waits) / 10
    taken = slot.take_in(verdict.exchange, response, at, waited)
    if taken.wrong or taken.trouble:
        return [lost((taken.wrong or taken.trouble).rstrip("."))]
    return []


def _told(slot: Slot, exchange: Exchange, response: Response, ended: str, at: float) -> str:
    """Record a stream event by event, as it came; what is in the way, where that cannot be."""
    begun = slot.streams.begin(slot, exchange, bare(replace(response, body=b"")), at)
    if begun.stream is None:
        return begun.wrong or begun.trouble
    text = (response.plain or b"").decode("utf-8", "surrogateescape")
    for _, event in events(text, begun.stream.cut_as):
        _, trouble = slot.streams.tell(slot, begun.stream, event.text, at)
        if trouble:
            slot.streams.drop(slot, begun.stream)
            return trouble
    return slot.streams.end(slot, begun.stream, ended, at)


def _heard(slot: Slot, webhook: Delivery) -> Loss | None:
    """Record a webhook behind the write that it came of; what is lost where that cannot be."""
    cause, session = webhook.cause, slot.session
    place = (cause.method, cause.uri, cause.nth)
    writes = (one for one in session.recorder.writes if (one.method, one.uri, one.nth) == place)
    came = session.receiving.came(webhook.request)
    heard = slot.take_in_webhook(replace(came, write=next(writes, came.write)), None)
    if heard.delivery is None:
        return Loss((), f"the webhook behind {cause.method} {cause.uri}", heard.trouble.rstrip("."))
    for status in webhook.answers:
        slot.webhook_answered(heard.delivery, status)
    return None


def _shows_something(header: tuple[str, str]) -> bool:
    """Whether it may be part of what is asked. What only stands where a credential was, `Sanitized`, opens nothing: it
    is not looked for in all answers."""
    name, value = header
    if "authorization" not in name.lower() and not guesses.names_credential(name):
        return True
    return not guesses.is_placeholder(value.strip().partition(" ")[2] or value)


def _outcome(done: Imported, ejected: Ejected) -> Imported:
    recorded = ejected.receipt.recorded
    done.carried = recorded - ejected.aside
    if ejected.kept is not None:
        done.kept, done.carried = ejected.kept if recorded else "", 0  # of those that were not, it is known why
    elif ejected.aside:
        done.losses += [Loss((), "", late) for late in ejected.late]
    return done


def in_the_way(path: Path) -> Path | None:
    """What is there already that a new cassette would take the place of: a file, or the journal of a recording."""
    found = (each for each in (path, Journal.path_of(path)) if each.exists() or each.is_symlink())
    return next(found, None)
