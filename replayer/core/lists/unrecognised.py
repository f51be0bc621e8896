"""Why recorded answers of the same path tell nothing of a page that is asked for: they hold a list that no rule knows.

GET /things?limit=2&after_id=7    recorded: GET /things?limit=5, {"things": [...]}    what does after_id mean?
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from replayer.core.lists.asking import COUNT
from replayer.core.lists.envelope import arrays, envelope, holds_objects
from replayer.core.lists.tellings import words
from replayer.core.matching.canonical import Canonical, fields_of
from replayer.core.matching.index import Entry
from replayer.core.message.body import BodyKind, read
from replayer.core.message.message import Response
from replayer.core.rules.ruleset import ByToken, Positional, Rules
from replayer.core.rules.table import STYLES

PAGING = frozenset(
    {
        "page", "pages", "cursor", "offset", "skip", "limit", "size", "count", "start", "from", "after", "before",
        "last", "next", "first", "top", "marker", "token", "continue", "continuation", "index", "max", "rows", "take",
    }
)  # fmt: skip
NO_NEXT = "nothing in its answers is known to lead to the next page, and no rule tells by `next` what does"


def unrecognised(asked: Canonical, entries: Iterable[Entry], rules: Rules) -> str:
    """The reason in words; "" where no recorded answer is another page of what is asked for."""
    reasons = list(_reasons(asked, entries, rules))
    why = next(filter(None, reasons), "")
    return "" if why == NO_NEXT and "" in reasons else why


def _reasons(asked: Canonical, entries: Iterable[Entry], rules: Rules) -> Iterator[str]:
    """Of each recorded answer that may be a page of the same list, why others do not follow from it."""
    for one in entries:
        names = _differing(asked, one.asked)
        response = one.interaction.response
        if not names or response.status != 200 or not all(_says_where(name, rules) for name in names):
            continue
        body = read(response.headers, response.body)
        if body.kind is BodyKind.JSON and body.text is not None and (found := arrays(body.text)):
            strange = _strange(names, rules) or _beside(names, asked, rules)
            yield _shape(found) or strange or ("" if _leads_on(response, body.text, rules) else NO_NEXT)


def _differing(asked: Canonical, recorded: Canonical) -> list[str]:
    """The parameters by which alone two requests differ."""
    if {asked.method, recorded.method} != {"GET"} or asked.path != recorded.path or asked.headers != recorded.headers:
        return []
    ours, theirs = fields_of(asked.query), fields_of(recorded.query)
    return [name for name in dict.fromkeys([*ours, *theirs]) if ours.get(name) != theirs.get(name)]


def _says_where(name: str, rules: Rules) -> bool:
    """Whether a parameter looks like one that says where in a list, and no time."""
    return name in rules.cursors or (name not in rules.times and not PAGING.isdisjoint(words(name)))


def _shape(found: dict[str, list[Any]]) -> str:
    lists = [place for place, values in found.items() if holds_objects(values)]
    if len(lists) > 1:
        return f"its answers hold several lists ({', '.join(lists)}), and no rule tells by `items` which one has pages"
    if not lists:
        places = " and ".join(filter(None, found)) or "the list"
        return f"{places} in its answers holds no objects, and pages of other values are not understood"
    return ""


def _strange(names: list[str], rules: Rules) -> str:
    known = {name for style in rules.by_place for name in (*style.where, *style.size)}
    strange = [name for name in names if name not in known]
    return f"no rule tells what {' and '.join(strange)} means" if strange else ""


def _beside(names: list[str], asked: Canonical, rules: Rules) -> str:
    """What is understood, but not in the styles that tell by a number where the page begins that is asked for."""
    for name, value in fields_of(asked.query).items():
        styles = [style for style in rules.by_place if name in style.where and not isinstance(style, ByToken)]
        known = {name, *(each for style in styles for each in (*style.where, *style.size))}
        strange = [each for each in names if each not in known]
        if styles and strange and COUNT.fullmatch(value):
            said = f"no rule tells what {' and '.join(strange)} means beside {name}"
            return said + _remedy(type(styles[0]), name, strange, rules)
    return ""


def _remedy(style: type[Positional], where: str, strange: list[str], rules: Rules) -> str:
    """The table that tells it, where these can be sizes."""
    if not {size for one in rules.by_place for size in one.size}.issuperset(strange):
        return ""
    kind = next(name for name, one in STYLES.items() if one is style)
    sizes = ", ".join(map(json.dumps, strange))
    table = f"style = {json.dumps(kind)}, where = [{json.dumps(where)}], size = [{sizes}]"
    return f"; the rules table `paging = [{{{table}}}]` does"


def _leads_on(response: Response, text: str, rules: Rules) -> bool:
    """Whether something in an answer tells where the next page is."""
    pages = ((style, envelope(response, text, style)) for style in rules.by_place)
    leaves = ((style, leaf) for style, page in pages if page for leaf in page.leaves.values())
    return any(leaf.value and leaf.is_called(style.next) for style, leaf in leaves)
