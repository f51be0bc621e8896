"""What would help: why recorded answers of the same path say nothing of a page that is asked for, and the line of a
table of rules that says what they do not.

GET /things?limit=2&after_id=7    recorded: GET /things?limit=5, {"things": [...]}    what does after_id mean?
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from replayer.core.lists.envelope import arrays, envelope, holds_objects, sorted_headers
from replayer.core.lists.page_request import NUMBER, PageRequest
from replayer.core.matching import Canonical, Entry, canonical
from replayer.core.message import Response, bodies
from replayer.core.rules import Positional, Rules, ruleset, table

NO_NEXT = "nothing in its answers is known to lead to the next page, and no rule tells by `next` what does"


def table_line(style: Positional, requests: Iterable[PageRequest], **more: Any) -> str:
    """The end of a sentence on what is not known: the line of a table of rules that says more of a style, in the words
    of these requests."""
    seen = list(requests)
    where = next(filter(None, (one.name_of(style.where) for one in seen)), style.where[0])
    size = next(filter(None, (one.name_of(style.size) for one in seen)), next(iter(style.size), None))
    first = style.first if isinstance(style, ruleset.ByNumber) or style.first else None
    said = {"items": style.items, "default": style.default, "most": style.most, "first": first}
    present = {key: value for key, value in said.items() if value not in (None, "")}
    kind = next(name for name, one in table.STYLES.items() if isinstance(style, one))
    keys = {"style": kind, "where": where, **({"size": size} if size else {}), **present, **more}
    line = ", ".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
    return f"; the rule `paging = [{{{line}}}]` tells it"


def unrecognised(asked: Canonical, entries: Iterable[Entry], rules: Rules) -> str:
    """The reason in words; "" where no recorded answer is another page of what is asked for."""
    reasons = list(_reasons(asked, entries, rules))
    why = next(filter(None, reasons), "")
    return "" if why == NO_NEXT and "" in reasons else why


def _reasons(asked: Canonical, entries: Iterable[Entry], rules: Rules) -> Iterator[str]:
    """Of each recorded answer that may be a page of the same list, why others do not follow from it."""
    for one in entries:
        fields = _differing(asked, one.asked)
        response = one.interaction.response
        if not fields or response.status != 200 or not all(_says_where(*field, rules) for field in fields.items()):
            continue
        body = bodies.read(response.headers, response.body)
        if body.kind is bodies.BodyKind.JSON and body.text is not None and (lists := arrays(body.text)):
            strange = _strange(fields, rules) or _beside(fields, asked, rules)
            yield _shape(lists) or strange or ("" if _leads_on(response, body.text, rules) else NO_NEXT)


def _differing(asked: Canonical, recorded: Canonical) -> dict[str, str]:
    """The parameters by which alone two requests differ, and what they say."""
    if {asked.method, recorded.method} != {"GET"} or asked.path != recorded.path or asked.headers != recorded.headers:
        return {}
    ours, theirs = canonical.fields_of(asked.query), canonical.fields_of(recorded.query)
    return {name: value for name, value in (theirs | ours).items() if ours.get(name) != theirs.get(name)}


def _says_where(name: str, value: str, rules: Rules) -> bool:
    """Whether a parameter looks like one that says where in a list, and is no time."""
    return name in rules.cursors or (not rules.is_time(name) and NUMBER.fullmatch(value) is not None)


def _shape(lists: dict[str, list[Any]]) -> str:
    pages = [place for place, values in lists.items() if holds_objects(values)]
    if len(pages) > 1:
        return f"its answers hold several lists ({', '.join(pages)}), and no rule tells by `items` which one has pages"
    if not pages:
        places = " and ".join(filter(None, lists)) or "the list"
        return f"{places} in its answers holds no objects, and pages of other values are not understood"
    return ""


def _strange(names: Iterable[str], rules: Rules) -> str:
    known = {name for style in rules.by_place for name in (*style.where, *style.size)}
    strange = [name for name in names if name not in known]
    return f"no rule tells what {' and '.join(strange)} means" if strange else ""


def _beside(names: Iterable[str], asked: Canonical, rules: Rules) -> str:
    """What is understood, but not in the styles that tell by a number where the page begins that is asked for."""
    for name, value in canonical.fields_of(asked.query).items():
        styles = [style for style in rules.by_place if name in style.where and not isinstance(style, ruleset.ByToken)]
        known = {name, *(each for style in styles for each in (*style.where, *style.size))}
        strange = [each for each in names if each not in known]
        if styles and strange and NUMBER.fullmatch(value):
            is_size = {size for one in rules.by_place for size in one.size}.issuperset(strange)
            line = table_line(styles[0], [PageRequest(value, None, (name,))], size=strange[0]) if is_size else ""
            return f"no rule tells what {' and '.join(strange)} means beside {name}{line}"
    return ""


def _leads_on(response: Response, text: str, rules: Rules) -> bool:
    """Whether something in an answer tells where the next page is."""
    pages = ((style, envelope(response, text, style)) for style in rules.by_place)
    read = ((style, page.with_headers(*sorted_headers([page.headers], style))) for style, page in pages if page)
    return any(hint.value and hint.is_called(style.next) for style, page in read for hint in page.hints.values())
