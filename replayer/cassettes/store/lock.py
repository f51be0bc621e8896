"""`cassettes.lock` as text: which content each cassette has. Pure: text in, text out; nothing secret, nothing of this
machine, and the same bytes for the same cassettes.

    # What `replayer pull` brings. `replayer push` writes it; keep it in git.
    root: cassettes

    # pay/card.yaml
    pay/card.yaml  sha256:9f86d0...  12345  2026-12-01T12:00:00Z  2026-08-26.dahlia

    # pay/sepa.yaml
    pay/sepa.yaml  sha256:60303a...  6789  2026-11-03T08:30:00Z  -

    # end

One line each. What stands around it is for git, which merges two changes where an unchanged line is between them: the
comment is above a line that was changed and below what was added before it, the empty line the other way round. Where
two branches add at one place, `merge=union` keeps both. Where both changed one cassette, its name stands twice then:
that alone is a conflict, and it is told; nobody guesses which one counts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from replayer.errors import CassetteError

NAME = "cassettes.lock"
HEAD = "# What `replayer pull` brings. `replayer push` writes it; keep it in git.\n"
END = "# end"  # what lacks it was cut off
HERE = "."
UNKNOWN = "-"
_ROOT = re.compile(r"root: (.+)")
_LINE = re.compile(r"(.+?)  sha256:([0-9a-f]{64})  (\d{1,15})  (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)  (\S+)")
_PLAIN = re.compile(r"[^\s\"#](?:[^\s]| (?! ))*")
_VERSION = re.compile(r"[\w.:+/-]{1,64}")
_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """One cassette: its name below the root, the SHA-256 of its bytes in hex, how many these are, when it was recorded,
    in seconds since 1970, and the version of the API that it was recorded against, empty where nobody knows."""

    name: str
    digest: str
    size: int
    recorded: int = 0
    version: str = ""

    @property
    def written(self) -> str:
        """Its name on one line, whatever is in it."""
        return self.name if _PLAIN.fullmatch(self.name) and self.name[-1] != " " else json.dumps(self.name)

    @property
    def line(self) -> str:
        """What the lock says of it."""
        recorded = datetime.fromtimestamp(self.recorded, UTC).strftime(_TIME)
        version = self.version if _VERSION.fullmatch(self.version) else UNKNOWN
        return f"{self.written}  sha256:{self.digest}  {self.size}  {recorded}  {version}"

    @property
    def short(self) -> str:
        """It as a message names it."""
        return f"{self.digest[:12]}, recorded {datetime.fromtimestamp(self.recorded, UTC):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock says: of each name one pin, or in `twice` those that two branches gave it."""

    root: str = HERE
    pins: Mapping[str, Pin] = field(default_factory=dict)
    twice: Mapping[str, tuple[Pin, ...]] = field(default_factory=dict)

    @classmethod
    def loads(cls, text: str, where: str) -> Self:
        """CassetteError for a line that is none; `where` is the file's name, for messages."""
        root, found = HERE, dict[str, list[Pin]]()
        lines = text.splitlines()
        if END not in lines:
            raise CassetteError(
                f"{where} was cut off: its last line, {END!r}, is missing. Take the file from git again."
            )
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            pin = _pin(line)  # first: a cassette may be called "root: x"
            if pin is None and (given := _ROOT.fullmatch(line)):
                root = given[1]
                continue
            if pin is None:
                raise CassetteError(f"{where}:{number}: {_wrong(line)}")
            pins = found.setdefault(pin.name, [])
            if pin.digest not in (each.digest for each in pins):
                pins.append(pin)
        return cls(
            root,
            {name: pins[0] for name, pins in found.items() if len(pins) == 1},
            {name: tuple(sorted(pins)) for name, pins in found.items() if len(pins) > 1},
        )

    def dumps(self) -> str:
        """Its text, which is the same for the same pins."""
        pins = sorted([*self.pins.values(), *(pin for pins in self.twice.values() for pin in pins)])
        each = "".join(f"# {pin.written}\n{pin.line}\n\n" for pin in pins)
        return f"{HEAD}root: {self.root}\n\n{each}{END}\n"

    def found(self, name: str) -> Pin | None:
        """What that cassette has to be; None where it is not there, or stands twice."""
        return self.pins.get(name)

    def changed(self, pins: Iterable[Pin] = (), dropped: Iterable[str] = ()) -> Self:
        """The lock with these pins, each the only one of its name, and without those that are dropped."""
        new = {pin.name: pin for pin in pins}
        gone = {*new, *dropped}
        return type(self)(
            self.root,
            {**{name: pin for name, pin in self.pins.items() if name not in gone}, **new},
            {name: pins for name, pins in self.twice.items() if name not in gone},
        )

    @property
    def contents(self) -> frozenset[str]:
        """All contents that it refers to."""
        twice = (pin.digest for pins in self.twice.values() for pin in pins)
        return frozenset({*(pin.digest for pin in self.pins.values()), *twice})


def _pin(line: str) -> Pin | None:
    found = _LINE.fullmatch(line)
    if not found:
        return None
    try:
        name = json.loads(found[1]) if found[1].startswith('"') else found[1]
        recorded = int(datetime.strptime(found[4], _TIME).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    if not isinstance(name, str):
        return None
    return Pin(name, found[2], int(found[3]), recorded, "" if found[5] == UNKNOWN else found[5])


def _wrong(line: str) -> str:
    if line.startswith(_MARKS):
        return (
            "a merge left its marks. Delete the lines with <<<<<<<, ======= and >>>>>>> and keep those between them; "
            "'replayer status' then names what both sides changed."
        )
    return "this is no line of a lock. Take the file from git again."
