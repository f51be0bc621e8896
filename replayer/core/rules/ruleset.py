"""What a set of rules is made of: which values of an API are times, tokens, secrets. Data, not code; the core knows an
API only by these."""

import re
from dataclasses import dataclass
from functools import lru_cache

from replayer.core.message import shapes
from replayer.core.rules.personal import is_personal


@lru_cache(1024)  # the same names stand in every message
def plain_name(name: str) -> str:
    """A name however it is written: `X-Api-Key`, `api_key` and `apiKey` are one."""
    return name.lower().removeprefix("x-").translate({ord("-"): None, ord("_"): None})


# How APIs name their times: `capture_before`, `capturedAt`, `X-Expires-At`, `date_created`. Only what is written as a
# time is one: 30 is no time of 1970, "daily" none at all.
TIME_ENDING = re.compile(
    r"(?i:[_.-](?:at|before|after|until|till|since|on|date|time|datetime|timestamp|ts|utc|epoch|expiry|expires|deadline"
    r"|expiration|thru|through|seen|activity|login|sync|renewal|reset|due|anchor|run|attempt|heartbeat"
    r"|(?:time|date|timestamp|epoch|ts)[_-](?:ms|millis|utc)))$"
    r"|(?<=[a-z0-9])(?:At|Before|After|Until|Since|On|Date|Time|Timestamp|Ts|Utc|UTC|Epoch|Expiry|Expires|Deadline"
    r"|Expiration|Thru|Through|For|Seen|Activity|Login|Sync|Renewal|Anchor|Run|Attempt|Heartbeat|(?:Time|Date|Timestamp|Epoch)(?:Ms|Millis|Utc|Original))$"
    r"|(?i:^(?:date|period|interval|timestamp|time|unix|epoch)[_-]\w+$)"
    r"|(?i:(?:period|trial|term|window|session|shift|event|cycle|phase|sale|campaign|lease|rental|contract|coverage"
    r"|validity|maintenance|outage|embargo|cooldown|lockout|warranty|grace|notice)[_-]?(?:start|end)s?$)"
    r"|(?i:^(?:valid|effective|pickup|available|active)[_-]?from$)|^time[A-Z][a-z]+ed$|(?<=[a-z])LastSet$"
    r"|(?i:(?:^|[_-])(?:due|action|respond|reply|pay|return)[_-]?by$)|(?<=[a-z])(?:Due|Action|Respond|Pay)By$"
    # Of what was done, the last time and the next one: `last_synced`, `lastPasswordUpdate`, `next_check`.
    r"|(?i:^(?:[a-z]+[_-])?(?:last|next|first|prev|previous)[_-]?(?:[a-z]+[_-]?)??(?:change|update|contact|scan|poll|check"
    r"|refresh|retry|access|active|use|modified|viewe?|backup|visit|execution|success|failure|sync|ping|fire)e?[ds]?"
    r"(?:[_-]by[_-]me)?$)"
    # What has become of an object, where that is told by when: `"shipped": 1795350000`.
    r"|(?i:^(?:opened|closed|resolved|shipped|captured|started|finished|completed|queued|enqueued|dequeued|scheduled"
    r"|pushed|released|published|generated|activated|deactivated|cancell?ed|accessed|archived|ended|begins?|ends?|now"
    r"|departure|arrival|check[_-]?in|check[_-]?out|as[_-]?of|birthday|retrieved|fetched|submitted|approved|rejected"
    r"|verified|visited|watermark|high[_-]?watermark|low[_-]?watermark|follow[_-]?up|snoozed|revoked|settled)$)"
    r"|(?i:^(?:ts|[acm]time(?:ms)?|reset|due|deadline|renewal|expiry|joined|birth|systemmodstamp"
    r"|(?:start|end|finish|begin|unix|create|update|modify|expire|last|event)(?:time|date|timestamp|stamp|ts|mod))$)"
)
LONGEST_NAME = 64  # characters; nobody calls a time by more


@lru_cache(4096)
def _ends(name: str) -> bool:
    return TIME_ENDING.search(name) is not None


def _ends_like_a_time(name: str) -> bool:
    return len(name) <= LONGEST_NAME and _ends(name)


