"""What a client's time was counted from: from now, from a time that it was shown, or from nothing at all."""

from replayer.core.clock import Asked, relative
from replayer.core.message import instants


def seconds_of(text: str) -> instants.Instant | None:
    """The time that a hole holds."""
    return instants.read_any(text, quoted=True) or instants.read_any(text, quoted=False) or instants.read_day(text)


def same_time(live: str, recorded: str, asked: Asked, date: int | None) -> bool:
    """Whether two times mean the same, each at its own moment; `date` is that of the recorded answer."""
    one, other = seconds_of(live), seconds_of(recorded)
    if one is None or other is None:
        return False
    shift = asked.clock.shift
    if shift and one.seconds - shift == other.seconds:
        return True
    if asked.is_counted(one.seconds):  # what is counted from what was shown is no distance from now
        return False
    found = relative.meanings(one.seconds, asked.real) | relative.meanings(one.seconds, asked.virtual)
    return bool(found & relative.meanings(other.seconds, asked.clock.recorded(date)))


def meant_by(text: str, recorded: str, asked: Asked) -> relative.Meant | None:
    """What a live time means, in real seconds; None where it is a name, or means no moment but itself."""
    live, written = seconds_of(text), seconds_of(recorded)
    if live is None or written is None or asked.is_shown(live.seconds) or asked.is_counted(live.seconds):
        return None
    at, *others = (*asked.real.seconds, *asked.virtual.seconds)
    if relative.meanings(live.seconds, relative.Now((at,), asked.real.offsets)):
        return relative.Meant(live.seconds, live.seconds, written.seconds)
    for other in others:
        if relative.meanings(
            live.seconds, relative.Now((other,), asked.real.offsets)
        ):  # the client's own clock is set to another day
            return relative.Meant(live.seconds, live.seconds - other + at, written.seconds)
    return None


def written_for(text: str, at: float, asked: Asked) -> str:
    """A time that was counted from now, counted from the epoch; any other as it is."""
    instant = seconds_of(text)
    if instant is None or asked.is_shown(instant.seconds) or asked.is_counted(instant.seconds):
        return text
    found = relative.meanings(instant.seconds, asked.real) or relative.meanings(instant.seconds, asked.virtual)
    if not found:
        return text
    return instant.write(relative.meant(relative.likeliest(found), asked.clock.start(at) + relative.WRITTEN_AT))


def in_words(live: str, recorded: str, asked: Asked) -> tuple[str, str] | None:
    """Two times as what they mean, each at its own moment: `now-31d`, `now-30d`. None where one of them is no time, or
    means nothing but itself."""
    one, other = seconds_of(live), seconds_of(recorded)
    if one is None or other is None:
        return None
    ours = relative.meanings(one.seconds, asked.real) or relative.meanings(one.seconds, asked.virtual)
    theirs = relative.meanings(other.seconds, asked.clock.recorded(None))
    if not ours or not theirs:
        return None
    return relative.spoken(relative.likeliest(ours)), relative.spoken(relative.likeliest(theirs))
