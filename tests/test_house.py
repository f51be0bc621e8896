"""The house: every module imports alone, starting costs little, and the public names are these and no others."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import replayer
from replayer import errors

ROOT = Path(replayer.__file__).parent
ENTRY = "replayer.__main__"  # importing it is running it
MODULES = sorted(
    name
    for path in ROOT.rglob("*.py")
    if (name := ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")) != ENTRY
)

ROOMS = sorted(
    str(path.parent.relative_to(ROOT)) for part in ("core", "sandbox") for path in (ROOT / part).glob("*/__init__.py")
)

# Each module in a child of its own, two at a time: none may lean on what another one has imported before. Only what is
# not ours, and the layers and rooms below, which cannot know of it, are there already: they would take the time.
CONTRACTS = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
FLOORS = {folder: each["layers"] for each in CONTRACTS for folder in each.get("containers", ())}


def rooms_of(folder: str) -> list[str]:
    """The rooms of a folder, each behind those that it asks."""
    floors = reversed(FLOORS[f"replayer.{folder}"])
    return [f"{folder}.{room.strip(' ()')}" for floor in floors for room in re.split(r"[|:]", floor)]


LAYERS = (
    *(
        "errors",
        "manual",
        "client",
        "vcr_words",
        "core",
        *rooms_of("core"),
        "cassettes",
        "settings",
        "inspector",
        "testing",
        "sandbox",
        *rooms_of("sandbox"),
    ),
    *("proxy", "cli", "pytest_plugin"),
)


def layer_of(name: str) -> str:
    """The room of a module of the core or the sandbox, the layer of any other."""
    return ".".join(name.split(".")[1 : 3 if ".core." in name or ".sandbox." in name else 2])


ALONE = """
import gc, importlib, os, sys, traceback
gc.disable()  # or each child would look through, and so copy, what they all share
for name in ("aiohttp.web", "click", "email.utils", "rich.console", "tomllib", "yaml"):
    importlib.import_module(name)
children, failed = {}, []
def wait():
    child, status = os.wait()
    name = children.pop(child)
    if status:
        failed.append(name)
for layer in sys.argv[1:]:
    for name in layer.split():
        if len(children) == 2:
            wait()
        child = os.fork()
        if child == 0:
            try:
                importlib.import_module(name)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children[child] = name
    while children:
        wait()
    if not failed:
        for name in layer.split():
            importlib.import_module(name)
print(*failed)
"""


def fresh(script: str, *arguments: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_module_imports_alone() -> None:
    layers = [[name for name in MODULES if layer_of(name) == layer] for layer in LAYERS]
    assert sorted(["replayer", *(name for layer in layers for name in layer)]) == MODULES
    assert fresh(ALONE, *(" ".join(layer) for layer in layers)) == ""


@pytest.mark.parametrize("name", ["replayer", "replayer.pytest_plugin", "replayer.errors"])
def test_starting_loads_nothing_heavy(name: str) -> None:
    loaded = fresh(f"import sys, {name}; print(*sys.modules)").split()
    assert name in loaded
    assert {"aiohttp", "vcr", "yaml", "rich", "click", "replayer.core", "replayer.proxy"} & set(loaded) == set()


def test_vcrpy_is_imported_only_for_what_it_alone_can_read() -> None:
    code = (
        "import sys; from pathlib import Path; from replayer.cassettes import folder; import replayer.proxy.replayer\n"
        f"folder.existing(Path({str(ROOT.parent / 'cassettes/life.yaml')!r})); print('vcr' in sys.modules)"
    )
    assert fresh(code) == "False"


def test_the_public_names_are_exactly_these() -> None:
    assert replayer.__all__ == [
        "CassetteError",
        "MissError",
        "Replayer",
        "ReplayerError",
        "UnsafeError",
        "UsageError",
        "__version__",
    ]
    assert dir(replayer) == replayer.__all__
    for name in replayer.__all__:
        assert getattr(replayer, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'replayer' has no attribute 'Recorder'"):
        replayer.Recorder  # noqa: B018


def test_the_errors_are_the_tree_that_is_drawn_in_their_file() -> None:
    classes = {name: thing for name, thing in vars(errors).items() if isinstance(thing, type)}
    assert set(classes) == {"ReplayerError", "UsageError", "CassetteError", "UnsafeError", "MissError"}
    root = classes.pop("ReplayerError")
    assert root.__bases__ == (Exception,)
    assert {thing.__bases__ for thing in classes.values()} == {(root,)}
    drawn = [line.split()[1] for line in (errors.__doc__ or "").splitlines() if line[:1] in "├└" and line]
    assert drawn == list(classes)
    assert all(getattr(replayer, name) is thing for name, thing in classes.items())


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_states_its_law_first(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_tests(room: str) -> None:
    assert list((Path(__file__).parent / room).glob("test_*.py"))
