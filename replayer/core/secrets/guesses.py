"""Guesses: the words and the forms that make a thing likely and prove nothing, all in one place, each with its reason.

a name            password, X-Api-Key             what stands there may be a credential
a value           REDACTED, <token>, ****         it only stands where a credential would
a link            .../c/pay/cs_test_1#fidkdWx...  what opens it is in its path
a name and value  order_id=A17f3c9d, ada@x.test   a program made it up: it is another one in every run
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeVar
from urllib.parse import unquote

from replayer.core.message import shapes
from replayer.core.rules import Rules, generic, ruleset
from replayer.core.secrets.standing import holds as holds  # asked for beside what is guessed

plain_name = ruleset.plain_name
SHORT = 400  # characters of a text that is searched for all signs at once; in longer ones each is found faster


# -- names of credentials ---------------------------------------------------------------------------------------------

# A password may be any word of four letters: its name is all that there is.
PASSWORDS = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "newpassword", "oldpassword", "currentpassword",
        "passwordconfirmation",
    }
)  # fmt: skip
# Keys and tokens that vendors call so in JSON; the names that any API has for them are rules.
KEYS = frozenset(
    {
        "accesskey", "secretaccesskey", "accesskeysecret", "clientassertion", "privatekey", "apisecret", "apppassword",
        "signingkey", "encryptionkey", "masterkey", "sharedkey", "sharedaccesskey", "accountkey", "recoverycode",
        "recoverycodes", "backupcode", "backupcodes", "assertion", "secretid",
    }
)  # fmt: skip
NAMED = frozenset(map(plain_name, generic.CREDENTIALS)) | KEYS
# Of those the words that everybody uses: "token" is a coin, too, and "signature" a line below a letter.
EVERYBODYS = frozenset({"secret", "token", "signature", "sig", "sessionid"})
# So are these: a license has a key, and a voucher a code. What opens something is random there.
LOOSE = (
    "authcode", "authorizationcode", "devicecode", "usercode", "pairingcode", "activationcode", "invitecode",
    "jwt", "csrf", "xsrf", "connectionstring", "secretvalue", "rlkey", "resourcekey",
    "hmackey", "webhookkey", "integrationkey", "licensekey", "ephemeralkey", "unsealkey", "sessionkey", "serverkey",
    "storagekey", "signaturekey", "secretkey", "consumerkey", "routingkey", "writekey", "adminkey", "servicekey",
    "deploykey", "cipherkey", "authkey",
)  # fmt: skip
EVERYBODYS |= {*LOOSE} - NAMED
SEARCHED = NAMED | PASSWORDS | EVERYBODYS
# However vendors go on before these, it is one: `webhook_secret`, `dbPassword`, `botAccessToken`, `rsa_private_key`.
ENDING = re.compile(
    r"(?:secret|password|passphrase|privatekey|signingkey|encryptionkey|accesskey|masterkey|apikey|token"
    rf"|{'|'.join(LOOSE)})s?$"
)
# Tokens that say where, which one or once, and open nothing.
OPENS_NOTHING = re.compile(
    r"page|next|prev|cursor|continu|sync|delta|scroll|offset|marker|resum|watch|start|idempot|request|client(?:request)?token$"
    r"|(?:max|total|min|new|usage|input|output|prompt|completion|num|stop|eos|bos|pad|unk)\w*tokens?$"
)
# Headers that are called as no field is.
HEADERS = frozenset(
    {
        "authorization", "proxyauthorization", "privatetoken", "vaulttoken", "shopifyaccesstoken", "googapikey",
        "ocpapimsubscriptionkey", "ddapikey", "ddapplicationkey", "figmatoken", "circletoken", "xsrftoken",
        "rapidapikey", "authkey", "gitlabtoken",
    }
)  # fmt: skip
UNFORGED = frozenset({"csrftoken", "xsrftoken"})  # against forged requests: they open nothing without a cookie

# Cookies are called as every site likes. Those of a log-in have one of these in their name; those that count visitors
# look as random, and open nothing.
COOKIES = ("cookie", "set-cookie")
OF_A_LOGIN = re.compile(r"sess|sid\b|auth|token|csrf|xsrf|jwt|secret|remember|login", re.IGNORECASE)
OF_A_COUNTER = re.compile(r"_ga|_gi|_gcl|__utm|_fb|_hj|amplitude|mp_|ajs_", re.IGNORECASE)


@lru_cache(4096)
def ends_like_one(plain: str) -> bool:
    """Whether a plain name ends as those of credentials do."""
    return ENDING.search(plain) is not None and OPENS_NOTHING.search(plain) is None


def is_searched(plain: str) -> bool:
    """Whether a field or a parameter of that plain name may hold a credential."""
    return plain in SEARCHED or ends_like_one(plain)


def names_credential(name: str) -> bool:
    """Whether what stands under that name may be a credential, as a header, a field or a parameter."""
    plain = plain_name(name)
    return is_searched(plain) or plain in HEADERS


REMEMBERED = 16_384  # short lines of which is known what may be in them
MOST_RULES = 16  # sets of rules in one process; more of them are forgotten
V = TypeVar("V")


def for_secrets(make: Callable[[tuple[ruleset.Secret, ...]], V]) -> Callable[[tuple[ruleset.Secret, ...]], V]:
    """What is made of some secrets, made once. They are known by their identity: these are a few values of each
    process, and are asked for with each text."""
    made: dict[int, tuple[tuple[ruleset.Secret, ...], V]] = {}

    def found(secrets: tuple[ruleset.Secret, ...]) -> V:
        known = made.get(id(secrets))
        if known is None or known[0] is not secrets:
            if len(made) > MOST_RULES:
                made.clear()
            known = made[id(secrets)] = (secrets, make(secrets))
        return known[1]

    return found


def near(text: str, secrets: tuple[ruleset.Secret, ...]) -> list[ruleset.Secret]:
    """Those of the secrets that may stand in a text, by their signs."""
    signs = _signs_of(secrets)
    if len(text) <= SHORT and signs.any.search(text) is None:
        return []
    found = [number for sign, number in signs.each if sign in text]
    return [secrets[number] for number in sorted(set(found))] if found else []


@lru_cache(256)
def _any_of(signs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, signs)))


class _Signs:
    """The signs of some secrets. The empty text is one of whatever has none: it stands everywhere."""

    __slots__ = ("_in_line", "any", "each")

    def __init__(self, secrets: tuple[ruleset.Secret, ...]) -> None:
        self.each = [(sign, number) for number, secret in enumerate(secrets) for sign in secret.signs or ("",)]
        self.any = _any_of(tuple(sign for sign, _ in self.each)) if self.each else re.compile("(?!)")
        self._in_line = lru_cache(REMEMBERED)(self._looked_for)

    def standing_in(self, text: str) -> tuple[str, ...]:
        """Those that stand in a text. None of them has an end of line in it, and most lines were met before."""
        looked = (self._in_line(line) if len(line) <= SHORT else self._looked_for(line) for line in text.split("\n"))
        return tuple(sorted(set(chain.from_iterable(looked))))

    def _looked_for(self, line: str) -> tuple[str, ...]:
        return tuple(sign for sign, _ in self.each if sign in line)


_signs_of = for_secrets(_Signs)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What of a whole message may have to be scrubbed: asked of the whole, hardly a text in it has to be looked at.
    `signs` of secrets stand somewhere in it; or any text of it may hold something."""

    signs: tuple[str, ...] = ()
    everywhere: bool = False

    @classmethod
    def of(cls, whole: str, rules: Rules, credentials: frozenset[str]) -> "Suspicion":
        """Of a message by all its texts. What JSON has escaped says something else than it shows."""
        if "\\" in whole or holds(whole, credentials):
            return cls(everywhere=True)
        return cls(_signs_of(rules.secrets).standing_in(whole))

    def falls_on(self, text: str) -> bool:
        """Whether a text of that message may have to be scrubbed. What is encoded in it may be anything."""
        if self.everywhere or "%" in text or "+" in text:
            return True
        return bool(self.signs) and _any_of(self.signs).search(text) is not None


