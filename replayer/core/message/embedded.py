"""Named values within a text of another kind: `"cursor": "..."` in a log line, `<cursor>...</cursor>` in a page, and
the parameters of links."""

import re
from collections.abc import Iterator

# `"cursor": "..."` of JSON in a text, in lines or within a string, whose quotes are escaped then; `<cursor>...</`.
MEMBER = re.compile(
    r'(?P<quote>\\{0,7}")(?P<name>[\w.-]{1,64})(?P=quote)\s{0,9}:\s{0,9}(?P=quote)(?P<value>[^"\\\s]+)(?P=quote)'
)
# `?cursor=...` of a whole link, of a relative one, of one in a `Link` header or in HTML; or of a form in a text.
PARAMETER = re.compile(r"""(?:[?#]|&amp;|&)(?P<name>[^=&?#\s<>"']+)=(?P<value>[^&#\s<>"'\\]+)""")
ELEMENT = re.compile(r"<(?:\w{1,32}:)?(?P<name>[\w.-]{1,64})>(?P<value>[^<>\s]+)</")


def named_values(text: str) -> Iterator[tuple[str, str, int]]:
    """The members of JSON and the elements of XML that a text has in it: name, value, and where that begins."""
    found = [*MEMBER.finditer(text)] if '":' in text or '" :' in text else []
    found += ELEMENT.finditer(text) if "</" in text else ()
    yield from ((match["name"], match["value"], match.start("value")) for match in found)