@dataclass(frozen=True, slots=True)
class Token:
    """A token without the shape of an id, at a field that is known to hold one, or at that parameter of a link.

    `pattern` finds it in the field's text, as its group `token`. The owner is the object at the dotted path `owner`
    below the object that holds the field, "id" being that object itself. Tokens with the same `name` of the same owner
    are one token: an invoice's number begins with its customer's prefix. A token without an owner, as a cursor, is
    named by its origin. `alphabet` is what the stand-in is spelled in, `length` how long it is: 0 means as long as the
    token, which will not do for one that may be longer next time. The stand-in of one that is `certified` has a
    checksum: it is told from a real one wherever it stands. One that is `random` is only what chance has made. One of
    `numbers` may be a number of JSON, whose stand-in is another one of as many digits.
    """

    key: str
    pattern: re.Pattern[str]
    name: str
    owner: str = "id"
    alphabet: str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    length: int = 0
    certified: bool = False
    random: bool = False
    numbers: bool = False


# What a link to another page of a list hands on is a cursor, whatever it is called there: letters and digits, no word;
# base64 has no digit once in some hundred tokens, but shows by its end or by its length.
LED_TO = "\0led to"
CURSOR = re.compile(
    r"^(?=[^0-9]*[0-9]|[^=]*=|[A-Za-z+/]{32})(?=[^A-Za-z]*[A-Za-z])(?!\d{4}-\d\d)(?P<token>[0-9A-Za-z+/_=.~-]{12,})$"
)
CURSOR_LENGTH = 24  # of a stand-in: as many names as 142 bits have, whatever is encoded in the token this time
LED = Token(LED_TO, CURSOR, "cursor", owner="", length=CURSOR_LENGTH)

# Other fields that hold one, by how they are called: `nextPageKey`, `NextContinuationToken`, `bookmark`.
CURSOR_NAME = re.compile(
    r"(?i:(?:next|prev|previous|continuation|page|paging|scroll|sync|delta|resume|start|end|search|stream|last|shard|more)"
    r"[\w-]{0,40}(?:token|key|cursor|marker|bookmark|iterator|state|after|anchor|batch|checkpoint|position)$)"
    r"|(?i:(?:^|[_-])(?:cursor|bookmark|marker|pit_id)$)|(?<=[a-z])(?:Cursor|Bookmark|Marker)$"
)
# What networks, banks and carriers call a thing, made anew in each run: letters and digits, no word. Those of digits
# only get digits, and are of so many that no amount, day or second of any other field is the same number.
REFERENCE_NAME = re.compile(
    r"(?i:(?:transaction|trace|network|acquirer|retrieval|settlement|authori[sz]ation|psp|payment|refund|mandate"
    r"|tracking|confirmation|receipt|booking|reservation|correlation|request|upload|version|debug|host|approval|auth"
    r"|clearing|batch|invoice|ticket|shipment|consignment|parcel|waybill|message|sms|call|conversation|job|case"
    r"|incident|record|event|operation|end[_-]?to[_-]?end|process|execution|run|payout|charge|claim|rma|policy|permit)"
    r"[_-]?(?:transaction|reference|id|audit)?[_-]?(?:id|reference|ref|number|code|locator)$)"
    r"|(?i:(?:^|[_-])(?:rrn|arn|stan|utr|uetr|pnr|awb|waybill|locator|reference|reference[_-]number|accessor|nonce)$)|(?<=[a-z])Reference(?:Number)?$"
)
CALLED = "\0called"
REFERENCE = Token(
    CALLED,
    re.compile(r"^(?P<token>(?=[^0-9]*[0-9])(?=[0-9]*[A-Za-z]|[0-9]{12})[0-9A-Za-z]{8,64})$"),
    "reference",
    owner="",
)


