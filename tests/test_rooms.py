"""The rooms: each has a law, a face of at most eight names, and nobody who looks past it. Their imports draw them."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import replayer
from replayer.manual import page

ROOT = Path(replayer.__file__).parents[1]
MOST = 8  # names of a face: who needs more has found a second subject
WITH_FACES = (
    "replayer/core/*", "replayer/sandbox/*", "replayer/sandbox", "replayer/cassettes", "replayer/cassettes/*",
    "replayer/inspector", "replayer/settings", "replayer/testing",
)  # fmt: skip
ROOMS = sorted(
    ".".join(folder.relative_to(ROOT).parts)
    for pattern in WITH_FACES
    for folder in ROOT.glob(pattern)
    if (folder / "__init__.py").exists()
)

DOORS = {room: [each.rpartition(".")[2] for each in ROOMS if each.rpartition(".")[0] == room] for room in ROOMS}


def room_of(module: str) -> str:
    """The innermost room that a module stands in; empty where it stands in none."""
    return max((room for room in ROOMS if module == room or module.startswith(f"{room}.")), key=len, default="")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@cache
def statements(path: Path) -> list[ast.AST]:
    """All statements of a file, those outside first: nothing that is looked for here stands in an expression."""
    found: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    for node in found:
        for block in BLOCKS:
            found += getattr(node, block, ())
    return found


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports by name: the module that it asks, and the name."""
    for node in statements(path):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def looks_past(path: Path) -> Iterator[str]:
    """The imports of a file that look past the face of a room that it does not stand in."""
    here = name_of(path)
    for module, name in imports(path):
        room = room_of(module)
        outside = room and not f"{here}.".startswith(f"{room}.")
        if outside and not (module == room and name in (*import_module(room).__all__, *DOORS.get(room, ()))):
            yield f"{here}: {module} {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_face_has_a_law_and_at_most_eight_names(room: str) -> None:
    face = import_module(room)
    assert face.__doc__
    assert face.__doc__[0].isupper()
    assert 0 < len(face.__all__) <= MOST
    assert len(set(face.__all__)) == len(face.__all__)
    assert all(getattr(face, name) is not None for name in face.__all__)


def test_nobody_looks_past_a_face() -> None:
    files = sorted((ROOT / "replayer").rglob("*.py"))
    assert [line for path in files for line in looks_past(path)] == []


def test_every_name_of_a_face_has_a_user_outside() -> None:
    used = {pair for part in ("replayer", "tests") for path in (ROOT / part).rglob("*.py") for pair in imports(path)}
    for room in ROOMS:
        taken_whole = tuple(room.rpartition("."))[::2] in used  # `from replayer import cassettes`
        unused = [name for name in import_module(room).__all__ if (room, name) not in used]
        assert taken_whole or unused == [], room


def drawn(folder: str) -> str:
    """The rooms of a folder as text, each below those that it knows of: what it is, and which it asks."""
    rooms = [room for room in ROOMS if room.startswith(f"replayer.{folder}.")]
    short = {room: room.rpartition(".")[2] for room in rooms}
    asked = {
        room: {
            target
            for path in (ROOT / room.replace(".", "/")).rglob("*.py")
            for module, name in imports(path)
            for target in [room_of(f"{module}.{name}" if f"{module}.{name}" in ROOMS else module)]
            if target in short and target != room
        }
        for room in rooms
    }
    lines, placed = [], set[str]()
    while len(placed) < len(rooms):
        ready = sorted(room for room in rooms if room not in placed and asked[room] <= placed)
        assert ready, "two rooms ask each other"
        for room in ready:
            arrows = ", ".join(sorted(short[each] for each in asked[room])) or "nobody"
            law = " ".join((import_module(room).__doc__ or "").partition("\n\n")[0].split())
            lines.append(f"| `{short[room]}` | {law} | {arrows} |")
        placed |= set(ready)
    return "| room | what it holds to | whom it asks |\n| --- | --- | --- |\n" + "\n".join(lines) + "\n"


def test_the_rooms_that_the_manual_draws_are_those_of_the_imports() -> None:
    assert drawn("core") in page("developing").text
    assert drawn("sandbox") in page("developing").text


