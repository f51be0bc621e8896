"""The upstream's own key, which no client has: it goes out with each request in the place of the client's, and is told,
written and logged nowhere.

client  -- Bearer sk_test_any -->  Replayer  -- Bearer, and the real key -->  upstream
"""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self

from replayer.core.message import wire
from replayer.core.rules import Rules
from replayer.core.secrets import by_name
from replayer.errors import UsageError
from replayer.settings import Settings, authorization

AUTHORIZATION, API_KEY = "authorization", "x-api-key"
BEARER, BASIC = "Bearer", "Basic"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key, and the variable that it was read from. `header` is it as an `Authorization`: of a bare key, `Bearer`."""

    variable: str
    header: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The key of those settings; None where clients send their own. UsageError where its variable holds none."""
        variable = settings.key_variable
        if not variable:
            return None
        header = authorization(name=variable)
        if not header:
            raise UsageError(
                f"There is no key for the upstream: {variable} is not set, which upstream_auth names. "
                f"Set it, or leave upstream_auth out and let the client send its own."
            )
        return cls(variable, header)

    @property
    def credentials(self) -> frozenset[str]:
        """What must never be written of it, in each form that it is sent in."""
        return by_name.credentials_in(self.header) | by_name.credentials_in(self._in(BASIC))

    def refuse_live(self, rules: Rules) -> None:
        """UsageError where it can move real money."""
        if any(map(rules.live_keys.match, self.credentials)):
            raise UsageError(
                f"{self.variable} holds a live key, which can move real money: nothing was started. "
                "Put a test key (sk_test_...) there, or set allow_live if you mean it (REPLAYER_ALLOW_LIVE=1)."
            )

    def put(self, headers: wire.Headers) -> wire.Headers:
        """The headers of a request with this key, in the place of the client's; as Bearer where it shows none."""
        names = {name.lower() for name, _ in headers}
        place = API_KEY if API_KEY in names and AUTHORIZATION not in names else AUTHORIZATION
        kept, put = list[tuple[str, str]](), False
        for name, value in headers:
            if name.lower() != place:
                kept.append((name, value))
            elif not put:
                kept.append((name, self._key if place == API_KEY else self._in(value.partition(" ")[0])))
                put = True
        return tuple(kept) if put else (*headers, ("Authorization", self.header))

    @property
    def _key(self) -> str:
        return self.header.partition(" ")[2]

    def _in(self, scheme: str) -> str:
        """It as an `Authorization` of that scheme, if it is a bare key and the scheme is Basic: as its user, without a
        password, which is how API keys travel."""
        if scheme.lower() != BASIC.lower() or not self.header.startswith(f"{BEARER} "):
            return self.header
        return f"{BASIC} {base64.b64encode(f'{self._key}:'.encode()).decode()}"


async def veiled(chunks: AsyncIterator[bytes], credentials: frozenset[str]) -> AsyncIterator[bytes]:
    """Bytes that are passed on as they come, with asterisks for what opens the upstream. What may be the begin of that
    waits for what comes next, and nothing else does."""
    secrets = sorted((credential.encode() for credential in credentials), key=len, reverse=True)
    held = b""
    async for chunk in chunks:
        held += chunk
        for secret in secrets:
            held = held.replace(secret, b"*" * len(secret))
        begun = max((_begun(held, secret) for secret in secrets), default=0)
        ready, held = held[: len(held) - begun], held[len(held) - begun :]
        if ready:
            yield ready
    if held:
        yield held


def _begun(text: bytes, secret: bytes) -> int:
    """How many bytes at the end of a text may be the begin of a secret."""
    lengths = range(min(len(secret) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(secret[:length])), 0)
