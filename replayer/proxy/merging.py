"""Folders of cassettes that several shards recorded, as one folder. All of it is made beside that before the first file
there is replaced: where anything contradicts, nothing is.

    1 version   copied as it is         a journal alone   saved        several versions   united
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replayer.cassettes import Journal, dumps, folder
from replayer.core.audit import audit
from replayer.core.cassette import Cassette, Facts
from replayer.core.union import Contradiction, united
from replayer.errors import CassetteError, UsageError
from replayer.proxy.opening import rules_for, spoiled
from replayer.settings import Settings

INTERRUPTED = ".interrupted-"  # in the name of what a killed recording left, and somebody recorded again
CHUNK = 1 << 20  # bytes that are compared at once


@dataclass(slots=True)
class Version:
    """One content of a cassette, and where it stands: `shards` are the folders that have it."""

    path: Path
    shards: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """How the shards are called that have it."""
        return tuple(self.shards)

    @property
    def cassette(self) -> Cassette:
        """What it holds, read anew: of many versions no more are in memory than are needed at once."""
        return folder.existing(self.path)


@dataclass(frozen=True, slots=True)
class Merged:
    """What becomes of one cassette. `shards` are how many recorded it, `journals` how many of these recordings were not
    saved. `wrong` tells why there is none, and `contradictions` what contradicts."""

    name: str
    shards: int
    united: bool = False
    journals: int = 0
    changed: bool = False
    wrong: str = ""
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.wrong and not self.contradictions


def merge(
    shards: Sequence[Path], out: Path, settings: Settings, step: Callable[[], None], *, dry_run: bool = False
) -> list[Merged]:
    """What becomes of each cassette in these folders, by its name. The files of `out` are replaced unless one of them
    cannot be: then all stay. UsageError for folders that cannot be read, or where somebody still records."""
    versions = _found(shards)
    with tempfile.TemporaryDirectory(prefix="replayer-") as place:
        made = Path(place)
        merged = []
        for name in sorted(versions):
            old = folder.locate(out, name)
            merged.append(_Merging(name, old, made / name, settings, step).of(versions[name]))
        if not dry_run and all(each.is_sound for each in merged):
            for each in merged:
                folder.replace(out / each.name, (made / each.name).read_text("utf-8"))
    return merged


def _found(shards: Sequence[Path]) -> dict[str, list[Version]]:
    """The different contents of each cassette."""
    found: dict[str, dict[tuple[bool, str], Version]] = {}
    for shard in shards:
        if not shard.is_dir():
            raise UsageError(f"{shard} is no folder. Give those that the shards recorded to.")
        for path in folder.below(shard):
            is_journal = path.suffix == Journal.path_of(path).suffix
            cassette = path.with_suffix("") if is_journal else path
            if is_journal and Journal.is_held(cassette):
                raise UsageError(f"{path}: somebody still records. Merge when all shards have ended.")
            if INTERRUPTED in path.name:
                continue
            versions = found.setdefault(cassette.relative_to(shard).as_posix(), {})
            version = versions.setdefault((is_journal, _digest(path)), Version(path))
            version.shards.append(str(shard))
    if not found:
        named = ", ".join(map(str, shards))
        raise UsageError(f"There is no cassette in {named}. Give the folders that the shards recorded to.")
    return {name: list(versions.values()) for name, versions in found.items()}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Merging:
    """One cassette: `old` is where it belongs, `made` where it is made first."""

    name: str
    old: Path
    made: Path
    settings: Settings
    step: Callable[[], None]

    def of(self, versions: list[Version]) -> Merged:
        """What becomes of its versions. One that is what was there before counts only where there is no other."""
        changed = [each for each in versions if not self._is_old(each)] or versions
        journals = sum(_is_journal(each.path) for each in changed)
        shards = sum(len(each.names) for each in changed)
        self.made.parent.mkdir(parents=True, exist_ok=True)
        if len(changed) == 1 and not journals:
            shutil.copyfile(changed[0].path, self.made)
            return Merged(self.name, shards, changed=not self._is_old(changed[0]))
        try:
            contradictions = self._unite(changed)
        except (CassetteError, UsageError) as error:
            return Merged(self.name, shards, len(changed) > 1, journals, wrong=str(error).rstrip("."))
        is_changed = not contradictions and not self._is_old(Version(self.made))
        return Merged(self.name, shards, len(changed) > 1, journals, is_changed, contradictions=contradictions)

    def _is_old(self, version: Version) -> bool:
        return self.old.is_file() and not _is_journal(version.path) and _digest(self.old) == _digest(version.path)

    def _unite(self, versions: list[Version]) -> tuple[Contradiction, ...]:
        filled = _filled(versions)
        first = filled[0].cassette
        if len(filled) == 1:
            self.made.write_text(dumps(first), "utf-8", newline="")
            return ()
        rules = rules_for(self.settings, first, filled[0].path, first.interactions[0].request.origin)
        del first  # or it would be in memory beside all that is made of it
        found = united(filled, rules, self.step)
        if found.contradictions:
            return found.contradictions
        text = dumps(found.cassette)
        for finding in audit(found.cassette, text):
            raise CassetteError(f"what they hold together has {finding.what} in it, and is not written")
        self.made.write_text(text, "utf-8", newline="")
        return ()


def _filled(versions: list[Version]) -> list[Version]:
    """Those that hold anything, all of one upstream and one epoch; the first one where none does. CassetteError for
    what cannot be united."""
    filled, first, facts = list[Version](), versions[0], None
    for version in versions:
        cassette = _read(version)
        if facts is not None and cassette.facts is not None:
            _check_facts(first, facts, version, cassette.facts)
        facts = facts or cassette.facts
        if cassette.interactions:
            filled.append(version)
    return filled or versions[:1]


def _is_journal(path: Path) -> bool:
    return path.name.endswith(Journal.path_of(Path("x")).suffix)


def _read(version: Version) -> Cassette:
    cassette = folder.existing(version.path)
    if cassette.facts is None:
        raise CassetteError(f"{version.path}: another tool wrote it, in several versions. Import it first")
    if cassette.deliveries:
        raise CassetteError(f"{version.path}: it holds webhooks, and several shards wrote it. Record it in one of them")
    if not _is_journal(version.path) and (broken := spoiled(version.path, cassette)):
        raise CassetteError(broken)
    return cassette


def _check_facts(first: Version, one: Facts, second: Version, other: Facts) -> None:
    """CassetteError where two recordings are not of one upstream, by one set of rules, from one epoch on."""
    for what in ("upstream", "rules", "epoch"):
        here, there = getattr(one, what), getattr(other, what)
        if here != there:
            remedy = "Record all shards with one --epoch, as the day" if what == "epoch" else "Record one of them again"
            raise CassetteError(f"{first.path} and {second.path} were recorded with another {what}. {remedy}")


def told(contradiction: Contradiction) -> Iterator[str]:
    """A contradiction in lines: the request, and what differs."""
    where = " and ".join(", ".join(dict.fromkeys(names)) for names in (contradiction.first, contradiction.second))
    yield f"{contradiction.request}: {contradiction.why or 'two answers'} ({where})"
