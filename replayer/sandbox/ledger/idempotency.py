"""Equal answers for equal keys. It holds what was answered, and never runs anything."""

from dataclasses import dataclass
from typing import Final

from replayer.sandbox.wire import Refused, form, refusals

KEPT_FOR: Final = 24 * 3600  # seconds; the API promises at least so long
MAX_KEY: Final = 255

_TRY: Final = "Try using a key other than '{}' if you meant to execute a different request."
OTHER_PARAMS: Final = (
    "Keys for idempotent requests can only be used with the same parameters they were first used with. " + _TRY
)
OTHER_ENDPOINT: Final = (
    "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}' vs '{}'). "
    + _TRY
)
IN_USE: Final = (
    "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
    "twice, and the other request is still going through): {}. Please try again later."
)
TOO_LONG: Final = f"Idempotency keys may be at most {MAX_KEY} characters long."


def in_use(key: str) -> refusals.Refusal:
    """The same key, while the first request that has it is still running. Never kept: a later try goes through."""
    return refusals.Refusal(IN_USE.format(key), 409, code="idempotency_key_in_use", question="key_in_use_type")


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What was answered, and under which request id it was first."""

    status: int
    body: bytes
    original: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    at: int
    path: str
    params: form.Tree
    answer: ApiAnswer


class Keys:
    """The idempotency keys of one account, oldest first."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def __repr__(self) -> str:
        return f"<Keys {len(self._kept)}>"

    def __len__(self) -> int:
        return len(self._kept)

    def dump(self) -> dict[str, Kept]:
        return dict(self._kept)

    def load(self, kept: dict[str, Kept]) -> None:
        self._kept = kept

    def find(self, key: str, path: str, tree: form.Tree, at: int) -> ApiAnswer | None:
        """The first answer under that key; a refusal where the key was used for something else."""
        if len(key) > MAX_KEY:
            raise Refused(refusals.Refusal(TOO_LONG, type="idempotency_error"))
        self._forget(at)
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.path != path:
            raise Refused(refusals.Refusal(OTHER_ENDPOINT.format(kept.path, path, key), type="idempotency_error"))
        if kept.params != form.canonical(tree):
            raise Refused(refusals.Refusal(OTHER_PARAMS.format(key), type="idempotency_error"))
        return kept.answer

    def keep(self, key: str, path: str, tree: form.Tree, answer: ApiAnswer, at: int) -> None:
        self._kept[key] = Kept(at, path, form.canonical(tree), answer)

    def _forget(self, at: int) -> None:
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest].at + KEPT_FOR > at:
                return
            del self._kept[oldest]
