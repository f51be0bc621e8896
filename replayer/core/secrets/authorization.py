"""What an `Authorization` header shows, whatever its scheme: a token, a pair in base64, or parts with names."""

import base64
import re
from urllib.parse import unquote

from replayer.core.secrets.guesses import is_placeholder, plain_name

SURE = 8  # characters of a key or a token: one of two letters would be "found" in every text
# AWS4-HMAC-SHA256 Credential=..., Signature=...; OAuth oauth_token="..."; Token token=...; Digest response="..."
PART_OF_SCHEME = re.compile(r'(?P<name>[\w-]{1,40})=(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s,;"]+))')
# What such a scheme says in the open: it opens nothing, and stands in answers for other reasons.
OPEN_PARTS = frozenset(
    {
        "signedheaders", "realm", "username", "qop", "uri", "algorithm", "oauthversion", "oauthsignaturemethod",
        "oauthtimestamp", "oauthcallback", "ts", "nc", "charset", "scope", "version", "headers", "created", "expires",
    }
)  # fmt: skip


def credentials_in(authorization: str) -> frozenset[str]:
    """The secrets that an `Authorization` header carries: the token itself, with or without a scheme; of Basic also
    the password inside it, or the user where there is none worth the name, which is how API keys travel; of Digest the
    proof."""
    scheme, _, rest = authorization.strip().partition(" ")
    found = {rest.strip() or scheme}
    if scheme.lower() == "basic":
        user, _, password = _decoded(rest.strip()).partition(":")
        found.add(password if len(password) >= SURE else user)
    for match in PART_OF_SCHEME.finditer(rest):
        if plain_name(match["name"]) not in OPEN_PARTS and (value := match["quoted"] or match["plain"]):
            found |= {value, unquote(value)}
    # What we have scrubbed opens nothing, if its client shows itself with that.
    return frozenset(secret for secret in found if len(secret) >= SURE and not secret.endswith("***"))


def shown_by(authorization: str) -> str:
    """What an `Authorization` of any scheme shows; empty where it is a placeholder."""
    scheme, _, rest = authorization.strip().partition(" ")
    secret = rest.strip() or scheme
    inside = _decoded(secret) if scheme.lower() == "basic" else ""
    return "" if all(map(is_placeholder, inside.split(":", 1) if inside else [secret])) else secret


def _decoded(run: str) -> str:
    """The text behind base64, either alphabet; empty where it is none."""
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:  # no base64, or of no text
        return ""
