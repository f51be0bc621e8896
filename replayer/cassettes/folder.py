"""Where cassettes live: files under one root, found by relative names, replaced as a whole or not at all."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath

from replayer.cassettes import atomic, formats, servable, stored
from replayer.cassettes.age import age as age
from replayer.cassettes.age import recorded as recorded
from replayer.cassettes.journal import SUFFIX, is_held, left_behind, load_journal
from replayer.cassettes.read import is_ours, loads
from replayer.core.cassette import Cassette
from replayer.errors import CassetteError, UsageError

ENDINGS = (".yaml", ".yml")
ALIKE = 0.8  # how much of a name must be right for it to be a slip of the hand
_INTERACTIONS = re.compile(rb"""^(?:(?:http_)?interactions|- request|(?:\{.*|[ ]*)"interactions")\s*:""", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UPSTREAM = re.compile(rb"^  upstream: '?([^'\s]+)", re.MULTILINE)
UNREADABLE = "{}: cannot be read: {}. Check the file and its permissions."
DEEPEST = 64  # folders: what makes and follows paths recurses, and no file system takes much longer ones
LONGEST_SHOWN = 300  # characters of a name that a message repeats

# As vcrpy writes it, in YAML or in JSON; deeper, or between escaped quotes, it stands in a body.
_FIRST_URI = re.compile(rb"""(?:^ {4}uri: ['"]?|"uri":\s*")(https?://[^/?#'"\s]+)""", re.MULTILINE)
_LOG_IN = re.compile(r"(?<=://)[^/@]*@")  # no upstream has one
FAR = 1 << 20  # bytes: a body may stand before the address of its request
FIRST = 1024  # bytes: the facts stand on top and are short
ANY_API = "https://api.stripe.com"  # an example where nothing says which API it is


def locate(root: Path, name: str) -> Path:
    """The file of that name, which is inside `root` or refused with a UsageError."""
    if wrong := _wrong(name):
        raise _refused(name, wrong)
    path = root / name
    try:
        inside = path.resolve().is_relative_to(root.resolve())
        is_folder = path.is_dir()
        _follow(path)
    except PermissionError as error:
        raise CassetteError(UNREADABLE.format(path, error.strerror)) from None
    except (OSError, RuntimeError, ValueError):  # too long, a circle of links, no text for a file system
        raise _refused(name, "cannot be a file here") from None
    if not inside:
        raise _refused(name, f"is a link that leads out of {root}")
    if is_folder:
        raise _refused(name, "is a directory")
    return path


def _follow(path: Path) -> None:
    """OSError for links that go in a circle: from Python 3.13 on, `resolve` does not mind them."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise


def read(path: Path) -> Cassette | None:
    """The cassette in that file, whoever wrote it; None where there is no such file, CassetteError for a bad one."""
    try:
        if path.is_dir():
            raise CassetteError(f"{path}: is a folder. Name a cassette in it.")
        if path.exists() and not path.is_file():
            raise CassetteError(f"{path}: is no file. Name another cassette.")
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CassetteError(UNREADABLE.format(path, error.strerror)) from None
    return servable.checked(_loaded(path, text), str(path))


def opened(path: Path) -> Cassette | None:
    """The same for who only plays it: the interactions of a large one stay in the file until they are asked for."""
    try:
        found = stored.opened(path) if path.is_file() else None
    except OSError:  # the usual way tells why
        found = None
    return found or read(path)


def existing(path: Path) -> Cassette:
    """The cassette in that file; CassetteError also where there is none."""
    cassette = read(path)
    if cassette is None:
        raise CassetteError(missing(path, otherwise="Give the path of one."))
    return cassette


def missing(path: Path, again: str = "record it again", *, otherwise: str) -> str:
    """That there is no cassette: what a recording left, and both ways on; or the one that was probably meant; or
    `otherwise` what to do."""
    if left := left_behind(path, again):
        return f"There is no cassette {path}, but {left}"
    if meant := _meant(path):
        return f"There is no cassette {path}. Did you mean {meant}?"
    return f"There is no cassette {path}. {otherwise}"


def _meant(path: Path) -> Path | None:
    """The cassette beside it whose name is most like it: with an ending, for one."""
    try:
        beside = {each.name for each in path.parent.iterdir() if each.name.endswith(ENDINGS)}
    except OSError:
        return None
    found = [path.name + ending for ending in ENDINGS if path.name + ending in beside]
    found += get_close_matches(path.name, sorted(beside), n=1, cutoff=ALIKE)
    return next((path.with_name(name) for name in found if _holds_interactions(path.with_name(name))), None)


def named(path: Path, *, journals: bool = False) -> list[Path]:
    """The cassettes that a path on a command line means: itself, or all in a folder; CassetteError where that has
    none. `journals` tells that those are wanted, too."""
    try:
        if not path.is_dir():
            return [path]
    except OSError as error:
        raise CassetteError(UNREADABLE.format(path, error.strerror)) from None
    found = [each for each in below(path) if journals or each.suffix != SUFFIX]
    if not found:
        left = next(iter(below(path)), None)
        remedy = "Give one that holds some, or their paths."
        if left is not None:
            remedy = f"There is a recording that was not saved, {left}: give its path."
        raise CassetteError(f"There is no cassette in the folder {path}. {remedy}")
    return found


def below(path: Path, known: Callable[[Path], bool] = lambda _: False) -> list[Path]:
    """The cassettes in a folder and in the folders of it, and the journals, in the order of their names. Not those in
    hidden folders; other YAML is none. Those that are `known` to be some are not looked into."""
    files = _files(path, (*ENDINGS, SUFFIX))
    return [file for file in files if file.suffix == SUFFIX or known(file) or _holds_interactions(file)]


def _files(path: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for place, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        files = (Path(place, name) for name in sorted(names) if name.endswith(endings))
        yield from (file for file in files if file.is_file())


def _holds_interactions(path: Path) -> bool:
    try:
        return _INTERACTIONS.search(path.read_bytes()) is not None
    except OSError:
        return True  # what cannot be read is told when it is


def _loaded(path: Path, text: bytes) -> Cassette:
    if path.suffix == SUFFIX:
        return load_journal(text, str(path))
    reader = loads if is_ours(text) else formats.loads
    return reader(text, str(path))


def replace(path: Path, text: str) -> None:
    """Make `text` the file's, at once and durably. Not even the time of an equal file changes."""
    atomic.replace(path, text.encode())


def create(path: Path, text: str) -> None:
    """Put a new file there; CassetteError where something is there already, or nothing can be."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        there = error.filename if isinstance(error.filename, str) else path
        raise CassetteError(f"{there} is there already, and stays. Delete it, or choose another --out.") from None
    except OSError as error:
        raise CassetteError(f"{path} cannot be written: {error.strerror}. Choose another --out.") from None


def _wrong(name: str) -> str:
    """Why that name can be no cassette's, on any system; empty where it can."""
    if not name:
        return "is empty"
    if _CONTROL.search(name):
        return "has a control character in it"
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        return "is absolute"
    if "\\" in name:
        return "has a backslash in it"
    if ".." in PurePosixPath(name).parts:
        return "leads upwards with '..'"
    if len(PurePosixPath(name).parts) > DEEPEST:
        return f"nests deeper than {DEEPEST} folders"
    if name.endswith("/") or not PurePosixPath(name).parts:
        return "is a directory"
    return ""


def _refused(name: str, wrong: str) -> UsageError:
    shown = repr(name) if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]!r}..."
    return UsageError(f"The cassette name {shown} {wrong}. Use a relative name like 'invoices/paging.yaml'.")


