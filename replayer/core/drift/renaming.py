"""Cassettes that another tool wrote, put into our names: read as a recording of the API that they are a record of.

The ids and times in them are real ones of long ago. What is asked again today gets other ones, and the two can only be
compared, and the requests only be sent, where both have the names that our own recordings give.
"""

from dataclasses import replace

from replayer.core.message.body import read
from replayer.core.message.edit import pieced
from replayer.core.message.instants import read_http_date
from replayer.core.message.interaction import Cassette, Facts, Interaction, Request, header
from replayer.core.message.links import Links
from replayer.core.message.shapes import Piece
from replayer.core.rules.registry import Rules
from replayer.core.session.session import Session
from replayer.core.session.verdicts import Forward, Mode

LONG_AGO = 1_000_000_000.0  # 2001: the time of answers that do not tell theirs


def adopted(cassette: Cassette, rules: Rules) -> Cassette:
    """The cassette as if Replayer had recorded it, the same interactions in the same order; ours are so already."""
    if cassette.facts is not None or not cassette.interactions:
        return cassette
    origin = cassette.interactions[0].request.origin
    session = Session(None, mode=Mode.ALL, rules=rules, links=Links(origin, origin, origin), allow_live=True)
    at, found = LONG_AGO, []
    for interaction in cassette.interactions:
        date = read_http_date(header(interaction.response.headers, "date") or "")
        at = date.seconds if date else at
        here = interaction.request.origin == origin  # what was said to others stays as it is
        found.append(_taken_in(session, interaction, at) if here else interaction)
    return Cassette(tuple(found), session.facts or Facts(origin, rules.name, int(at)))


def _taken_in(session: Session, interaction: Interaction, at: float) -> Interaction:
    verdict = session.decide(_named(interaction.request, session), at)
    if not isinstance(verdict, Forward):  # it names what only a session that is over could translate
        return interaction
    recorded = session.record(verdict.exchange, interaction.response, at)
    session.keep(verdict.exchange, recorded.interaction)
    return recorded.interaction


def _named(request: Request, session: Session) -> Request:
    """The request as a client had sent it that was told our names."""

    def name(piece: Piece) -> str:
        return session.alias_of(piece.text) or piece.text

    body = read(request.headers, request.body)
    raw = body.encode(pieced(body.text, name)) if body.text else body.raw
    return replace(request, target=pieced(request.target, name), body=raw)
