"""The pages: read from the package, one Markdown file a topic. Only read: nothing is judged or shown here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from replayer.errors import unknown

# As a newcomer meets them: first how to use it, then what it answers, then what is behind that.
TOPICS = (
    "pytest", "python", "languages", "https", "containers", "browsers", "modes", "settings", "misses", "moving",
    "moving-from-vcrpy", "vcrpy-settings", "moving-from-vcr", "moving-from-wiremock", "import", "inspect", "inspector",
    "doctor", "json", "time", "values", "follows", "paging", "causes", "on-miss", "faults", "webhooks", "streams",
    "serve", "ci", "shards", "receipts", "store", "scale", "rules", "check", "cassette", "audit", "safety", "sandbox",
    "laws", "promise", "speed", "developing",
)  # fmt: skip

FENCE = "```"
HEADING = re.compile(r"(#{1,4}) (.+)")
MARK = re.compile(r"^<!-- .*? -->\n?", re.MULTILINE)  # what tests find examples and tables by
ALSO = re.compile(r"^<!-- also: (.*?) -->$", re.MULTILINE)  # other words that people have for what a page is about
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?:([a-z-]+)\.md)?(#[\w-]*)?\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
END_OF_SENTENCE = re.compile(r"(?<=[.?])\s")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, up to the next, as blocks: a paragraph, a list, a table, some code. `also` are
    other words for the title."""

    page: str
    title: str
    blocks: tuple[str, ...]
    is_first: bool = False
    also: str = ""


@dataclass(frozen=True, slots=True)
class ManualPage:
    """One page of the manual, as it stands in its file."""

    name: str
    text: str

    @property
    def first(self) -> str:
        """Its first sentence, which says what the page answers."""
        paragraph = " ".join(self.sections[0].blocks[0].split())
        return END_OF_SENTENCE.split(paragraph)[0]

    @property
    def shown(self) -> str:
        """Its text for a reader without a browser: no marks, and a link is the name of the page that it leads to."""
        return PICTURE.sub(r"(picture: \1)", LINK.sub(_linked, MARK.sub("", self.text)))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in their order; the first has the title of the page."""
        return _sections(self)


@cache
def _sections(page: ManualPage) -> tuple[Section, ...]:
    found: list[tuple[str, list[str]]] = []
    for block in _blocks(page.shown):
        heading = HEADING.fullmatch(block)
        if heading:
            found.append((heading.group(2).replace("`", ""), []))
        else:
            found[-1][1].append(block)
    also = ", ".join(ALSO.findall(page.text))
    return tuple(
        Section(page.name, title, tuple(blocks), number == 0, "" if number else also)
        for number, (title, blocks) in enumerate(found)
    )


def _linked(link: re.Match[str]) -> str:
    text, page, _ = link.groups()
    return text if page is None or text == page else f"{text} ({page})"


def _blocks(text: str) -> Iterator[str]:
    """What empty lines and headings part; code stays whole."""
    block: list[str] = []
    fenced = False
    for line in [*text.splitlines(), ""]:
        fenced ^= line.lstrip().startswith(FENCE)
        if fenced or (line.strip() and not HEADING.fullmatch(line)):
            block.append(line)
            continue
        if block:
            yield "\n".join(block)
            block = []
        if line.strip():
            yield line


@cache
def page(name: str) -> ManualPage:
    """The page of that topic; UsageError with the nearest one where there is none."""
    if name not in TOPICS:
        raise unknown(name, "page of the manual", list(TOPICS))
    return ManualPage(name, files("replayer.manual").joinpath(f"{name}.md").read_text("utf-8"))


def pages() -> tuple[ManualPage, ...]:
    """All pages in their order."""
    return tuple(map(page, TOPICS))