def is_recorded_by_us(path: Path) -> bool:
    """Whether Replayer recorded that cassette, by what it says of itself."""
    return bool(_found(_UPSTREAM, path, FIRST))


def journals(path: Path) -> tuple[list[Path], list[Path]]:
    """The journals in a folder and in the folders of it: of recordings that go on, and of those that were killed or not
    saved."""
    found = [*_files(path, (SUFFIX,))]
    held = [each for each in found if is_held(each)]
    return held, [each for each in found if each not in held]


def unsaved(journal: Path) -> str:
    """What a journal that nobody writes to is, and both ways on."""
    return left_behind(journal.with_name(journal.name.removesuffix(SUFFIX)))


def likely_upstream(path: Path) -> str:
    """The upstream for somebody's next command: what the cassette was recorded from, else an example."""
    return recorded_upstream(path) or ANY_API


def recorded_upstream(path: Path) -> str:
    """What the cassette was recorded from: what it says, or where another tool wrote it, the origin of its first
    request; empty where neither tells, or where it is not there."""
    told = _found(_UPSTREAM, path, FIRST)
    return told or _LOG_IN.sub("", _found(_FIRST_URI, path, FAR) or _first_origin(path))


def _first_origin(path: Path) -> str:
    """The same, found out by reading a file that is written as few are; empty where that cannot be read."""
    try:
        cassette = read(path) if path.is_file() and path.stat().st_size <= FAR else None
    except (CassetteError, OSError):
        return ""
    return next((each.request.origin for each in cassette.interactions), "") if cassette else ""


def _found(pattern: re.Pattern[bytes], path: Path, within: int) -> str:
    """What that finds in so many bytes of a file; empty where it finds nothing."""
    if not path.is_file():  # opening a pipe would wait for whoever writes to it
        return ""
    try:
        with path.open("rb") as file:
            start = file.read(within)
    except OSError:
        return ""
    found = pattern.search(start)
    return found[1].decode("utf-8", "replace") if found else ""
