"""How a webhook shows who has sent it: `t=<when>,v1=<HMAC-SHA256 of "when.body">`, in the header `Stripe-Signature`.

https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac

HEADER = "Stripe-Signature"
SECRET = "whsec_replayer0000000000000000000000000"  # noqa: S105 - it is known to everybody, and opens nothing
"""What programs verify with all that Replayer delivers: the same for each cassette."""


def signed(body: bytes, secret: str, at: int) -> str:
    """The header of a body that is sent at that time, in seconds since 1970."""
    return f"t={at},v1={_sum(body, secret, str(at))}"


def is_signed(header: str, body: bytes, secret: str) -> bool:
    """Whether one of the signatures in a header is made with that secret over that body; whenever that was."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    at = next((value for name, _, value in pairs if name == "t"), "")
    sums = [value for name, _, value in pairs if name == "v1"]
    expected = _sum(body, secret, at)
    return any(hmac.compare_digest(expected.encode(), found.encode()) for found in sums)


def _sum(body: bytes, secret: str, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
