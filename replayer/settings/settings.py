"""The settings of one session, and of whom each is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from pathlib import Path
from typing import Any, Self

from replayer import vcr_words
from replayer.cassettes import store
from replayer.core.faults import FaultRule, Latency
from replayer.core.message import bodies
from replayer.core.modes import Mode
from replayer.core.rules import registry, table
from replayer.errors import UsageError, unknown
from replayer.settings import written
from replayer.settings.places import AUTHORIZATION, DEFAULT, PASSED, PREFIX, Place, standing
from replayer.settings.words import FROZEN, HOST, MISS, ON_EXPIRY, SANDBOX, SHIFTED, SYNONYMS, TEST

SEPARATORS = re.compile(r"[;\n]")  # of faults in one text
VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one session, checked."""

    cassette: str = ""
    """Name of the cassette, a path below `root`; an absolute one is taken by its place there."""
    root: str = "."
    """The folder that cassettes live in; nothing outside it is read or written. Or, for replay alone, a store."""
    store: str = ""
    """Where cassettes are that are not in git: `s3://bucket/prefix`, `gs://`, `az://` or `file:///folder`."""
    upstream: str = ""
    """Origin of the real API, `https://api.stripe.com`, or `sandbox`; nothing where nothing is recorded."""
    more_upstreams: str | list[str] = ""
    """Origins of further APIs that are recorded in one session, with `as_proxy`; several in a list, or with commas
    between them."""
    origin: str = ""
    """Origin to write into the cassette instead of the upstream's own, when that is only a stand-in for it."""
    record_mode: str = Mode.NONE.value
    """`none`, `once`, `new_episodes` or `all`."""
    epoch: str = ""
    """Where the virtual clock of a new cassette starts, in ISO 8601; else UTC midnight of the day of recording."""
    port: int = 0
    """Port to listen on; 0 means any."""
    listen: str = HOST
    """Address to listen on. Any other than that of this machine alone lets others ask, too."""
    hosts: str | list[str] = ""
    """Names by which the proxy may be asked, besides 127.0.0.1 and localhost: `replayer`; several in a list, or with
    commas between them."""
    https: bool = False
    """Speak TLS, by a certificate made for this session."""
    as_proxy: bool = False
    """Stand in for the upstream under its own address: as the proxy that clients ask for it, TLS included."""
    body_limit: int = bodies.LONGEST
    """Bytes of a body that can be recorded, packed or not. Longer answers are passed on, longer requests refused."""
    timeout: float = 80.0
    """Seconds that a whole exchange with the upstream may take: as long as the official SDKs wait themselves."""
    rate: float = 0.0
    """How many requests this process sends the upstream in a second, at most; 0 for any number."""
    keep_429: bool = False
    """Record an answer 429 as any other. Else such a request is sent again when the upstream has time."""
    stream_timeout: float = 3600.0
    """The same for an answer that is passed on as it comes: a stream, one beyond `body_limit`."""
    request_timeout: float = 300.0
    """Seconds that a client may take to send a whole request, and that a new connection may stay silent."""
    idle_timeout: float = 3600.0
    """Seconds that a connection is kept open between two requests."""
    cors: str | list[str] = ""
    """Origins of pages that may use the proxy from a browser: `http://localhost:3000`; several in a list, or with
    commas between them."""
    certificate: str = ""
    """The file that the certificate is put into which clients of `https` and `as_proxy` are to believe."""
    ca: str = ""
    """A PEM file of authorities that vouch for the upstream, besides those that this machine trusts."""
    client_cert: str = ""
    """A PEM file with the certificate that is shown to the upstream, and its key."""
    insecure_upstream: bool = False
    """Ask an upstream whose certificate nobody vouches for."""
    record_on_failure: bool = True
    """Save what a failing run recorded, where there was no cassette before and all its requests were answered."""
    lenient: bool = False
    """Answer a read in a state that was never recorded with the nearest earlier one."""
    strict: bool = False
    """Answer only what was recorded as it was asked; nothing that follows from other answers."""
    on_miss: str = ""
    """What is done with a miss: `miss`, or nothing, tells it; `sandbox` lets the embedded invoice API go on."""
    faults: str | list[str] = ""
    """What goes wrong on purpose: `POST /v1/invoices status=500 times=1`; several in a list, or with semicolons between
    them."""
    latency: str | float = ""
    """How long each answer is held back: milliseconds, or `normal:MS,SD`."""
    receipt: str = ""
    """The file that receipts are written to, as JSON: what came of each session, for `replayer report`."""
    token_file: str = ""
    """The file with the token of control calls, which is made where there is none."""
    inspector: bool = True
    """Show the page that tells what the session does, at `/__replayer__/`."""
    allow_live: bool = False
    """Let live keys, which can move real money, through to the upstream."""
    upstream_auth: str = ""
    """Where the upstream's own key stands, `env:STRIPE_API_KEY`: it is sent on in the place of the client's."""
    webhooks: str = ""
    """The program's own endpoint for webhooks, `http://127.0.0.1:4242/webhook`: what the API says by itself is handed
    to it, while recording and on replay; `test`: the test takes them, or says later who does."""
    webhook_port: int = 0
    """Port on which the API delivers its webhooks while something is recorded; 0 means any."""
    webhook_secret: str = ""
    """Where the secret of the API's endpoint stands, `env:STRIPE_WEBHOOK_SECRET`: what is not signed with it is
    refused."""
    webhook_retries: int = 3
    """How often a webhook is delivered again on replay where the program fails (5xx)."""
    time: str = FROZEN
    """The virtual time as clients are shown it: `frozen`, as it is recorded, or `shifted`, counted from now."""
    volatile: str | list[str] = ""
    """Fields of requests that hold something new in every run: `metadata[order_id]`; several in a list, or with
    commas between them."""
    ignore_headers: str | list[str] = ""
    """Request headers that are left out of what is asked: `Stripe-Version`; several in a list, or with commas between
    them."""
    fail_on_miss: bool = True
    """Fail a test for what its session missed, though its client swallowed the error; in tests only."""
    allow_unused: bool = False
    """Let a test pass that asked nothing, and needs no cassette then; in tests only."""
    fail_on_unused: bool = False
    """Fail a test that did not ask for all that its cassette holds; in tests only."""
    max_age: str = ""
    """How old a cassette may be: `30d`, `12h`, `2w`; by its last commit, or the time of its file."""
    on_expiry: str = "warn"
    """What is done with an older one: `warn`, `fail`, or `record` it anew."""
    freeze: bool = False
    """Let the clock of this Python program stand at the virtual time; needs time-machine."""
    vcrpy: str | dict[str, Any] = ""
    """Settings of vcrpy, as `match_on` or `filter_headers`. Each may be given by its own name, too."""
    rules: str | dict[str, Any] = ""
    """Name of the rules of the API, `invoice` or `generic`; or a table that extends them, with the name as its `base`.
    Where no name is given, the cassette or else the upstream's host tells which."""

    @property
    def folder(self) -> Path:
        """Where the cassettes of the root lie on this machine: of one in a store, those that were fetched."""
        return store.rooted.place(self.root, Path.cwd()) if self.is_stored else Path(self.root)

    @property
    def is_stored(self) -> bool:
        """Whether the root is in a store."""
        return store.rooted.is_stored(self.root)

    @property
    def rules_name(self) -> str:
        """The name of the rules that were chosen; empty where none were."""
        return self.rules if isinstance(self.rules, str) else str(self.rules.get(table.BASE, ""))

    @property
    def rules_table(self) -> dict[str, Any]:
        """What extends the rules."""
        return {} if isinstance(self.rules, str) else self.rules

    @property
    def words_of_vcrpy(self) -> dict[str, Any]:
        """The settings of vcrpy, by their names."""
        return {} if isinstance(self.vcrpy, str) else self.vcrpy

    @property
    def volatile_fields(self) -> tuple[str, ...]:
        """The fields that were declared, one by one."""
        return written.several(self.volatile)

    @property
    def ignored_headers(self) -> tuple[str, ...]:
        """The headers that are left out of what is asked, one by one, in small letters."""
        return tuple(name.lower() for name in written.several(self.ignore_headers))

    @property
    def others(self) -> tuple[str, ...]:
        """The further upstreams, one by one."""
        return written.several(self.more_upstreams)

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which the proxy may be asked, one by one, in small letters."""
        return tuple(name.lower() for name in written.several(self.hosts))

    @property
    def pages(self) -> tuple[str, ...]:
        """The origins of pages that may use the proxy, one by one."""
        return written.several(self.cors)

    @property
    def fault_rules(self) -> tuple[FaultRule, ...]:
        """What goes wrong on purpose, in the order in which it is tried."""
        rules = SEPARATORS.split(self.faults) if isinstance(self.faults, str) else self.faults
        return tuple(FaultRule.parse(rule) for rule in rules if rule.strip())

    @property
    def held_back(self) -> Latency | None:
        """How long each answer is held back; None where it is not."""
        return None if self.latency == "" else Latency.read(str(self.latency).strip())

    @property
    def key_variable(self) -> str:
        """The variable of the environment that the upstream's own key stands in; empty where clients send theirs."""
        found = VARIABLE.fullmatch(self.upstream_auth)
        return found[1] if found else ""

    @property
    def webhook_variable(self) -> str:
        """The variable that the secret of the API's endpoint stands in; empty where no signature is looked at."""
        found = VARIABLE.fullmatch(self.webhook_secret)
        return found[1] if found else ""

    @property
    def endpoint(self) -> str:
        """The address of who takes webhooks; empty where the test does, or nobody."""
        return "" if self.webhooks == TEST else self.webhooks

    @property
    def hears_webhooks(self) -> bool:
        """Whether webhooks are recorded where anything is."""
        return bool(self.webhooks or self.webhook_port)

    @property
    def mode(self) -> Mode:
        return Mode(self.record_mode)

    @property
    def longest_age(self) -> int | None:
        """How old a cassette may be, in seconds; None where it may be of any age."""
        return written.age(self.max_age) if self.max_age else None

    @property
    def epoch_seconds(self) -> int | None:
        """The epoch in seconds since 1970, or None where none is set."""
        return written.seconds(self.epoch) if self.epoch else None

    @classmethod
    def load(
        cls,
        given: Mapping[str, Any],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> Self:
        """The settings from all four places; a UsageError names the place of a wrong one. None means not given.
        `defaults` are those of a command, where they differ from everybody's."""
        return cls(
            **Chosen.of(
                (PASSED, defaults or {}), *standing(folder or Path.cwd(), environment), (PASSED, _present(given))
            ).values
        ).validated()

    def over(self, chosen: Mapping[str, Any]) -> Self:
        """These settings with others laid over them; UsageError for one that is none, or wrong."""
        checked = {name: _checked(name, value, "") for name, value in chosen.items()}
        laid = {name: written.laid_over(getattr(self, name, None), value) for name, value in checked.items()}
        return replace(self, **laid).validated()

    def validated(self) -> Self:
        """These settings, with the upstream's origin in its plain form; UsageError where one cannot be."""
        mode = SYNONYMS.get(self.record_mode, self.record_mode)
        written.one_of("record mode", mode, [mode.value for mode in Mode])
        written.one_of("way to treat an old cassette", self.on_expiry, ON_EXPIRY)
        _ = self.longest_age
        written.one_of("way to show times", self.time, [FROZEN, SHIFTED])
        written.one_of("way to answer a miss", self.on_miss or MISS, [MISS, SANDBOX])
        if self.upstream_auth and not self.key_variable:  # which may be the key itself: it is not told
            raise UsageError(
                "The setting upstream_auth must name the variable that the key stands in, never the key: "
                "env:STRIPE_API_KEY."
            )
        if self.webhook_secret and not self.webhook_variable:
            raise UsageError(
                "The setting webhook_secret must name the variable that the secret stands in, never the secret: "
                "env:STRIPE_WEBHOOK_SECRET."
            )
        if self.webhook_retries < 0:
            raise UsageError("The setting webhook_retries must be 0, for no second delivery, or more.")
        if self.lenient and self.on_miss == SANDBOX:
            raise UsageError("An unknown state is answered by lenient or by on_miss, not by both. Leave one out.")
        if self.strict and self.on_miss == SANDBOX:
            raise UsageError("With strict nothing is answered but what was recorded, with on_miss more. Leave one out.")
        for name, named, what in (
            ("volatile", self.volatile, "names of fields"),
            ("ignore_headers", self.ignore_headers, "names of headers"),
            ("cors", self.cors, "origins"),
            ("hosts", self.hosts, "names of hosts"),
            ("more_upstreams", self.more_upstreams, "origins"),
            ("faults", self.faults, "rules of faults"),
        ):
            if not isinstance(named, str) and not all(isinstance(one, str) for one in named):
                raise UsageError(f"The setting {name} must hold {what}, not {named!r}.")
        for port in (self.port, self.webhook_port):
            if not 0 <= port <= 65535:
                raise UsageError(f"Port {port} does not exist. Use one from 1 to 65535, or 0 for any.")
        if self.https and self.as_proxy:
            raise UsageError("The proxy of a client is asked by HTTP, and speaks TLS behind that. Leave https out.")
        if self.others and not self.as_proxy:
            raise UsageError("Several upstreams are told apart by the hosts that a proxy is asked for. Set as_proxy.")
        for stored in filter(None, (self.store, self.root if self.is_stored else "")):
            store.Address.of(stored)  # which says itself what is wrong with it
        written.check_places(self.listen, self.names)
        if self.body_limit < 1 or not self.timeout > 0:  # nor is nan
            raise UsageError("The body limit and the timeout must be more than nothing.")
        if not 0 <= self.rate < inf:  # nor is nan
            raise UsageError("The rate must be a number of requests in a second, or 0 for any number.")
        if not all(seconds > 0 for seconds in (self.stream_timeout, self.request_timeout, self.idle_timeout)):
            raise UsageError("The timeouts of streams, of requests and of idle connections must be more than nothing.")
        if self.epoch:
            written.seconds(self.epoch)
        if isinstance(self.vcrpy, str) and self.vcrpy:
            raise UsageError(f"The setting vcrpy must be a table of vcrpy's settings, not {self.vcrpy!r}.")
        _ = self.fault_rules, self.held_back  # which say themselves what is wrong with them
        if not isinstance(self.rules_table.get(table.BASE, ""), str):
            raise UsageError(
                f"rules.{table.BASE} must be the name of a set of rules, not {self.rules_table[table.BASE]!r}."
            )
        if self.rules_name:
            written.one_of("set of rules", self.rules_name, list(registry.RULES))
        table.extended(
            registry.GENERIC_RULES, self.rules_table
        )  # whichever they will extend: it says what is wrong with the table
        upstream = self.upstream if self.upstream in ("", SANDBOX) else written.plain_origin(self.upstream, "upstream")
        return replace(
            self,
            cassette=written.below(self.folder, self.cassette),
            record_mode=mode,
            upstream=upstream,
            origin=written.plain_origin(self.origin, "origin") if self.origin else "",
            webhooks=self.webhooks if self.webhooks in ("", TEST) else written.address(self.webhooks, "endpoint"),
            more_upstreams=[written.plain_origin(each, "upstream") for each in self.others] or "",
            cors=[written.plain_origin(page, "page's origin") for page in self.pages] or "",
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of several places, and where each comes from."""

    values: dict[str, Any]
    origins: dict[str, str]

    @classmethod
    def of(cls, *places: Place) -> Self:
        """The later place wins; of tables each key does. A UsageError names the place of a wrong setting."""
        values, origins = dict[str, Any](), dict[str, str]()
        for place, given in places:
            ours, theirs = vcr_words.sorted_out(given, place)
            for name, value in ours.items():
                values[name] = written.laid_over(values.get(name), _checked(name, value, place))
                origins[name] = place
            if theirs:
                values["vcrpy"], origins["vcrpy"] = {**(values.get("vcrpy") or {}), **theirs}, place
        return cls(values, origins)

    @property
    def settings(self) -> Settings:
        return Settings(**self.values).validated()

    @property
    def table(self) -> list[tuple[str, Any, str]]:
        """Name, value and place of each setting there is, in the order in which they are declared."""
        settings = self.settings
        return [(name, getattr(settings, name), self.origins.get(name, DEFAULT)) for name in TYPES]


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def origins(
    given: Mapping[str, Any], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Where each setting has its value from, the last place that gives it: `default`, `[tool.replayer]`, `environment`,
    or nothing where it is passed in."""
    chosen = Chosen.of(*standing(folder or Path.cwd(), environment), (PASSED, _present(given)))
    return {name: chosen.origins.get(name, DEFAULT) for name in TYPES}


TYPES = {each.name: written.types_of(each.type) for each in fields(Settings)}


def _checked(name: str, value: Any, place: str) -> Any:
    """The value in the type of its setting. Text from the environment is read; anything else must be right already."""
    if PREFIX + name.upper() == AUTHORIZATION:
        raise UsageError(f"The authorization may be given only in the environment, as {AUTHORIZATION}.")
    if name not in TYPES:
        raise unknown(name, f"setting (in {place})" if place else "setting", list(TYPES))
    return written.read(name, value, TYPES[name], place)
