"""YAML, read strictly: every fault is one line that says which file, which line, what is wrong and what to do.

Only libyaml's parser and the safe types are used. A tag is looked at before anything is made of it.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

import yaml
from yaml.error import Mark
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from replayer.cassettes.shape import ShapeError, YamlPath
from replayer.errors import CassetteError

_YAML = "tag:yaml.org,2002:"
SAFE_TAGS = frozenset(
    _YAML + name for name in ("str", "int", "float", "bool", "null", "binary", "timestamp", "seq", "map", "merge")
)

_TEXT, _NULL, _NUMBER, _BYTES = (_YAML + name for name in ("str", "null", "int", "binary"))
_MAPPING, _SEQUENCE = _YAML + "map", _YAML + "seq"
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7}|={7})(?= |\r?$)", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")
DEEPEST = 1000  # levels of nesting; a cassette has six
MOST_MEANT = 16  # times what stands in the file: as often as a whole file may be meant by aliases
FREE_WEIGHT = 100_000  # nodes, or pieces of 64 characters, that any file may mean
_DEEP_BLOCK = re.compile(rf"^[ ?:-]{{{DEEPEST},}}", re.MULTILINE)

T = TypeVar("T")


def decoded(raw: bytes, name: str) -> str:
    """The file's text."""
    try:
        return raw.decode("utf-8-sig")  # an editor may have put a byte order mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise fault(name, line, "this is not UTF-8.", "Restore the file, or record again.") from None


def check(text: str, name: str) -> None:
    """That there is something, and no merge was left half done."""
    if not text.strip():
        raise fault(name, 1, "the file is empty.", "Delete it and record again.")
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        marker = f"{conflict[0]!r} is a merge conflict marker."
        raise fault(name, line, marker, "Resolve the merge, or delete the file and record again.")


def compose(text: str, name: str, tags: frozenset[str] = SAFE_TAGS) -> Node:
    """The document as nodes that know their lines, all of them of those tags, no key twice in one mapping."""
    _check_depth(text, name)
    try:
        node = yaml.compose(text, Loader=_loader())
    except yaml.YAMLError as error:
        raise _syntax(error, name) from None
    if node is None:
        raise fault(name, 1, "the file holds nothing but comments.", "Delete it and record again.")
    for each in walk(node):
        _check_tag(each, name, tags)
        _check_keys(each, name)
    if "*" in text:
        _check_aliases(node, name)
    return node


def _check_aliases(root: Node, name: str) -> None:
    """That aliases do not make much more of the document than stands in it: a kilobyte of them can mean gigabytes."""
    weights: dict[int, int] = {}  # of each node with all below it, as often as it is meant
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_weighed = waiting.pop()
        if is_weighed:
            weights[id(node)] = _own_weight(node) + sum(weights.get(id(each), 0) for each in _children(node))
        elif id(node) not in weights:
            weights[id(node)] = 0  # an alias of what is around it would mean itself for ever: it counts once
            waiting.append((node, True))
            waiting.extend((each, False) for each in _children(node))
    if weights[id(root)] > MOST_MEANT * (1 + sum(map(_own_weight, walk(root)))) + FREE_WEIGHT:
        raise fault(name, 1, "its aliases mean far more than stands in it.", "Write out what they stand for.")


def _own_weight(node: Node) -> int:
    return 1 + len(node.value) // 64 if isinstance(node, ScalarNode) else 1


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _check_depth(text: str, name: str) -> None:
    """That nothing nests so deep that the composer, which recurses, would end this program."""
    if _most_open(text) <= DEEPEST and not _DEEP_BLOCK.search(text):
        return  # the cheap bound: brackets in texts count too, but hardly ever so many
    depth = 0
    with suppress(yaml.YAMLError):  # the composer will say it better
        for event in yaml.parse(text, Loader=_loader()):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise fault(name, line, f"this nests deeper than {DEEPEST} levels.", "Delete it and record again.")


def _most_open(text: str) -> int:
    """At least as many as brackets are ever open at once, whatever stands in quotes."""
    level = lowest = most = 0
    for bracket in _BRACKET.findall(text):
        level += 1 if bracket in "[{" else -1
        lowest = min(lowest, level)
        most = max(most, level - lowest)
    return most


