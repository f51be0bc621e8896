"""The signature of a delivery: a second, and the HMAC of it and the body under the endpoint's secret. Pure."""

import hashlib
import hmac
from typing import Final

SECRET: Final = "whsec_replayer0000000000000000000000000"  # noqa: S105 - it is known to everybody, and opens nothing
"""What a listener verifies with, unless it has a secret of its own."""


def signed(body: bytes, secret: str, at: int) -> str:
    """The header `Stripe-Signature` for that body, sent in second `at`. The key is the secret's text, `whsec_` and
    all."""
    digest = hmac.new(secret.encode(), b"%d.%b" % (at, body), hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"
