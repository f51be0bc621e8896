"""Ids that are names already: what a sandbox mints that goes on for a recorded session. Each follows from the request
that it is made by, and none from chance or from the hour; so none is taken for a real one.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from replayer.core.naming import aliases
from replayer.core.rules import registry
from replayer.sandbox.ledger import ids

LONG: Final = 24  # characters behind the prefix, of a short family 14: as the API's own
CONFIRMING: Final = 25  # characters of a client secret, behind the intent that it belongs to
SECRET: Final = 32  # characters of what an endpoint's deliveries are signed with, behind its prefix
LINK: Final = 98  # characters of the token in an invoice's address
_ALPHABETS: Final = {rule.name: rule.alphabet for rule in registry.INVOICE_RULES.tokens}


@dataclass(slots=True)
class NameSource:
    """The request that is being answered. `expected` are the ids that its recorded answer holds, in their order; `made`
    is what it did not hold, and had to be made up."""

    text: str = ""
    expected: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)

    def begin(self, text: str, expected: Iterable[str] = ()) -> None:
        self.text, self.made = text, []
        self.expected = [name for name in dict.fromkeys(expected) if name not in self.used]

    def make(self, form: Callable[[str], str]) -> str:
        """The next of what is made up for that request."""
        self.made.append(form(f"sandbox\0{self.text}\0{len(self.made)}"))
        return self.made[-1]


@dataclass(frozen=True, slots=True)
class Namer(ids.Mint):
    """Makes the ids of one account; those that a recording holds are used, not made."""

    origin: NameSource

    def id(self, prefix: str, at: int) -> str:  # noqa: ARG002 - a name tells nothing of the hour
        emitted = next((name for name in self.origin.expected if name.rpartition("_")[0] == prefix), None)
        if emitted is None:
            return self.origin.make(partial(named, prefix, 14 if prefix in ids.SHORT else LONG))
        self.origin.expected.remove(emitted)
        return emitted

    def token(self, length: int) -> str:
        return self.origin.make(partial(aliases.plain_alias, "-" * length))

    def invoice_prefix(self, customer: str) -> str:
        return owned(customer, "invoice_prefix", 8)

    def secret(self, at: int) -> str:  # noqa: ARG002 - the same
        return self.token(31)

    def client_secret(self, invoice: str, secret: str) -> str:  # noqa: ARG002 - it follows from the invoice alone
        intent = named("pi", LONG, f"intent\0{invoice}")
        return intent + aliases.alias("prefixed", f"_secret_{'x' * CONFIRMING}", f"client secret\0{invoice}")

    def event_id(self, at: int, number: int) -> str:  # noqa: ARG002 - it follows from the request alone
        return self.origin.make(partial(named, "evt", LONG))

    def endpoint(self, at: int, number: int) -> tuple[str, str]:  # noqa: ARG002 - the same
        name = self.id("we", at)
        return name, aliases.alias("prefixed", f"whsec_{'x' * SECRET}", f"secret\0{name}")

    def urls(self, invoice: str, secret: str, at: int) -> tuple[str, str]:  # noqa: ARG002 - and each read has the same
        return ids.addresses(self.account, f"test_{owned(invoice, 'link', LINK)}")


def named(prefix: str, length: int, origin: str) -> str:
    """An id with that prefix and so many characters behind it."""
    return aliases.alias("prefixed", f"{prefix}_{'x' * length}", origin)


def owned(owner: str, rule: str, length: int) -> str:
    """The stand-in of a token that is named by whose it is: the one that a recording gives it."""
    return aliases.plain_alias("-" * length, f"owned\0{owner}\0{rule}", _ALPHABETS.get(rule, aliases.BASE62))


def namer(origin: NameSource, account: str | None) -> Namer:
    """What makes the ids of that account; of the own one, where no answer holds it, the one that a recording names."""
    name = account or named("acct", 16, "account\0")
    return Namer(name, name[-ids.FRAGMENT :], random.Random(0), origin)  # noqa: S311 - it is never asked for anything