def json_document(text: str) -> tuple[object, Node] | None:
    """The value of a document that is JSON, and a node for its line, which is the first; None where it is YAML, or no
    sound JSON. Of its escapes some are none to a YAML reader."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None
    return value, ScalarNode(_YAML + "null", "", Mark("", 0, 0, 0, None, 0))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")  # the YAML reader will tell which, and where
    return found


def construct(node: Node, name: str) -> object:
    """The plain values of a document of safe tags."""
    loader = _loader()("")
    try:
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise _syntax(error, name) from None
    except (ValueError, IndexError) as error:  # a date of month 13, a number of 5,000 digits or of none
        raise fault(name, 1, f"a value in it is impossible: {error}.", "Put it in quotes.") from None
    finally:
        loader.dispose()


class NotSimpleError(Exception):
    """Not a simple document: the strict way has to look."""


def simple(text: str) -> object:
    """The values of a document of texts, bytes, numbers, nulls, lists and mappings, each of these standing in it once,
    in one pass. NotSimpleError for any other."""
    if _most_open(text) > DEEPEST or _DEEP_BLOCK.search(text):
        raise NotSimpleError
    try:
        return _simple(yaml.compose(text, Loader=_loader()), set())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotSimpleError from error


def _simple(node: Node | None, seen: set[int]) -> object:
    if isinstance(node, ScalarNode):
        if node.tag == _TEXT:
            return node.value
        if node.tag == _NULL:
            return None
        if node.tag == _NUMBER and node.value.isdecimal() and (node.value[0] != "0" or node.value == "0"):
            return int(node.value)
        if node.tag == _BYTES:
            return base64.decodebytes(node.value.encode("ascii"))
        raise NotSimpleError
    if node is None or id(node) in seen:  # it is an alias, of what may be around it
        raise NotSimpleError
    seen.add(id(node))
    if node.tag == _SEQUENCE:
        return [_simple(each, seen) for each in node.value]
    if node.tag != _MAPPING:
        raise NotSimpleError
    found = {key.value: _simple(value, seen) for key, value in node.value if key.tag == _TEXT}
    if len(found) != len(node.value):
        raise NotSimpleError
    return found


def shaped(read: Callable[[object], T], value: object, node: Node, name: str) -> T:
    """`read(value)`; what it does not like is told with the line where it stands."""
    try:
        return read(value)
    except ShapeError as error:
        raise fault(name, _line(node, error.place), error.fault, error.remedy) from None


def fault(name: str, line: int, what: str, remedy: str) -> CassetteError:
    return CassetteError(f"{name}:{line}: {what} {remedy}")


def _loader() -> type[yaml.CSafeLoader]:
    if not yaml.__with_libyaml__:
        raise CassetteError(
            "PyYAML is installed without libyaml, and reads some texts wrongly so. "
            "Install a wheel of it: pip install --force-reinstall --only-binary=:all: PyYAML."
        )
    return yaml.CSafeLoader


def _syntax(error: yaml.YAMLError, name: str) -> CassetteError:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    remedy = "Correct it, or delete the file and record again."
    return fault(name, mark.line + 1 if mark else 1, f"this is not YAML: {' '.join(what.split())}.", remedy)


def walk(root: Node) -> Iterator[Node]:
    """Every node once, however deep, whatever the aliases between them."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting.extend(reversed(_children(node)))


def _check_tag(node: Node, name: str, tags: frozenset[str]) -> None:
    if node.tag not in tags:
        tag = node.tag.replace(_YAML, "!!", 1)
        remedy = "Remove it, or record again."
        raise fault(name, node.start_mark.line + 1, f"the tag {tag!r} is refused, nothing was made of it.", remedy)


def _check_keys(node: Node, name: str) -> None:
    if not isinstance(node, MappingNode):
        return
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            continue
        if key.value in seen:
            line = key.start_mark.line + 1
            raise fault(name, line, f"the key {key.value!r} stands here for the second time.", "Remove one of them.")
        seen.add(key.value)


def _line(node: Node, place: YamlPath) -> int:
    """The line of the value at `place`, or of the nearest thing around it that is there."""
    line = node.start_mark.line + 1
    for step in place:
        mark, inner = _step(node, step)
        if inner is None:
            break
        line, node = mark, inner
    return int(line)


def _step(node: Node, step: str | int) -> tuple[int, Node | None]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return 0, None
