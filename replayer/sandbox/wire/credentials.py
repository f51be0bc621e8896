"""Who is asking. Any test key with a rest is welcome; a live key is refused aloud: it should not be here."""

import base64
import binascii
import re
from typing import Final

from replayer.sandbox.wire.refusals import Refusal

TEST_KEY: Final = re.compile(r"(sk|rk)_test_.+", re.DOTALL)
LIVE_KEY: Final = re.compile(r"(sk|rk|sk_org)_live_", re.DOTALL)
PUBLISHABLE: Final = re.compile(r"pk_(test|live)_", re.DOTALL)
_PREFIX: Final = re.compile(r"[a-z]{2}(_org)?_(test|live)_")
UNMASKED: Final = 12  # a bogus key so short was seen echoed as it was
SHOWN: Final = 4

NO_KEY: Final = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we "
    "can help at https://support.stripe.com/."
)
PUBLIC: Final = (
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your "
    "API keys at https://dashboard.stripe.com/account/apikeys."
)


def unauthorised(authorization: str | None) -> Refusal | None:
    """None where the header holds a test key, as bearer or as the user of basic authentication."""
    key = key_of(authorization or "")
    if not key:
        return _refusal(NO_KEY)
    if LIVE_KEY.match(key):
        return _refusal(
            f"The sandbox refuses live API keys, and was sent one: {masked(key)}. It has gone nowhere else. Use a key "
            "that begins with sk_test_ or rk_test_."
        )
    if PUBLISHABLE.match(key):
        return _refusal(PUBLIC, code="secret_key_required")
    if not TEST_KEY.fullmatch(key):
        return _refusal(f"Invalid API Key provided: {masked(key)}")
    return None


def _refusal(message: str, code: str | None = None) -> Refusal:
    return Refusal(message, 401, code=code, logged=False)


def key_of(authorization: str) -> str:
    """The key in the header; empty where there is none. Basic authentication may hold it plain or encoded."""
    scheme, _, rest = authorization.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest
    if scheme.lower() != "basic":
        return ""
    if _PREFIX.match(rest):
        return rest.partition(":")[0]
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return rest


def masked(key: str) -> str:
    """The prefix and the last four stay, and the length."""
    if len(key) <= UNMASKED:
        return key
    found = _PREFIX.match(key)
    prefix = found[0] if found else ""
    hidden = max(len(key) - len(prefix) - SHOWN, 0)
    return prefix + "*" * hidden + key[len(prefix) + hidden :]
