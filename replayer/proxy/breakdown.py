"""The last resort: what nobody foresaw becomes a marked answer and a line in the log. It tells where, never what: the
words of an error may hold what a request held."""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from traceback import extract_tb

from replayer.errors import CassetteError

HERE = Path(__file__).parents[2]
DEEPEST = 6  # the frames that are told, the innermost first


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An error that nobody foresaw. `reference` is the same for the same error at the same place. `said` is what is
    wrong with the cassette, where that is all: in words of ours."""

    reference: str
    where: str
    said: str = ""

    @property
    def message(self) -> str:
        """What the client is told."""
        return self.said or (
            f"Replayer failed at this request, which is an error of Replayer and not of yours. Its log says where, "
            f"under the reference {self.reference}: please report that line."
        )

    @property
    def note(self) -> str:
        """What the log is told."""
        return self.said or f"fault {self.reference}: {self.where}"


def of(error: BaseException) -> Breakdown:
    """The breakdown that an error is."""
    frames = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    where = f"{type(error).__name__} at " + ", from ".join(frames[: -DEEPEST - 1 : -1] or ["an unknown place"])
    said = str(error) if isinstance(error, CassetteError) else ""
    return Breakdown(blake2b(where.encode("utf-8", "replace"), digest_size=4).hexdigest(), where, said)


def _short(name: str) -> str:
    path = Path(name)
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else path.name
