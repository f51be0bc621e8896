"""A cassette's text, written. It depends on the values alone: no clock, no chance, no release of a library."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from replayer.cassettes.scalar import block, inline
from replayer.core.cassette import AT_ONCE, Cassette, Delivery, Facts, Interaction, Streamed
from replayer.core.message import Request, instants, wire

END = "...\n"
"""YAML's mark for the end of a document. A cassette of ours without it was cut off."""

LONGEST_KEY = 128  # beyond it a YAML reader may refuse `key: value` and wants `? key`


def head(facts: Facts, webhooks: Sequence[str] = ()) -> str:
    """What stands before the first interaction; `webhooks` are the entries of deliveries."""
    recorded = "webhooks:\n" + "".join(webhooks) if webhooks else ""
    return (
        "version: 1\n"
        "replayer:\n"
        f"  upstream: {inline(facts.upstream)}\n"
        f"  rules: {inline(facts.rules)}\n"
        f"  epoch: '{instants.iso(facts.epoch)}'\n"
        f"{recorded}interactions:\n"
    )


def _webhook(delivery: Delivery) -> str:
    cause, request = delivery.cause, delivery.request
    return (
        f"- after: {inline(f'{cause.method} {cause.uri}')}\n"
        f"  nth: {cause.nth}\n"
        "  request:\n"
        f"    headers:{_headers(request.headers)}"
        f"    body: {block(request.body, 6) if request.body else 'null' + chr(10)}"
        f"  answers: [{', '.join(map(str, delivery.answers))}]\n"
    )


def entry(recorded: Interaction | Delivery) -> str:
    """One interaction, ready to follow the head or another one; or one delivery, ready to follow another one."""
    if isinstance(recorded, Delivery):
        return _webhook(recorded)
    response = recorded.response
    head = lead(recorded.request, response.status, response.reason, response.headers)
    return head + block(response.body, 8) + came(recorded.streamed)


def came(streamed: Streamed) -> str:
    """How the answer came, behind its body: nothing where it came at once, and is whole."""
    if streamed == AT_ONCE:
        return ""
    ended = f"    ended: {streamed.ended}\n" if streamed.ended else ""
    waits = f"    waits: '{waits_written(streamed)}'\n" if streamed.waits else ""
    return f"  stream:\n{ended}{waits}"


def waits_written(streamed: Streamed) -> str:
    """`0+0.5 3+12`: half a second before the first event, twelve before the fourth."""
    return " ".join(f"{place}+{_seconds(tenths)}" for place, tenths in streamed.waits)


def _seconds(tenths: int) -> str:
    whole, part = divmod(tenths, 10)
    return f"{whole}.{part}" if part else str(whole)


def lead(request: Request, status: int, reason: str, headers: wire.Headers) -> str:
    """An entry as far as the body of its answer."""
    return (
        "- request:\n"
        f"    method: {_word(request.method)}\n"
        f"    uri: {inline(request.uri)}\n"
        f"    body: {block(request.body, 6) if request.body else 'null' + chr(10)}"
        f"    headers:{_headers(request.headers)}"
        "  response:\n"
        "    status:\n"
        f"      code: {status}\n"
        f"      message: {_word(reason)}\n"
        f"    headers:{_headers(headers)}"
        "    body:\n"
        "      string: "
    )


def dumps(cassette: Cassette, entries: Sequence[str] | None = None) -> str:
    """A whole cassette; of its interactions the `entries`, where they are written already. Its facts must be known: a
    file without them is another tool's."""
    if cassette.facts is None:
        raise ValueError("a cassette is written with its facts: upstream, rules, epoch")
    written = list(map(entry, cassette.interactions)) if entries is None else entries
    webhooks = list(map(entry, cassette.deliveries))
    return "".join((head(cassette.facts, webhooks), *written, END)) if written else empty(cassette.facts)


def plain(cassette: Cassette) -> str:
    """A whole cassette without facts, as vcrpy itself writes one."""
    entries = "".join(entry(replace(each, streamed=AT_ONCE)) for each in cassette.interactions)
    return f"version: 1\ninteractions:\n{entries}" if entries else "version: 1\ninteractions: []\n"


def empty(facts: Facts) -> str:
    """A whole cassette of no interactions."""
    return head(facts).removesuffix("\n") + " []\n" + END


def gathered(headers: wire.Headers) -> dict[str, list[str]]:
    """The values of each name, in the order of first appearance. Two spellings of one name stay two."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return values


@lru_cache(maxsize=256)  # a client's headers are mostly those of its last request
def _headers(headers: wire.Headers) -> str:
    if not headers:
        return " {}\n"
    lines = []
    for name, values in gathered(headers).items():
        lines.append(_key(name))
        lines += [_item(value) for value in values]
    return "\n" + "".join(lines)


_word = lru_cache(maxsize=256)(inline)  # methods and messages of a status: there are few


@lru_cache(maxsize=1024)  # the same few names stand in every interaction
def _key(name: str) -> str:
    key = inline(name)
    return f"      {key}:\n" if len(key) <= LONGEST_KEY else f"      ? {key}\n      :\n"


@lru_cache(maxsize=4096)  # and most values in many
def _item(value: str) -> str:
    return f"      - {inline(value)}\n"
