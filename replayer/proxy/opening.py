"""Opening a cassette for a session: by which rules, for which origin, with which decisions of its user. Nothing is
written here, and nothing listens."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from replayer.cassettes import names_file
from replayer.core.audit import spoiling
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.naming import Memory
from replayer.core.rules import Api, Rules, registry, table
from replayer.core.session import Policy, Session, Words
from replayer.errors import CassetteError, UsageError, unknown
from replayer.proxy.own_key import OwnKey
from replayer.proxy.vcrpy_hooks import customs
from replayer.settings import Settings, words

VERSIONS = ("/v1/", "/v2/")  # of the invoice API, as its paths begin


@dataclass(frozen=True, slots=True)
class Insertion:
    """A cassette that was read, and what makes a session of it; None where there was no file. `others` are the origins
    of further hosts in it, `remedy` is what to do where it lacks something."""

    settings: Settings
    path: Path
    cassette: Cassette | None
    links: wire.Links
    remedy: str
    others: Sequence[str] = ()

    def session(self) -> Session:
        """CassetteError where it cannot be recorded over, UsageError where its rules and the settings do not go
        together."""
        settings, cassette, links = self.settings, self.cassette, self.links
        records = settings.mode in (Mode.ALL, Mode.NEW_EPISODES)
        if cassette is not None and records and (found := spoiled(self.path, cassette)):
            raise CassetteError(found)  # a recording takes over what is there: what somebody broke would be its own
        rules = replace(rules_for(settings, cassette, self.path, links.cassette), others=frozenset(self.others))
        if settings.on_miss == words.SANDBOX and rules.name != registry.INVOICE_RULES.name:
            raise UsageError(
                f"on_miss = {words.SANDBOX!r} goes on with sessions of the invoice API only: the rules of "
                f"{settings.cassette} are {rules.name!r}."
            )
        cassette = cassette.within(settings.body_limit) if cassette is not None else None
        upstream = words.SANDBOX if settings.upstream == words.SANDBOX else links.cassette
        policy = policy_of(settings, _own_credentials(settings, rules) if links.upstream else frozenset())
        policy = replace(policy, customs=customs(settings.words_of_vcrpy, links.cassette))
        session = Session(cassette, Api(rules, links, upstream), policy, Words(settings.cassette, self.remedy))
        if cassette is not None and (memory := _memory(settings, links)) is not None:
            session.upstream.recall(memory)
        return session

    def otherwise(self) -> Callable[[], Session] | None:
        """What makes the session by the rules for any API, where its own are only the guess that whatever stands on
        loopback is a stand-in for the invoice API: None where they were chosen, or are known."""
        settings = self.settings
        guessed = self.cassette is None and not settings.rules_name and _is_loopback(self.links.cassette)
        if not guessed or words.SANDBOX in (settings.upstream, settings.on_miss):
            return None
        generic = {**settings.rules_table, table.BASE: registry.GENERIC_RULES.name}
        return replace(self, settings=replace(settings, rules=generic)).session


def is_invoice_api(request: Request, response: Response) -> bool:
    """Whether anything in an exchange says that this is the invoice API, or what stands in for it."""
    if request.path.startswith(VERSIONS) or any(name.lower().startswith("stripe-") for name, _ in request.headers):
        return True
    if registry.INVOICE_KEY.search(request.header("authorization") or ""):
        return True
    if any(name.lower().startswith("stripe-") for name, _ in response.headers):
        return True
    return isinstance(response.json, dict) and isinstance(response.json.get("object"), str)


def _own_credentials(settings: Settings, rules: Rules) -> frozenset[str]:
    """What opens the upstream and no client sends; UsageError where it is a live key, and these are not allowed."""
    key = OwnKey.of(settings)
    if key is None:
        return frozenset()
    if not settings.allow_live:
        key.refuse_live(rules)
    return key.credentials


def policy_of(settings: Settings, credentials: frozenset[str]) -> Policy:
    """How a session decides by those settings, which begins now and on this machine. `credentials` are its own."""
    return Policy(
        settings.mode,
        allow_live=settings.allow_live,
        lenient=settings.lenient,
        strict=settings.strict,
        hands_over=settings.on_miss == words.SANDBOX,
        volatile=settings.volatile_fields,
        ignored=settings.ignored_headers,
        epoch=settings.epoch_seconds,
        offsets=(-time.timezone, -time.altzone),
        shifted_to=int(time.time()) if settings.time == words.SHIFTED else None,
        credentials=credentials,
    )


def spoiled(path: Path, cassette: Cassette) -> str:
    """The first broken name of a cassette, with its place and the remedy; empty where all are sound."""
    first = next(iter(spoiling(cassette, path.read_text("utf-8", "replace"))), None)
    return f"{path}:{first.line}: {first.what}. {first.kind.remedy.capitalize()}." if first else ""


def _memory(settings: Settings, links: wire.Links) -> Memory | None:
    """What the last recording on this machine knew, if new requests may go to the same upstream."""
    if settings.mode is not Mode.NEW_EPISODES or settings.upstream == words.SANDBOX:
        return None
    memory = names_file.read(settings.folder, settings.cassette)
    return memory if memory is not None and memory.upstream == links.upstream else None


def remember(settings: Settings, session: Session) -> None:
    """Keep what the names stand for, unless that ends with the session, as the embedded sandbox does."""
    memory = session.upstream.memory()
    if memory is not None and settings.upstream != words.SANDBOX:
        names_file.write(settings.folder, settings.cassette, memory)


def rules_for(settings: Settings, cassette: Cassette | None, path: Path, origin: str) -> Rules:
    """The rules that named what is in the cassette, and will name what is not: its own, else those that were chosen,
    else those of the API at that origin. UsageError where others are chosen than its own."""
    facts, chosen = cassette.facts if cassette else None, settings.rules_name
    if facts and facts.rules not in registry.RULES:
        raise CassetteError(f"{path}: {unknown(facts.rules, 'set of rules', list(registry.RULES))}")
    if facts and chosen not in ("", facts.rules):
        raise UsageError(
            f"{path} was recorded by the rules {facts.rules!r}, not {chosen!r}. "
            "Choose these or none, or delete it and record it anew."
        )
    name = facts.rules if facts else chosen
    rules = registry.RULES[name] if name else registry.rules_of_host(urlsplit(origin).hostname or "")
    return table.extended(rules, settings.rules_table)


def cassette_origin(settings: Settings, cassette: Cassette | None, upstream: str) -> str:
    """The origin that the cassette speaks of. `upstream` is the origin that requests are sent to, if they are.

    The sandbox stands in for the invoice API. On loopback the port is chance: the first one is kept.
    """
    if settings.origin:
        return settings.origin
    if settings.upstream == words.SANDBOX:
        return f"https://{registry.INVOICE_RULES.hosts[0]}"
    recorded = cassette.interactions[0].request.origin if cassette and cassette.interactions else ""
    if not upstream or (_is_loopback(recorded) and _is_loopback(upstream)):
        return recorded or upstream
    return upstream


def _is_loopback(origin: str) -> bool:
    return urlsplit(origin).hostname in registry.LOOPBACK