# The same with signs in it, which words have, too: only what chance has made. A nonce may begin with its second.
ODD_REFERENCE = Token(
    CALLED,
    re.compile(r"^(?:\d{4}-\d\d-\d\dT[0-9:]{8}Z)?(?P<token>[0-9A-Za-z._~+/=-]{20,})$"),
    "reference",
    owner="",
    length=CURSOR_LENGTH,
    random=True,
)
# What an object is called by itself, where nothing else shows that it was minted: capitals and digits in turns, or
# letters of both cases and digits, as nanoid has them.
IDENTITY_NAME = re.compile(r"(?i:(?:^|[_-])[gu]?id$|^_?s?id$)|(?<=[a-z])I[dD]$|^Id$")
IDENTITY = "\0identity"
# What holds the time at which it was minted: KSUID, ULID in small letters, xid, cuid, push id, snowflake, object id.
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORMS_OF_TIMES = (
    (r"(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])[0-3][0-9A-Za-z]{26}", BASE62),
    (r"(?=[a-v]*[0-9])[89a-h][0-9a-v]{18}[0g]", "0123456789abcdefghijklmnopqrstuv"),
    (r"(?=0[a-z]*[0-9])0[0-9a-hjkmnp-tv-z]{25}", "0123456789abcdefghjkmnpqrstvwxyz"),
    (r"(?=[a-z]*[0-9])c[e-p][0-9a-z]{23}", "0123456789abcdefghijklmnopqrstuvwxyz"),
    (r"-[L-Z][0-9A-Za-z_-]{18}", BASE62),
    (r"[1-9][0-9]{16,18}", "0123456789"),
    (r"(?=[0-9]*[A-F])[4-9][0-9A-F]{23}", "0123456789ABCDEF"),
)
DATED = tuple(
    Token(IDENTITY, re.compile(f"^(?P<token>{form})$"), "id", owner="", alphabet=alphabet)
    for form, alphabet in FORMS_OF_TIMES
)
IDENTITIES = (
    *DATED,
    Token(
        IDENTITY,
        re.compile(r"^(?P<token>(?![A-Z]+[0-9]+$)(?![0-9]+[A-Z]+$)(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[0-9A-Z]{10,40})$"),
        "id",
        owner="",
        alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    Token(IDENTITY, re.compile(r"^(?P<token>[0-9A-Za-z_-]{20,64})$"), "id", owner="", random=True),
)


@lru_cache(4096)
def called(key: str) -> str:
    """Under which name a field has a rule that is called as many are; empty where it is not."""
    if len(key) > LONGEST_NAME:
        return ""
    if CURSOR_NAME.search(key):
        return LED_TO
    return CALLED if REFERENCE_NAME.search(key) else IDENTITY if IDENTITY_NAME.search(key) else ""


@dataclass(frozen=True, slots=True)
class Copied:
    """A time that an object copies from another one: it is named as it is named there.

    Objects of type `kind` have under `places` (a prefix of the path in them) the times of the object at `source`.
    """

    kind: str
    place: str
    source: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """Objects of type `kind` tell what was done, and to what: each is named by that, wherever it is seen first, and so
    is what it alone has told.

    All others are dotted paths in it: of its own type, of the object that it is `about`, of the `request` that did it
    and of that one's idempotency `key`, and of what the object was `before`. `passing` are the members that tell only
    how far it has been delivered.
    """

    kind: str = "event"
    type: str = "type"
    about: str = "data.object.id"
    request: str = "request.id"
    key: str = "request.idempotency_key"
    before: str = "data.previous_attributes"
    passing: frozenset[str] = frozenset({"pending_webhooks"})


@lru_cache(1024)
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form)


