"""Laws 4 and 5, before the first byte is written, and once more before the last: what of a recording may not be
written, or must be written otherwise by now. It writes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from replayer import cassettes as vcr_format
from replayer.core.audit import revealed
from replayer.core.cassette import Cassette, Delivery, Interaction
from replayer.core.deliveries import as_request, as_response
from replayer.core.message import Request
from replayer.core.secrets import decodings
from replayer.core.session import Session


@dataclass(frozen=True, slots=True)
class SafeRecording:
    """What may be kept of a recording: the entries of its interactions, and its webhooks. `late` is what turned out to
    be real since it was examined, each in words; `aside` of these are not written at all."""

    entries: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    late: tuple[str, ...] = ()
    aside: int = 0


def wrong_with(session: Session, recorded: Interaction | Delivery, text: str, credentials: frozenset[str]) -> str:
    """Why an entry of that text must not be written; empty where it may."""
    interaction, what = _as_interaction(recorded), _called(recorded)
    found = _still_real(session, interaction, text, credentials) or _revealed(session, interaction)
    collisions = session.upstream.names.collisions
    if found:
        trouble = f"{what} still holds {found}, and was not written"
    elif collisions:
        trouble = f"{what} cannot be named: {collisions[0]}"
    else:
        return ""
    return session.scrubbed(trouble, credentials)


def last_look(session: Session, recorded: Cassette, credentials: frozenset[str]) -> SafeRecording:
    """What may be kept of a whole recording.

    An entry was examined with the names and the credentials of its moment, the whole is with those of the session: what
    has become known later is named or scrubbed now, in all that holds it; where that cannot be done, as in packed
    bytes, that one entry is set aside, with what came of it. It is examined before it is written, not after: these are
    the bytes that are written.
    """
    entries, late, moved = list[str](), list[str](), dict[str, str | None]()
    for interaction in recorded.interactions:
        text, kept = _looked_at(session, interaction, credentials, late)
        if kept is not interaction:
            moved[interaction.request.uri] = kept.request.uri if isinstance(kept, Interaction) else None
        if kept is not None:
            entries.append(text)
    aside = len(recorded.interactions) - len(entries)
    deliveries = tuple(_last_of(session, recorded.deliveries, moved, credentials, late))
    return SafeRecording(tuple(entries), deliveries, tuple(late), aside)


def _last_of(
    session: Session,
    deliveries: Iterable[Delivery],
    moved: dict[str, str | None],
    credentials: frozenset[str],
    late: list[str],
) -> Iterator[Delivery]:
    """The webhooks that may be kept; `moved` are the addresses of their writes that are others now, or gone."""
    for delivery in deliveries:
        uri = moved.get(delivery.cause.uri, delivery.cause.uri)
        if uri is not None:
            placed = replace(delivery, cause=replace(delivery.cause, uri=uri))
            _, kept = _looked_at(session, placed, credentials, late)
            if isinstance(kept, Delivery):
                yield kept


def _looked_at(
    session: Session, recorded: Interaction | Delivery, credentials: frozenset[str], late: list[str]
) -> tuple[str, Interaction | Delivery | None]:
    """An entry with what it is of, as it may be written; None where it may not. `late` gets what is to be said."""
    text = vcr_format.entry(recorded)
    found = _still_real(session, _as_interaction(recorded), text, credentials)
    if not found:
        return text, recorded
    or_request = ", or the request," if isinstance(recorded, Interaction) else ""
    where = f"{_called(recorded)}{or_request} held {found}, which was not known for one before"
    anew = session.upstream.anew(_as_interaction(recorded), credentials)
    kept = anew if isinstance(recorded, Interaction) else replace(recorded, request=as_request(anew.response))
    text = vcr_format.entry(kept)
    if _still_real(session, anew, text, credentials):
        late.append(f"{where}: it was set aside")
        return "", None
    late.append(f"{where}: it was scrubbed")
    return text, kept


def _still_real(session: Session, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
    """The first thing in an entry that must not be written; empty where there is none."""
    found = next(iter(session.upstream.still_real(_readable(interaction, text), credentials)), None)
    return found.what if found else ""


def _revealed(session: Session, interaction: Interaction) -> str:
    """The first thing in an interaction that only its name shows to be a credential; empty where there is none."""
    names = session.upstream.names

    def is_name(value: str) -> bool:
        return names.is_name(value) or names.is_constant(value)

    return next(iter(revealed(interaction, session.upstream.spaces.rules, is_name)), "")


def _as_interaction(recorded: Interaction | Delivery) -> Interaction:
    """A webhook as it is examined: what is in it came from the upstream."""
    if isinstance(recorded, Interaction):
        return recorded
    return Interaction(Request("POST", "/"), as_response(recorded.request))


def _called(recorded: Interaction | Delivery) -> str:
    if isinstance(recorded, Delivery):
        return f"A webhook behind {recorded.cause.method} {recorded.cause.uri}"
    return f"The answer to {recorded.request.method} {recorded.request.path}"


def _readable(interaction: Interaction, text: str) -> str:
    """All of an entry that can hold something real. A body that is no text stands in it as base64, whatever is in it
    cut in two by lines, or packed: of such a body the texts are taken instead."""
    request, response = interaction.request, interaction.response
    sent = decodings.hidden_texts(request.headers, request.body, request.limit)
    received = decodings.hidden_texts(response.headers, response.body, response.limit)
    if not sent and not received:
        return text
    return "\n".join((text, *(plain for _, plain in (*sent, *received))))