# -- words ------------------------------------------------------------------------------------------------------------

# Classes whose name stands twice, and why.
TWICE: dict[str, str] = {}
# Methods of one name on classes of one room that are no kin, and why: each is one idea that several things do.
SHARED = {
    ("core.client", "bind"): "a client space binds by its bindings, and the key besides",
    ("core.client", "bind_headers"): "the same for the headers of a question",
    ("core.client", "read"): "a client space has its parts read ahead what each of them will be asked",
    ("core.client", "to_record"): "the way in is the client space's, what it changes the bindings know",
    ("core.clock", "is_counted"): "by the facts alone, or by the moment at which a client asks",
    ("core.lists", "answer"): "what follows for a page request, from all lists, from one, from its counted objects",
    ("core.lists", "around"): "a list's text around other objects, by itself or in an envelope",
    ("core.lists", "of"): "what holds for one page request",
    ("core.lists", "end"): "where something stops",
    ("core.matching", "digest"): "that of a question, computed or as an entry keeps it",
    ("core.matching", "interaction"): "what was recorded, for the index and for whoever looks for evidence",
    ("core.matching", "resources"): "what a read depends on, as it is learned and as the index keeps it",
    ("core.matching", "touched"): "what a write touched, as it is learned and as an entry keeps it",
    ("core.message", "place"): "where a value stands, and what it stands in",
    ("core.naming", "leaf"): "a value on its way out, and on its way in",
    ("core.naming", "hide"): "the upstream space hides what the names must not tell, in each of its spellings",
    ("core.naming", "recall"): "a memory is names and a clock: the space hands each its part",
    ("core.recording", "split"): "from here on several requests are under way, for the clock and for the file",
    ("core.recording", "has"): "whether an interaction was recorded: the history knows",
    ("core.recording", "arranged"): "what the recorder keeps, the history puts in order",
    ("core.session", "scrubbed"): "a session's log and its refusals are scrubbed alike",
    ("core.suite", "document"): "each part of a receipt as JSON",
    ("core.suite", "read"): "and back",
    ("core.suite", "of"): "a value made of what there is",
    ("core.suite", "sum"): "several of one kind as one",
    ("core.suite", "left"): "what nobody used, of one version and of all",
    ("core.suite", "unused"): "the same, as a receipt tells it and as the sum does",
    ("core.union", "cassette"): "what was recorded, as it came and as it was asked again",
    ("sandbox.ledger", "dump"): "each part of the state as plain values",
    ("sandbox.ledger", "load"): "and back",
    ("sandbox.ledger", "settle"): "a request is over: what it changed stays",
    ("sandbox.serving", "close"): "a sandbox ends, and what delivers its events with it",
    ("sandbox.serving", "drained"): "a sandbox waits for its courier",
    ("sandbox.serving", "start"): "the same, at the beginning",
    ("sandbox.serving", "save"): "the state of a life goes into its file",
}


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """All classes of the project with the module of each."""
    for path in sorted((ROOT / "replayer").rglob("*.py")):
        for node in statements(path):
            if isinstance(node, ast.ClassDef):
                yield name_of(path), node


def test_a_class_name_stands_for_one_thing() -> None:
    homes: dict[str, list[str]] = {}
    for module, node in classes():
        homes.setdefault(node.name.lstrip("_"), []).append(module)
    twice = {name: found for name, found in homes.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in TWICE} == {}
    assert set(TWICE) <= set(twice)


def test_a_method_of_one_name_in_one_room_is_one_idea() -> None:
    owners: dict[tuple[str, str], list[str]] = {}
    for module, node in classes():
        kin = {base.id for base in node.bases if isinstance(base, ast.Name)}
        methods = (item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))
        for name in methods:
            before = owners.setdefault((room_of(module), name), [])
            if not name.startswith("_") and not kin & set(before):
                before.append(node.name)
    shared = {
        (room.partition(".")[2], name): found for (room, name), found in owners.items() if room and len(found) > 1
    }
    assert {place: found for place, found in shared.items() if place not in SHARED} == {}
    assert set(SHARED) <= set(shared)