@dataclass(frozen=True, slots=True)
class Secret:
    """Something of a form, a regular expression, that is scrubbed wherever it stands. Only its group `keep` survives.

    One of `signs` stands in whatever the form finds; looking for these is ten times as fast. None are known of the
    form that has none. A `public` one tells only whose it is, and may stand in anybody's file. One that is `wide`
    may begin before its value, with the name of a field: it is looked for in the whole of a message, too.
    """

    name: str
    form: str
    signs: tuple[str, ...] = ()
    public: bool = False
    wide: bool = False

    def __hash__(self) -> int:
        """Of the name alone: it is asked for with each text that is scrubbed."""
        return hash(self.name)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds it. Compiled when it is first looked for: texts hold the signs of two or three of a hundred."""
        return _compiled(self.form)


@dataclass(frozen=True, slots=True)
class Paging:
    """How an API tells a list in pages. The parameters `after` and `before` are cursors, ids of objects in the list;
    `limit` says how many objects at most, `default` where it is not given, and one out of range is pulled into it.
    `items` and `more` are the members of the answer that hold the objects and whether there are more of them, on the
    side that the page walks to; an answer that has these `marks` is such a list. What else it may hold, `same`, is the
    same in each of its pages: one with a member that nobody knows is no page that others could be written like.
    """

    marks: tuple[tuple[str, str], ...]
    same: frozenset[str]
    items: str
    more: str
    after: str
    before: str
    limit: str
    default: int
    least: int
    most: int


# Words in the names of headers: what an answer cost, how long it took, who gave it, which one it was.
PASSING = frozenset(
    {
        "cost", "credits", "quota", "rate", "ratelimit", "throttle", "usage", "requests", "retry",
        "time", "timing", "timer", "runtime", "duration", "elapsed", "latency", "ms", "took", "expires",
        "server", "host", "hostname", "node", "pod", "backend", "instance", "worker", "region", "zone", "shard",
        "request", "requestid", "correlation", "trace", "traceid", "span", "session", "transaction", "operation",
        "cookie", "nonce", "cache", "cached", "hits", "age", "debug", "queries", "warning",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Positional:
    """What the styles have in common in which a page begins behind so many objects.

    Of a request, one of the parameters `where` tells where the page begins, and one of `size` how many objects it has
    at most: `default` where none does, and one out of range is pulled into it. Numbers begin at `first`, 0 or 1. What
    is None there is not known, and recorded pages have to show it.

    Of an answer, `items` is the dotted path of the array that holds the objects, "" where it is the only one; it has
    these `marks`. By the names of its members and headers, `more` tell whether the list goes on, `last` that it does
    not, `next` where it does (a link, a token, a number; nothing at the end), `previous` where the page before is, and
    `total` how many objects there are.
    What those that are `sized` tell is another number for another size. Headers with a word in their names that is
    `passing` tell nothing of the page.
    `even` says that all pages have the same members, `short` that a page which is shorter than was asked for is the
    last one.
    """

    where: tuple[str, ...]
    size: tuple[str, ...]
    default: int | None = None
    least: int = 1
    most: int | None = None
    marks: tuple[tuple[str, str], ...] = ()
    items: str = ""
    more: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    next: frozenset[str] = frozenset()
    previous: frozenset[str] = frozenset()
    total: frozenset[str] = frozenset()
    sized: frozenset[str] = frozenset()
    passing: frozenset[str] = PASSING
    even: bool = False
    short: bool = False
    first: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ByToken(Positional):
    """A page begins where the token says that an answer gave with the page before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByNumber(Positional):
    """Pages of one size have numbers, and the first one is `first`."""

    first: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByOffset(Positional):
    """A page begins at the number of an object, and the first one's is `first`."""


Style = Paging | Positional


@dataclass(frozen=True, slots=True)
class Nested:
    """A list that stands within an object under `place` and can be asked for by itself, at the path that is its `url`.
    It is told there without the members `dropped`; within the object it is the page that has no cursor."""

    place: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """How a list's parameter reads an object: it equals what stands at that dotted `path`, of an expanded object its
    id. `ranged` ones are times that can be compared, `created[gte]`; `values` are all that the API knows, if it knows
    only some; `names` is the collection that it names an object of, which the API may not know; of an `absent` one
    "true" means that nothing stands there."""

    key: str
    path: str
    ranged: bool = False
    values: frozenset[str] = frozenset()
    names: str = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Unmoved:
    """Objects, by the prefix of their ids, whose own text stays as it is when the writes that `by` matches (method and
    path, from the beginning) only name them."""

    prefix: str
    by: re.Pattern[str]


# Request headers that choose the answer, of any API: those that name an operation or a part of what is there, and those
# that name its form.
CHOOSING = (
    "range", "last-event-id", "x-ms-range", "x-http-method-override", "x-http-method", "x-method-override",
    "soapaction", "x-amz-target",
)  # fmt: skip
PREFERRING = ("accept", "accept-language", "accept-profile", "content-profile", "prefer", "depth")
# By how they are called, others choose too: what is done, where, whose it is, which part, in which words.
CHOOSING_NAME = re.compile(
    r"^(?!sec-|access-control-|x-stainless-)(?:destination|overwrite|content-range|upload-offset|hx-request|turbo-frame"
    r"|time-?zone|accept-(?:charset|datetime|patch|crs)|want-(?:repr-|content-)?digest"
    r"|(?:[a-z0-9]+-)*(?:action|method|operation|operation-name|filter|range|field-?mask|tenant|organi[sz]ation"
    r"|currency|locale|language|lang|timezone|copy-source|page|cursor|offset|api-arg|(?:page|result)-size"
    r"|(?:tenant|org|organi[sz]ation|workspace|account|project|store|site|shop)-id))$"
)
CHANCE = re.compile(r"[0-9]{5}")  # in a value that only one run has