def may_hold(text: str, rules: Rules, credentials: frozenset[str]) -> bool:
    """Whether anything in a whole message may have to be scrubbed. What is escaped may be anything."""
    escaped = "\\" in text or "%" in text or "+" in text
    return escaped or bool(near(text, rules.secrets)) or holds(text, credentials)


def has_form(text: str, rules: Rules) -> bool:
    """Whether a text holds what its form alone shows to be a secret."""
    return any(secret.pattern.search(text) for secret in near(text, rules.secrets))


def spells_secret(number: str, rules: Rules) -> bool:
    """Whether a hexadecimal number is a secret's text in disguise."""
    try:
        text = bytes.fromhex(number).decode("ascii")
    except ValueError:
        return False
    return has_form(text, rules)


# -- links that open ------------------------------------------------------------------------------------------------

# Whoever has one may enter: what opens it is a long random segment of its path, or its fragment. Slugs, names of files
# and ids are none of it: chance changes its letters more often than a word does.
# A link as it stands in prose, in JSON and in HTML; its query has parameters, which have names.
# One without an origin begins with a word, which no base64 that begins with a slash does, and is a whole value.
LINK = re.compile(
    r"""(?:://[^\s/?#"'<>\\]+|^(?=/(?:v[0-9]{1,2}|[a-z][a-z_-]+)/)|(?<=["'=])(?=/(?:v[0-9]{1,2}|[a-z][a-z_-]+)/))"""
    r"""(?P<path>/[^\s?#"'<>\\]*)?(?:\?[^\s#"'<>\\]*)?(?P<fragment>#[^\s"'<>\\]*)?"""
)
PART = re.compile(r"[^/#!&=,;:|]+=*")
JOINTS = str.maketrans("", "", "-_.~%+=/ ")
LEAST_RANDOM = 20  # characters that chance has made: 119 bits of letters and digits, and no word is longer
LEAST_LOWER = 24  # where only one case is used
LEAST_FRAGMENT = 16  # of a fragment that is nothing else: 128 bits in base64url, some of whose characters are joints
CHANGING = 0.34  # of two neighbours, how often one is of another class; of random ones 0.62, of CamelCase under 0.33
CHANGING_LOWER = 0.3
CASES = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")


