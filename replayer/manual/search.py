"""The search: words and pages in, sections out, the best first. It knows how a page is written, not what it is about.

A word that a heading has, or the first cell of a row, is explained there. One in a code span is used there; one in
prose is only mentioned. So the three count differently, and one place that explains outweighs ten that mention.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from replayer.manual.pages import FENCE, ManualPage, Section

TITLE, HEADING, ROW, SPAN, PROSE = 96, 64, 48, 8, 1  # a page's title, a section's, the first cell of a row ...
ALONE = 1.5  # a cell or a heading that begins with the word, or is only that, explains it more than one with others
BESIDES = 0.05  # of what all other places of a section count, beside its best
ALMOST = 0.25  # of what it counts, where the word is only a part of another one: `volatil` of `volatile`
MENTIONS = 3  # more of them in one block explain no better
CODE_SPAN = re.compile(r"(`+)(.+?)\1")
PART = r"[0-9A-Za-z_-]"
NAME = re.compile(r"[0-9A-Za-z_.-]{3,}")
RULE = re.compile(r"\|[\s:|-]+\|")  # between the head of a table and its rows
SHOWN = 4  # blocks of a section whose heading is the hit


@dataclass(frozen=True, slots=True)
class Hit:
    """A section with what of it answers: of a table its head and the rows that do."""

    page: str
    title: str
    blocks: tuple[str, ...]
    score: float


def search(words: str, pages: Iterable[ManualPage]) -> list[Hit]:
    """The sections that have all of these words, the best first."""
    wanted = [_Word(word) for word in words.split()]
    if not wanted:
        return []
    sections = [section for page in pages for section in page.sections]
    hits = [hit for section in sections if (hit := _hit(section, wanted)) is not None]
    return sorted(hits, key=lambda hit: -hit.score)


def suggestions(word: str, pages: Iterable[ManualPage]) -> list[str]:
    """Names of the manual that are nearly that word, nearest first: topics, and what stands in code spans."""
    known: dict[str, str] = {}
    for page in pages:
        known.setdefault(page.name, page.name)
        for span in CODE_SPAN.finditer(page.shown):
            for name in NAME.findall(span.group(2)):
                known.setdefault(name.lower().lstrip("-"), name)
    return [known[name] for name in get_close_matches(word.lower().lstrip("-"), known, n=3, cutoff=0.7)]


class _Word:
    """How often a word stands in a text: whole, or as a part of another one. `REPLAYER_HOST` is not `replayer_host`."""

    def __init__(self, word: str) -> None:
        text = re.escape(word)
        self.text = word.lower()
        cased = word.isupper() or ("_" in word and word.islower())
        self._whole = re.compile(rf"(?<!{PART}){text}(?!{PART})", 0 if cased else re.IGNORECASE)

    def counted_whole(self, text: str) -> int:
        return len(self._whole.findall(text)) if self.text in text.lower() else 0

    def counted(self, text: str, most: int = 1) -> float:
        whole = self.counted_whole(text)
        if whole:
            return min(whole, most)
        return ALMOST if self.text in text.lower() else 0


def _hit(section: Section, wanted: Sequence[_Word]) -> Hit | None:
    weight = TITLE if section.is_first else HEADING
    title = [weight * max(word.counted(section.title), word.counted_whole(section.also)) for word in wanted]
    scored = [(block, [_score(block, word) for word in wanted]) for block in section.blocks]
    totals = [title[index] + _best(scores[index] for _, scores in scored) for index in range(len(wanted))]
    if not all(totals):
        return None
    if any(title):
        shown = section.blocks[:SHOWN]
    else:
        shown = tuple(_part(block, wanted) for block, scores in scored if any(scores))
    return Hit(section.page, section.title, shown, sum(totals))


def _best(scores: Iterable[float]) -> float:
    """The best of them counts, the others hardly: many mentions are no explanation."""
    every = sorted(scores, reverse=True)
    return every[0] + BESIDES * sum(every[1:]) if every else 0


def _score(block: str, word: _Word) -> float:
    if word.text not in block.lower():
        return 0
    if block.startswith("|"):
        return _best(_row_score(row, word) for row in _rows(block))
    if block.lstrip().startswith(FENCE):
        return SPAN * word.counted(block)
    return _prose_score(block, word)


def _row_score(row: str, word: _Word) -> float:
    first, _, rest = row.strip("| ").partition("|")
    return ROW * _first_cell(first, word) + _prose_score(rest, word)


def _first_cell(cell: str, word: _Word) -> float:
    names = (span.group(2).split(" ")[0] for span in CODE_SPAN.finditer(cell))
    alone = any(name.lower() == word.text and word.counted(name) == 1 for name in names)
    return word.counted(cell) * (ALONE if alone else 1)


def _prose_score(text: str, word: _Word) -> float:
    spans = sum(word.counted(span.group(2)) for span in CODE_SPAN.finditer(text))
    return SPAN * min(spans, MENTIONS) + PROSE * word.counted(CODE_SPAN.sub(" ", text), MENTIONS)


def _rows(block: str) -> Iterator[str]:
    """The rows of a table, without its head."""
    return (line for line in block.splitlines()[1:] if not RULE.fullmatch(line.strip()))


def _part(block: str, wanted: Sequence[_Word]) -> str:
    if not block.startswith("|"):
        return block
    rows = [row for row in _rows(block) if any(word.counted(row) == 1 for word in wanted)]
    rows = rows or [row for row in _rows(block) if any(word.counted(row) for word in wanted)]
    return "\n".join([*block.splitlines()[:2], *rows])