@lru_cache(4096)
def chooses(name: str, value: str) -> bool:
    """Whether a request's header of that name, in small letters, chooses the answer by that value, for all that its
    name tells. What only chance can have made is another value in the next run."""
    if len(name) > LONGEST_NAME or not CHOOSING_NAME.search(name):
        return False
    return bool(value) and not CHANCE.search(value) and not any(shapes.ids(value))


@dataclass(frozen=True, slots=True)
class Rules:
    """All that the core needs to know of one API."""

    name: str
    hosts: tuple[str, ...]
    times: frozenset[str]  # names of fields that hold times; those with a usual ending hold some besides: `is_time`
    born: tuple[str, ...]  # of these, the ones that tell when their object was made, best first
    moving: frozenset[str]  # of these, the ones that each write of their object sets anew
    tokens: tuple[Token, ...]
    copied: tuple[Copied, ...]
    secrets: tuple[Secret, ...]
    account_prefix: str  # of account ids
    account_fields: frozenset[str]  # where these are the caller's own: named by who calls, wherever they stand first
    matched_headers: tuple[str, ...]  # request headers that are part of what is asked, lower case
    kept_headers: tuple[str, ...]  # request headers that a cassette keeps besides, lower case
    noise_headers: frozenset[str]  # response headers that change from deployment to deployment, lower case
    unordered: frozenset[str]  # lists in which order means nothing
    last_counts: bool  # of a key that a form or a query gives several times, the API reads the last value only
    keyed: frozenset[str]  # methods that heed an idempotency key; with all others it is repeated, and has no effect
    searches: frozenset[str]  # parameters whose text compares fields: `created>1795341600 AND status:'open'`
    cursors: frozenset[str]  # parameters that say where in a list, not which list
    views: frozenset[str]  # last segments of paths that show the collection above them
    embedding: frozenset[str]  # parameters that put other objects' texts into an answer
    refusals: frozenset[int]  # statuses of writes that were not carried out, and so changed nothing
    unmoved: tuple[Unmoved, ...]
    live_keys: re.Pattern[str]  # credentials that can move real money
    paging: tuple[Style, ...] = ()  # how its lists are told
    nested: tuple[Nested, ...] = ()
    homes: tuple[tuple[str, str], ...] = ()  # by the prefix of an id, the path of the collection that it stands in
    filters: tuple[tuple[str, tuple[Filter, ...]], ...] = ()  # by the path of the collection
    wide_secrets: tuple[Secret, ...] = ()  # of the secrets those that are looked for in the whole of a message, too
    secret_fields: frozenset[str] = frozenset()  # fields whose value is a secret whatever it looks like, by plain names
    # Collections, by their paths, whose objects are told by themselves in the same words as in a list and by a write.
    alike: re.Pattern[str] | None = None
    events: tuple[EventKind, ...] = ()
    others: frozenset[str] = frozenset()  # origins besides that of the API: what is asked there is another question
    choosing: tuple[str, ...] = CHOOSING
    personal: tuple[str, ...] = ()  # ends of places where something of a person stands: `email`, `address.*`
    preferring: tuple[str, ...] = PREFERRING

    def is_time(self, name: str) -> bool:
        """Whether a field of that name holds times, in any spelling of them."""
        return name in self.times or _ends_like_a_time(name)

    def is_personal(self, place: str) -> bool:
        """Whether something of a person stands at that place, of JSON or a form."""
        return bool(self.personal) and is_personal(self.personal, place)

    @property
    def by_id(self) -> Paging | None:
        """The style whose cursors are ids of objects."""
        return next((style for style in self.paging if isinstance(style, Paging)), None)

    @property
    def by_place(self) -> tuple[Positional, ...]:
        """The styles whose pages begin behind so many objects."""
        return tuple(style for style in self.paging if isinstance(style, Positional))
