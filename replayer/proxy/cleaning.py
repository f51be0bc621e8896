"""An older cassette as it would be recorded today, if the API answered as it did: itself is its own upstream. It is
replaced as a whole, or stays as it is.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from replayer.cassettes import Journal, folder
from replayer.cassettes.formats import Given, Loss
from replayer.core.cassette import Cassette
from replayer.errors import CassetteError
from replayer.proxy import importing
from replayer.proxy.opening import spoiled
from replayer.settings import Settings


@dataclass(frozen=True, slots=True)
class Clean:
    """Whether it is another file now, or would be. Where anything would be lost, `losses` and `kept` tell what, and it
    stays."""

    changed: bool = False
    losses: tuple[Loss, ...] = ()
    kept: str = ""


def clean(
    settings: Settings, path: Path, cassette: Cassette, step: Callable[[int], None], *, dry_run: bool = False
) -> Clean:
    """Clean the cassette that was read from that path. CassetteError where somebody has broken its names, or records to
    it."""
    if path == Journal.path_of(path.with_suffix("")) or Journal.is_held(path):
        raise CassetteError(f"{path}: a recording is not saved yet. Let it end, or record it again.")
    if broken := spoiled(path, cassette):
        raise CassetteError(broken)
    exchanges = [Given(one, place=("interactions", number)) for number, one in enumerate(cassette.interactions)]
    older = cassette if cassette.facts is not None else None  # of another tool's no name is taken over
    with tempfile.TemporaryDirectory(prefix="replayer-") as place:
        anew = Path(place) / "cleaned.yaml"
        if older is not None:
            anew.write_bytes(path.read_bytes())  # what is recorded over
        done = importing.record(
            replace(settings, root=place, cassette=anew.name), anew, exchanges, step, older, cassette.deliveries
        )
        if done.losses or done.kept or done.carried != len(exchanges):
            kept = done.kept or ("" if done.losses else "two of its requests would be one")
            return Clean(False, tuple(done.losses), kept)
        if not exchanges:
            return Clean()
        text = anew.read_text("utf-8")
    changed = text.encode() != path.read_bytes()
    if changed and not dry_run:
        folder.replace(path, text)
    return Clean(changed)
