"""From the files on a command line to cassettes: which are meant, what they are called, what lies beside them."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from replayer.cassettes import folder, formats
from replayer.cassettes.formats import Holding, Loss
from replayer.cli.progress import progress_of_requests
from replayer.errors import CassetteError, ReplayerError, UsageError
from replayer.proxy import importing
from replayer.settings import Settings

ENDINGS = (".yaml", ".yml", ".json", ".har")
LARGEST = 1 << 29  # bytes: a browser's HAR of a day has a tenth of that
SIDE_FILES = "__files"  # WireMock's, beside its mappings or further up
UPWARDS = 6  # folders
PASSED_OVER = ("node_modules", SIDE_FILES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a file. `total` exchanges are in it, `carried` of them in the cassette. `others` are the further
    files that went into it."""

    file: str
    tool: str = ""
    cassette: str = ""
    total: int = 0
    carried: int = 0
    losses: Sequence[Loss] = ()
    others: int = 0
    error: str = ""

    @property
    def lost(self) -> list[Loss]:
        """What is not in the cassette at all."""
        return [loss for loss in self.losses if not loss.part]

    @property
    def in_part(self) -> list[Loss]:
        return [loss for loss in self.losses if loss.part]

    @property
    def code(self) -> int:
        return 2 if self.error else int(bool(self.losses))


@dataclass(frozen=True, slots=True)
class File:
    """A file to import: its path, and the name of its cassette below the folder for them."""

    path: Path
    name: str
    is_named: bool = True  # on the command line, and not found in a folder


@dataclass(slots=True)
class Batch:
    """What is imported together to one cassette."""

    file: File
    holding: Holding
    others: list[Holding] = field(default_factory=list)


def import_all(paths: Sequence[str], out: str, options: Mapping[str, Any]) -> list[Outcome]:
    """What came of each file, and of each name that is none."""
    settings = Settings.load({**options, "root": out})
    outcomes: list[Outcome] = []
    batches = _batches(list(_files(paths, outcomes)), outcomes)
    if batches:
        _make(Path(out))
    with progress_of_requests([str(each.file.path) for each in batches]) as next_file:
        taken: set[str] = set()
        outcomes += [_import(each, settings, taken, next_file(str(each.file.path))) for each in batches]
    return outcomes


def _make(out: Path) -> None:
    """The folder for the cassettes, if it is not there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{out} is no folder. Choose another one with --out.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be made: {error.strerror}. Choose another folder with --out.") from None


def _files(paths: Sequence[str], outcomes: list[Outcome]) -> Iterator[File]:
    """The files that are meant, a folder being all in it that may be one."""
    for name in paths:
        path = Path(name)
        if not path.is_dir():
            yield File(path, f"{path.stem}.yaml")
            continue
        found = list(_below(path))
        if not found:
            ends = ", ".join(ENDINGS)
            outcomes.append(
                Outcome(name, error=f"There is no file to import in the folder {name} ({ends}). Name another.")
            )
        yield from found


def _below(root: Path) -> Iterator[File]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in PASSED_OVER)
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix in ENDINGS:
                yield File(path, path.relative_to(root).with_suffix(".yaml").as_posix(), is_named=False)


def _batches(files: Sequence[File], outcomes: list[Outcome]) -> list[Batch]:
    """The files that can be read, those that belong together as one."""
    batches: list[Batch] = []
    shared: dict[Path, Batch] = {}
    for file in files:
        try:
            holding = _read(file)
        except ReplayerError as error:
            outcomes.append(Outcome(str(file.path), error=str(error)))
            continue
        if holding is None:
            continue
        home = file.path.parent.resolve()
        if holding.belongs_together and home in shared:
            shared[home].others.append(holding)
            continue
        batch = Batch(file, holding)
        batches.append(batch)
        if holding.belongs_together:
            shared[home] = batch
    return [_named(each) for each in batches]


def _named(batch: Batch) -> Batch:
    """One of several files has the name of their folder; of one that is called `mappings`, that of the one around."""
    if not batch.others:
        return batch
    home = batch.file.path.parent.resolve()
    name = home.parent.name if home.name == "mappings" else home.name
    return replace(batch, file=replace(batch.file, name=f"{name or 'mappings'}.yaml"))


def _read(file: File) -> Holding | None:
    """What a file holds; None where it lies in a folder and is no recording."""
    path = file.path
    if path.exists() and not path.is_file():
        raise CassetteError(f"{path} is no file. Name a file, or a folder of them.")
    try:
        if path.stat().st_size > LARGEST:
            raise CassetteError(f"{path} is larger than {LARGEST >> 20} MiB. Part it.")
        text = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}. Give the path of one.") from None
    except OSError as error:
        raise CassetteError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from None
    try:
        return formats.holding(text, str(path))
    except formats.UnknownFormatError:
        if file.is_named:
            raise
        return None


def _import(batch: Batch, settings: Settings, taken: set[str], step: Callable[[int], None]) -> Outcome:
    file, holding = batch.file, batch.holding
    started = Outcome(str(file.path), holding.tool, others=len(batch.others))
    try:
        path = folder.locate(settings.folder, file.name)
        if file.name in taken:
            raise UsageError(f"{file.path}: {path} has just been written. Give the folder that both files are in.")
        if there := importing.in_the_way(path):
            raise UsageError(f"{file.path}: {there} is there already, and stays. Delete it, or choose another --out.")
        taken.add(file.name)
        whole = holding.joined(batch.others) if batch.others else holding
        given, losses = whole.exchanges(settings.origin, beside(file.path))
        done = importing.record(replace(settings, cassette=file.name), path, given, step)
    except ReplayerError as error:
        return replace(started, error=str(error))
    losses += done.losses
    total = done.carried + sum(not loss.part and bool(loss.place) for loss in losses)
    if done.kept:
        return replace(started, error=f"{file.path}: {done.kept}.")
    written = str(path) if done.carried else ""
    return replace(started, cassette=written, total=total, carried=done.carried, losses=losses)


def beside(path: Path) -> Callable[[str], bytes | None]:
    """What gives the bytes of a file beside that one by its name there, or, of WireMock's, further up. Nothing outside
    of its folder is read."""

    def read(name: str) -> bytes | None:
        homes = list(path.resolve().parents)[: UPWARDS if name.startswith(f"{SIDE_FILES}/") else 1]
        for home in homes:
            root = home / SIDE_FILES if name.startswith(f"{SIDE_FILES}/") else home
            try:
                found = (home / name).resolve()
                if found.is_relative_to(root.resolve()) and found.is_file() and found.stat().st_size <= LARGEST:
                    return found.read_bytes()
            except (OSError, ValueError):
                return None
        return None

    return read
