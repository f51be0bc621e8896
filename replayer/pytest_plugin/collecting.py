"""What is seen of all tests before the first runs: which would share a cassette, and which cassettes nobody has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replayer.errors import UsageError
from replayer.pytest_plugin import names

SHARED = pytest.StashKey[dict[str, list[str]]]()  # by test, the others whose cassettes would have the same name
COLLECTED = pytest.StashKey[list[pytest.Item]]()
TOGETHER = ("loadfile", "loadscope", "each", "no")  # modes of pytest-xdist in which a worker has all tests of a module


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """See which tests would have one cassette: their names differ only in what no file name can hold."""
    named: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        if names.FIXTURE in getattr(item, "fixturenames", ()):
            named.setdefault(names.of_node(item), []).append(item)
    config.stash[SHARED] = {
        item.nodeid: [other.nodeid for other in together if other is not item]
        for together in named.values()
        for item in together
        if len(together) > 1 and not _is_repeated(item)
    }
    config.stash[COLLECTED] = list(items)


def _is_repeated(item: pytest.Item) -> bool:
    return names.STEP in getattr(getattr(item, "callspec", None), "params", {})


def refuse_shared(item: pytest.Item) -> None:
    """UsageError where another test has the cassette that this one would have by its name."""
    others = item.config.stash.get(SHARED, {}).get(item.nodeid)
    if others and not any("cassette" in marker.kwargs for marker in item.iter_markers("replayer")):
        raise UsageError(
            f"{item.nodeid} and {others[0]} would share {names.of_test(item)}. "
            "Name one of them otherwise (ids=...), or its cassette with @pytest.mark.replayer(cassette=...)."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by pytest-xdist for each worker, which does not know how tests are given out."""
    node.workerinput["replayer_dist"] = node.config.getoption("dist", "no")


def torn(request: pytest.FixtureRequest) -> str:
    """What to do where several workers would each have a part of a session that tests share; empty where none does."""
    given = getattr(request.config, "workerinput", {})
    how = given.get("replayer_dist", "no")
    if not given or request.scope == "function" or (request.scope == "module" and how in TOGETHER):
        return ""
    if request.scope == "session":
        return "run these tests without -n, or give each module a session of its own: replayer_module"
    return "add --dist loadfile or --dist loadscope, which keep the tests of a module together"


# -- orphans ----------------------------------------------------------------------------------------------------------


def orphans(config: pytest.Config) -> list[Path]:
    """The cassettes below the folders `cassettes` beside the collected test files that no collected test has, used or
    not. Of a module of which only some tests were asked for, none is one."""
    items = config.stash.get(COLLECTED, [])
    owned = {root / name for item in items for root, name in _owned(item)}
    partly = {Path(str(each).partition("::")[0]).resolve() for each in config.args if "::" in str(each)}
    modules = {item.path for item in items}
    return [path for place, path in _below(config) if path not in owned and _is_whole(path, place, modules, partly)]


def present(config: pytest.Config) -> list[Path]:
    """All cassettes below these folders, whoever has them."""
    return [path for _, path in _below(config)]


def _below(config: pytest.Config) -> Iterator[tuple[Path, Path]]:
    """The cassettes and journals below the folders `cassettes` beside the collected test files, each with the folder
    that the tests lie in."""
    from replayer.cassettes import folder

    items = config.stash.get(COLLECTED, [])
    here = {item.path.parent for item in items}
    if config.rootpath.joinpath("cassettes").is_dir() and any(names.SESSION in _asked(item) for item in items):
        here.add(config.rootpath)
    for place in sorted(here):
        yield from ((place, path) for path in folder.below(place / "cassettes"))


def _is_whole(path: Path, place: Path, modules: set[Path], partly: set[Path]) -> bool:
    """Whether all tests of the module that a cassette lies under were collected, or that module is gone."""
    first = path.relative_to(place / "cassettes").parts[0]
    module = place / f"{first.partition('.')[0]}.py"
    return module not in partly and (module in modules or not module.exists())


def _asked(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def _owned(item: pytest.Item) -> Iterator[tuple[Path, str]]:
    """The cassettes of a test: by its name or by its markers, whether or not this run uses them."""
    asked = _asked(item)
    yield names.of_node(item)
    for marker in item.iter_markers("replayer"):
        if "cassette" in marker.kwargs:
            yield Path(marker.kwargs.get("root", item.path.parent)), str(marker.kwargs["cassette"])
    if names.MODULE in asked and (module := item.getparent(pytest.Module)):
        yield names.of_node(module)
    if names.SESSION in asked:
        yield item.config.rootpath, names.OF_SESSION
