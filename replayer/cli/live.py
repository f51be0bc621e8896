"""What check and learn have in common: the API that they ask, and with which key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from replayer.cassettes import folder
from replayer.cli.output import say
from replayer.core.cassette import Cassette
from replayer.errors import UsageError
from replayer.proxy import trust
from replayer.proxy.own_key import OwnKey
from replayer.proxy.round import Round, play
from replayer.settings import Settings, authorization


@dataclass(frozen=True, slots=True)
class LiveApi:
    """The API of the command line, and how it may be asked."""

    settings: Settings
    allow_writes: bool
    authorization: str = field(repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any], names: Sequence[str], *, allow_writes: bool) -> "LiveApi":
        settings = Settings.load(options)
        if not settings.upstream:
            likely = folder.likely_upstream(Path(names[0]))
            raise UsageError(f"There is no upstream to ask. Add one: --upstream {likely}.")
        own = OwnKey.of(settings)
        if settings.insecure_upstream:
            say(trust.INSECURE)
        return cls(settings, allow_writes, own.header if own else authorization())

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