# `reply+<token>@in.example.com`: who writes to such an address writes in its owner's name.
ADDRESSED = re.compile(r"(?<=\+)[0-9A-Za-z][\w=-]{19,}(?=@[0-9A-Za-z])", re.ASCII)


def opening_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text what opens a link, or an address, begins and ends."""
    if not may_lead(text):
        return
    if "@" in text:
        yield from (match.span() for match in ADDRESSED.finditer(text) if is_random(match[0]))
    for link in LINK.finditer(text):
        for group in ("path", "fragment"):
            part = link[group]
            for match in PART.finditer(part) if part and len(part) > LEAST_RANDOM else ():
                if match.end() - match.start() < LEAST_RANDOM:
                    continue
                segment = match[0].rstrip(".!?*)]}")  # of the sentence, not of the link
                is_all = group == "fragment" and match.end() - match.start() == len(part) - 1
                if is_random(segment, LEAST_FRAGMENT if is_all else LEAST_RANDOM):
                    first = link.start(group) + match.start()
                    yield first, first + len(segment)


def may_lead(text: str) -> bool:
    """Whether a text may hold a link, to anywhere or within its own host."""
    return "://" in text or text[:1] == "/" or "@" in text or '"/' in text or "'/" in text or "=/" in text


def form_spans(text: str, rules: Rules) -> list[tuple[int, int]]:
    """Where in a text what its form alone shows to be a secret begins and ends."""
    return [match.span() for secret in near(text, rules.secrets) for match in secret.pattern.finditer(text)]


def is_random(segment: str, least_random: int = LEAST_RANDOM) -> bool:
    """Whether only chance makes such a segment. An id is none: it is known by its shape."""
    plain = unquote(segment) if "%" in segment else segment
    return len(plain) >= LEAST_RANDOM and not any(shapes.ids(plain)) and by_chance(plain, least_random)


def by_chance(plain: str, least_random: int = LEAST_RANDOM) -> bool:
    """Whether only chance makes such a text."""
    letters = plain.translate(JOINTS)
    runs = len(CASES.findall(letters))
    has = {
        kind
        for kind, inside in (("a", str.islower), ("A", str.isupper), ("0", str.isdigit))
        if any(map(inside, letters))
    }
    if not letters.isascii() or not letters.isalnum() or "0" not in has or len(has) < 2:
        return False
    least, changing = (least_random, CHANGING) if len(has) == 3 else (LEAST_LOWER, CHANGING_LOWER)
    return len(letters) >= least and runs - 1 >= changing * (len(letters) - 1)


# -- what people and tools write where a credential was, or never was ------------------------------------------------

# empty, ****, xxx-xxxx, sk_test_...: what is left is of no use
CROSSED_OUT = re.compile(r"\*{3}|\.{3}$|\u2026|(?<![0-9A-Za-z])[xX]{3,}(?![0-9A-Za-z])")
# <token>, ${API_KEY}, {{ key }}, [x]: a name in brackets
BRACKETED = re.compile(r"<.*>|\[.*\]|\(.*\)|\{.*\}|\$\{.*\}|\$[A-Za-z_]\w*|%\w+%|__\w+__", re.DOTALL)
# REDACTED, dummy-key-1, FAKE_TOKEN: one such word says so, whatever stands beside it
DISCLAIMERS = frozenset(
    {
        "redacted", "removed", "filtered", "hidden", "masked", "scrubbed", "sanitized", "sanitised", "censored",
        "deleted", "omitted", "dummy", "fake", "placeholder", "changeme", "replaceme", "notreal", "bogus", "invalid",
    }
)  # fmt: skip
# test_token, my-api-key, password123: nothing but words for what should stand there, and a number
ORDINARY = frozenset(
    {
        "a", "access", "any", "api", "app", "auth", "authorization", "basic", "bearer", "client", "cookie",
        "credential", "csrf", "default", "example", "false", "foo", "bar", "baz", "for", "goes", "here", "id",
        "insert", "jwt", "key", "mock", "mocked", "my", "nil", "none", "null", "of", "pass", "passphrase", "passwd",
        "password", "pk", "private", "public", "pwd", "refresh", "sample", "secret", "session", "signature", "sk",
        "some", "something", "string", "test", "testing", "the", "this", "token", "true", "undefined", "unused",
        "user", "username", "value", "valid", "your",
    }
)  # fmt: skip
COUNTER = 3  # digits that number a word; more of them may well be a secret
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W0-9A-Za-z_]+")
RUN = re.compile(r"[0-9A-Za-z]+")  # chance writes any word into a long one


def is_placeholder(text: str) -> bool:
    """Whether a text stands only where a credential would. A real one is none of these."""
    plain = text.strip().strip("\"'")
    if len({character for character in plain if character.isalnum()}) < 2:
        return True
    if CROSSED_OUT.search(plain) or BRACKETED.fullmatch(plain):
        return True
    words = _words(plain)
    if DISCLAIMERS.isdisjoint(words):
        return all(map(_is_ordinary, words))
    return any(not DISCLAIMERS.isdisjoint(_words(run)) for run in RUN.findall(plain) if not is_random(run))


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def _is_ordinary(word: str) -> bool:
    return word in ORDINARY or (word.isdecimal() and len(word) <= COUNTER)


# -- what a program made up -------------------------------------------------------------------------------------------

# Names that say where to begin, where to end and how much of it: `after_id`, `created[gte]`, `minDate`. A value there
# chooses, however random it looks: who declared it as made up would be answered with another part.
PARTS = frozenset(
    {
        "after", "before", "since", "until", "from", "to", "start", "end", "begin", "min", "max", "gt", "gte", "ge",
        "lt", "lte", "le", "page", "pages", "offset", "skip", "limit", "cursor", "size",
    }
)  # fmt: skip
# In a query a day chooses, and so does what is compared: `created>1764288000`, `total gt 1000`.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
COMPARED = re.compile(r"[<>]|\b[gl](?:te?|e)\b")
# Letters and digits mixed are no word; a number of eight digits is no page (4) and no amount (150000).
MIXED = re.compile(r"(?s)(?=.*[0-9]).*[A-Za-z]")
NUMBER = re.compile(r"[0-9]{8}")


def looks_minted(name: str, values: Iterable[str | None], never: frozenset[str], *, in_query: bool = False) -> bool:
    """Whether a field of that name is worth to be declared, which held these values. `never` are names that say where
    in a list; a query chooses by the times that it holds, a body may be told the moment."""
    says_which = name in never or not PARTS.isdisjoint(_words(name))

    def made_up(value: str) -> bool:
        return "@" in value or (not says_which and _is_made_up(value, in_query=in_query))  # mail goes `to` an address

    return all(value and made_up(value) for value in values)


def _is_made_up(value: str, *, in_query: bool) -> bool:
    if in_query and (DAY.match(value) or COMPARED.search(value)):
        return False
    return bool(MIXED.match(value) or NUMBER.search(value))
