"""The receipt of one session, as a file tells it: what it did, with which cassette, for which tests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from replayer.core.suite.fields import DocumentFields
from replayer.core.suite.ranges import Ranges, united

SECOND = 1000  # milliseconds
CHECK = "check"  # the mode of what only asked whether a cassette still holds: no test used it


@dataclass(frozen=True, slots=True, order=True)
class Missed:
    """A request that had no answer: the reason, and the first line of what was said of it."""

    reason: str
    message: str

    @classmethod
    def read(cls, fields: DocumentFields) -> Self:
        return cls(fields.text("reason"), fields.text("message"))

    @property
    def document(self) -> dict[str, Any]:
        return {"reason": self.reason, "message": self.message}


@dataclass(frozen=True, slots=True, order=True)
class Drifted:
    """What an API answers otherwise now than it was recorded, as `check` tells it, without the values."""

    kind: str
    where: str
    field: str
    count: int

    @classmethod
    def read(cls, fields: DocumentFields) -> Self:
        return cls(fields.text("kind"), fields.text("where"), fields.text("field"), fields.number("count"))

    @property
    def document(self) -> dict[str, Any]:
        return {"kind": self.kind, "where": self.where, "field": self.field, "count": self.count}


@dataclass(frozen=True, slots=True)
class SessionReceipt:
    """What came of one session.

    `interactions` stood in its cassette when it began, whose bytes have that `digest`; of these it used those of the
    numbers `used`. Both are empty where all was recorded anew. `unused` are the first others, with what they ask, and
    `misses` the first requests without an answer. `tests` used it, each so many milliseconds long. `age` is that of the
    cassette in seconds, None for one that was just recorded, `max_age` what was allowed. `unsaved` tells why a
    recording did not become a cassette. Run again, `command` asks the same of this cassette.
    """

    cassette: str
    mode: str
    recorded: int = 0
    played: int = 0
    synthesized: int = 0
    missed: int = 0
    misses: tuple[Missed, ...] = ()
    interactions: int = 0
    digest: str = ""
    used: Ranges = ()
    unused: tuple[tuple[int, str], ...] = ()
    tests: tuple[tuple[str, int], ...] = ()
    milliseconds: int = 0
    age: int | None = None
    max_age: int | None = None
    unsaved: str = ""
    drift: tuple[Drifted, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def is_use(self) -> bool:
        """Whether somebody used the cassette, and did not only look at it."""
        return self.mode != CHECK

    @property
    def document(self) -> dict[str, Any]:
        """The receipt as JSON."""
        return {
            "cassette": self.cassette,
            "mode": self.mode,
            "recorded": self.recorded,
            "played": self.played,
            "synthesized": self.synthesized,
            "missed": self.missed,
            "misses": [each.document for each in self.misses],
            "interactions": self.interactions,
            "digest": self.digest,
            "used": [[first, last] for first, last in self.used],
            "unused": [{"number": number, "request": request} for number, request in self.unused],
            "tests": [{"test": test, "seconds": took / SECOND} for test, took in self.tests],
            "seconds": self.milliseconds / SECOND,
            "age": self.age,
            "max_age": self.max_age,
            "unsaved": self.unsaved,
            "drift": [each.document for each in self.drift],
            "command": list(self.command),
        }

    @classmethod
    def read(cls, fields: DocumentFields) -> Self:
        """The receipt in a document; UsageError for what is none."""
        return cls(
            cassette=fields.text("cassette"),
            mode=fields.text("mode"),
            **{name: fields.number(name) for name in ("recorded", "played", "synthesized", "missed", "interactions")},
            misses=tuple(map(Missed.read, fields.objects("misses"))),
            digest=fields.text("digest"),
            used=united(fields.pairs("used")),
            unused=tuple((each.number("number"), each.text("request")) for each in fields.objects("unused")),
            tests=tuple((each.text("test"), each.milliseconds("seconds")) for each in fields.objects("tests")),
            milliseconds=fields.milliseconds("seconds"),
            age=fields.number_or_none("age"),
            max_age=fields.number_or_none("max_age"),
            unsaved=fields.text("unsaved"),
            drift=tuple(map(Drifted.read, fields.objects("drift"))),
            command=tuple(fields.texts("command")),
        )

    def shown(self, shown: Callable[[str], str]) -> Self:
        """The same with each text as that shows it. A command that is shown otherwise would do something else: it is
        left out."""
        return replace(
            self,
            cassette=shown(self.cassette),
            misses=tuple(Missed(each.reason, shown(each.message)) for each in self.misses),
            unused=tuple((number, shown(request)) for number, request in self.unused),
            tests=tuple((shown(test), took) for test, took in self.tests),
            unsaved=shown(self.unsaved),
            drift=tuple(replace(one, where=shown(one.where), field=shown(one.field)) for one in self.drift),
            command=self.command if all(shown(word) == word for word in self.command) else (),
        )
