"""What check and learn have in common: whom they ask and with what, and how far they are."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from replayer.cassettes import folder
from replayer.cli.output import printable
from replayer.core.message.interaction import Cassette
from replayer.errors import UsageError
from replayer.proxy.round import Round, play
from replayer.settings import Settings, authorization

ANY_API = "https://api.stripe.com"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    settings: Settings
    allow_writes: bool
    authorization: str = field(repr=False)

    @classmethod
    def of(cls, given: Mapping[str, Any], names: Sequence[str], *, allow_writes: bool) -> "Asked":
        settings = Settings.load(given)
        if not settings.upstream:
            known = folder.recorded_upstream(Path(names[0])) or ANY_API
            raise UsageError(f"There is no upstream to ask. Add one: --upstream {known}.")
        return cls(settings, allow_writes, authorization())

    async def round(self, cassette: Cassette, path: Path, step: Callable[[int], None]) -> Round:
        """All requests of a cassette played once."""
        return await play(
            cassette,
            path,
            self.settings,
            authorization=self.authorization,
            allow_writes=self.allow_writes,
            step=step,
        )


@contextmanager
def progress(names: Sequence[str]) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """Two bars on stderr while it lasts, where that is a terminal: the cassettes, and the requests of the one that is
    played. Yields what is told of each cassette, which gives what is told of each request."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    with shown:
        whole = shown.add_task("cassettes", total=len(names))
        one = shown.add_task("")
        begun = iter(range(len(names)))

        def next_cassette(name: str) -> Callable[[int], None]:
            shown.update(whole, completed=next(begun, len(names)))
            shown.reset(one, description=printable(name).replace("[", r"\["))
            steps = iter(range(sys.maxsize))
            return lambda total: shown.update(one, total=total, completed=next(steps))

        yield next_cassette
