"""Ids, request ids and capability URLs: each made of a time, the account and chance, and all three are passed in.

    in_1 UI6qs HIBYZYyePr ZqHAeqdY      the structured family: generation, second, account, chance
    cus_VIiH j0TY6gyFLY                 the short family: minute, chance

So an id tells when it was made and by which account: that is what makes ids private, and what makes these realistic.
"""

import base64
import hashlib
import random
import re
from dataclasses import dataclass
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
EPOCH: Final = 1342389380  # 2012-07-15T21:56:20Z: second 0 of an id
URL_EPOCH: Final = 1609459200  # 2021-01-01T00:00:00Z: second 0 of a capability URL
SHORT: Final = frozenset({"cus", "prod", "si", "person"})
THIRD_GENERATION: Final = frozenset({"pi", "ch", "re", "txn"})  # payment objects begin with 3, all others with 1
FRAGMENT: Final = 10  # the account's last characters, which stand inside every structured id
_ACCOUNT: Final = re.compile(r"acct_[0-9A-Za-z]{16}")


def base62(number: int, width: int) -> str:
    """The last `width` digits of it; a time before the epoch counts as the epoch."""
    digits = ""
    number = max(number, 0)
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes the ids of one account."""

    account: str
    fragment: str
    chance: random.Random

    def token(self, length: int) -> str:
        return "".join(self.chance.choices(ALPHABET, k=length))

    def id(self, prefix: str, at: int) -> str:
        if prefix in SHORT:
            return f"{prefix}_{base62((at - EPOCH) // 60, 4)}{self.token(10)}"
        if prefix in THIRD_GENERATION:
            return f"{prefix}_3{base62(at - EPOCH, 5)}{self.fragment}{self.chance.choice('01')}{self.token(7)}"
        return f"{prefix}_1{base62(at - EPOCH, 5)}{self.fragment}{self.token(8)}"

    def invoice_prefix(self, customer: str) -> str:  # noqa: ARG002 - who names by origin asks whose it is
        return "".join(self.chance.choices(ALPHABET[:36], k=8))

    def secret(self, at: int) -> str:
        """What an invoice's capability URLs hold of it: the minute code and chance, 31 characters."""
        return base62((at - EPOCH) // 60, 4) + self.token(27)

    def client_secret(self, invoice: str, secret: str) -> str:
        """What an invoice is confirmed with: made of its own secret, so that it stays the same."""
        return f"pi_3{invoice[4:20]}{secret[4:12]}_secret_{secret[6:31]}"

    def event_id(self, at: int, number: int) -> str:
        """Of the account's event of that number. It draws nothing: what is told changes no other id."""
        return f"evt_1{base62(at - EPOCH, 5)}{self.fragment}{self._apart(f'event {number}', 8)}"

    def endpoint(self, at: int, number: int) -> tuple[str, str]:
        """The id of the account's webhook endpoint of that number, and what its deliveries are signed with."""
        name = f"we_1{base62(at - EPOCH, 5)}{self.fragment}{self._apart(f'endpoint {number}', 8)}"
        return name, f"whsec_{self._apart(f'secret of {name}', 32)}"

    def _apart(self, text: str, length: int) -> str:
        """Characters that follow from the account and that text."""
        digest = hashlib.sha256(f"{self.account} {self.fragment} {text}".encode()).digest()
        return base62(int.from_bytes(digest), length)

    def urls(self, invoice: str, secret: str, at: int) -> tuple[str, str]:  # noqa: ARG002 - the same
        """The hosted page and the PDF of an invoice, as read in second `at`."""
        return capability_urls(self.account, secret, at)


def request_id(chance: random.Random) -> str:
    return "req_" + "".join(chance.choices(ALPHABET, k=14))


def apart(chance: random.Random) -> random.Random:
    """Chance of its own: what is drawn from it changes nothing in what the first one gives later."""
    return chance if isinstance(chance, random.SystemRandom) else random.Random(chance.getrandbits(64))  # noqa: S311 - as chance as the first


def mint_account(at: int, chance: random.Random, name: str | None = None) -> Mint:
    """The mint of a new account, or of one that a client named. An odd name, which holds no fragment, gets one."""
    mint = Mint("", "".join(chance.choices(ALPHABET, k=FRAGMENT)), chance)
    if name is None:
        return Mint(f"acct_1{base62(at - EPOCH, 5)}{mint.fragment}", mint.fragment, chance)
    return Mint(name, name[-FRAGMENT:] if _ACCOUNT.fullmatch(name) else mint.fragment, chance)


def capability_urls(account: str, secret: str, at: int) -> tuple[str, str]:
    """The hosted page and the PDF of an invoice, as read in second `at`: another second gives other URLs."""
    plain = f"{account},_{secret},{max(at - URL_EPOCH, 0)}".encode()
    signature = base62(int.from_bytes(hashlib.sha256(plain).digest()[:8]), 8)
    token = f"test_{base64.urlsafe_b64encode(plain).decode().rstrip('=')}0200{signature}"
    return addresses(account, token)


def addresses(account: str, token: str) -> tuple[str, str]:
    return (
        f"https://invoice.stripe.com/i/{account}/{token}?s=ap",
        f"https://pay.stripe.com/invoice/{account}/{token}/pdf?s=ap",
    )
