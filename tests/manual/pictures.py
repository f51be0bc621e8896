"""The pictures of the manual, drawn from an example cassette: what they show is what is in it and what follows from it.

`scripts/draw` writes them; a test shows that those in the manual are the ones that are drawn today.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.matching import Index, causal
from replayer.core.rules import registry

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "cassettes" / "life.yaml"
FOLDER = ROOT / "replayer" / "manual"

# Light, and dark for those who have set that; every colour has a name.
STYLE = """\
<style>
  svg { --back: #ffffff; --text: #1f2328; --soft: #59636e; --line: #8c959f; --box: #f6f8fa; --edge: #d1d9e0;
        --one: #0969da; --two: #bc4c00; --stop: #cf222e }
  @media (prefers-color-scheme: dark) {
    svg { --back: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #6e7681; --box: #151b23; --edge: #3d444d;
          --one: #58a6ff; --two: #ffa657; --stop: #ff7b72 }
  }
  text { font: 14px system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif;
         fill: var(--text) }
  .code { font: 13px ui-monospace, "SF Mono", "Liberation Mono", "DejaVu Sans Mono", monospace }
  .soft { fill: var(--soft) }
  .title { font-weight: 600; font-size: 15px }
  .middle { text-anchor: middle } .end { text-anchor: end }
  .back { fill: var(--back) }
  .box { fill: var(--box); stroke: var(--edge); stroke-width: 1.5 }
  .file { fill: var(--back); stroke: var(--line); stroke-width: 1.5 }
  .gone { fill: none; stroke: var(--edge); stroke-width: 1.5; stroke-dasharray: 5 4 }
  .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; marker-end: url(#tip) }
  .tip { fill: var(--line) }
  .one { stroke: var(--one) } .two { stroke: var(--two) }
  .dot { stroke: none } .dot.one, text.one { fill: var(--one); stroke: none }
  .dot.two, text.two { fill: var(--two); stroke: none }
  .lane { stroke-width: 2; stroke-opacity: 0.35 } .cause { stroke-width: 4 }
  .read { fill: var(--back); stroke-width: 3 }
  .row { fill: var(--box) }
  .stop { stroke: var(--stop); stroke-width: 2.5 }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
  <path class="tip" d="M0,0 L8,4 L0,8 z"/></marker></defs>
"""


def main() -> None:
    """Write them all."""
    for name, drawn in pictures().items():
        (FOLDER / name).write_text(drawn, "utf-8")


def pictures() -> dict[str, str]:
    """Each picture by the name of its file."""
    cassette = folder.existing(EXAMPLE)
    rows = list(causal.rows(Index(cassette, registry.INVOICE_RULES)))
    return {"flows.svg": flows(cassette, rows), "causes.svg": causes(rows)}


# -- what they are made of ------------------------------------------------------------------------------------------


def svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n'
    )
    back = f'<rect class="back" width="{width}" height="{height}" rx="8"/>\n'
    return head + STYLE + back + "\n".join(parts) + "\n</svg>\n"


def text(x: float, y: float, words: str, *classes: str) -> str:
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f'<text x="{x:g}" y="{y:g}"{named}>{escape(words, quote=False)}</text>'


def box(x: int, y: int, width: int, height: int, kind: str = "box") -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


# -- the two flows --------------------------------------------------------------------------------------------------

WIDTH, SIDE, MIDDLE, GAP = 980, 140, 160, 250
LEFT, CENTRE, RIGHT = 20, 20 + SIDE + GAP, 20 + SIDE + GAP + MIDDLE + GAP
AXIS = CENTRE + MIDDLE // 2
ABOVE, BELOW = 52, 322  # where the boxes of recording and of replaying begin
BOX = 84
FILE_TOP, FILE_HEIGHT = 182, 86


def flows(cassette: Cassette, rows: Sequence[causal.CausalRow]) -> str:
    """Recording above, replaying below, the cassette between the two."""
    read = next(row for row in rows if re.match(r"GET /v1/invoices/in_\w+$", row.request))
    interaction = cassette.interactions[read.number - 1]
    created = re.search(r'"created": (\d+)', interaction.response.body.decode())
    assert created
    moment = datetime.fromtimestamp(int(created.group(1)), UTC)
    _, _, alias = read.request.rpartition("/")
    asked, answered = f"{read.request}…", f"created {moment:%H:%M:%S}"
    parts = [
        text(LEFT, 32, "recording", "title"),
        *_pair(ABOVE, "your program", "Replayer"),
        box(RIGHT, ABOVE, SIDE, BOX),
        text(RIGHT + SIDE / 2, ABOVE + 47, "the real API", "middle"),
        *_exchange(LEFT + SIDE, ABOVE, asked, answered, "one"),
        *_exchange(CENTRE + MIDDLE, ABOVE, "the same with the real id", "real ids, real times", "two"),
        line(AXIS, ABOVE + BOX + 2, AXIS, FILE_TOP - 4, "arrow"),
        text(AXIS + 14, FILE_TOP - 17, "named and scrubbed; on disk before the answer leaves", "soft"),
        box(AXIS - 170, FILE_TOP, 340, FILE_HEIGHT, "file"),
        text(AXIS - 156, FILE_TOP + 24, EXAMPLE.name, "title"),
        text(AXIS - 156, FILE_TOP + 48, f"uri: …/v1/invoices/{alias}…", "code", "one"),
        text(AXIS - 156, FILE_TOP + 69, f'"created": {created.group(1)}', "code", "one"),
        line(AXIS, FILE_TOP + FILE_HEIGHT + 2, AXIS, BELOW - 4, "arrow"),
        text(LEFT, BELOW - 20, "replaying", "title"),
        *_pair(BELOW, "your program", "Replayer"),
        *_exchange(LEFT + SIDE, BELOW, asked, answered, "one"),
        box(RIGHT, BELOW, SIDE, BOX, "gone"),
        text(RIGHT + SIDE / 2, BELOW + 47, "the real API", "middle", "soft"),
        line(CENTRE + MIDDLE + 105, BELOW + 30, CENTRE + MIDDLE + 129, BELOW + 54, "stop"),
        line(CENTRE + MIDDLE + 129, BELOW + 30, CENTRE + MIDDLE + 105, BELOW + 54, "stop"),
        text(CENTRE + MIDDLE + GAP / 2 - 8, BELOW + 76, "no connection to anywhere", "middle", "soft"),
    ]
    title = "Recording and replaying: the program is answered the same, with the names of the cassette"
    return svg(WIDTH, BELOW + BOX + 22, title, parts)


def _pair(top: int, left: str, middle: str) -> Iterator[str]:
    yield box(LEFT, top, SIDE, BOX)
    yield text(LEFT + SIDE / 2, top + 47, left, "middle")
    yield box(CENTRE, top, MIDDLE, BOX)
    yield text(AXIS, top + 47, middle, "middle", "title")


def _exchange(x: int, top: int, asked: str, answered: str, colour: str) -> Iterator[str]:
    """A request to the right and its answer to the left, in the gap that begins at `x`."""
    yield text(x + GAP / 2, top + 22, asked, "middle", "code", colour)
    yield line(x + 6, top + 32, x + GAP - 6, top + 32, "arrow")
    yield line(x + GAP - 6, top + 52, x + 6, top + 52, "arrow")
    yield text(x + GAP / 2, top + 73, answered, "middle", "code", colour)


# -- a causal order ---------------------------------------------------------------------------------------------------

STEP, TOP = 26, 74
NUMBER, REQUEST, LANE, BETWEEN, NOTE = 44, 60, 460, 90, 600
COLOURS = ("one", "two")


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as it is drawn: the resources that a write touches, or the writes that a read had behind it."""

    number: int
    request: str
    touches: tuple[str, ...]
    after: tuple[int, ...]
    words: str

    @property
    def y(self) -> int:
        return TOP + (self.number - 1) * STEP


def shown(row: causal.CausalRow) -> Shown:
    kind, _, rest = row.causes.partition(" ")
    if kind == "touches":
        return Shown(row.number, row.request, tuple(rest.split(", ")), (), "")
    return Shown(row.number, row.request, (), tuple(_numbers(rest)), rest)


def _numbers(ranges: str) -> Iterator[int]:
    """`1-3, 7` one by one."""
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", ranges):
        yield from range(int(first), int(last or first) + 1)


def causes(rows: Sequence[causal.CausalRow]) -> str:
    """The interactions from top to bottom, and a lane for each resource that is read."""
    drawn = [shown(row) for row in rows]
    lanes = list(dict.fromkeys(resource for each in drawn for resource in each.touches))
    xs = {resource: LANE + index * BETWEEN for index, resource in enumerate(lanes)}
    colour = dict(zip(lanes, COLOURS, strict=True))
    parts = [text(REQUEST, 36, "in the order of the recording", "soft")]
    parts += [box(16, each.y - 17, 808, STEP, "row") for each in drawn if each.after]
    parts += [text(xs[lane], 36, f"{lane}…", "code", "middle", colour[lane]) for lane in lanes]
    for lane in lanes:
        touching = [each.y for each in drawn if lane in each.touches]
        parts.append(line(xs[lane], touching[0] - 4, xs[lane], drawn[-1].y - 4, f"lane {colour[lane]}"))
    for each in drawn:
        parts += [
            text(NUMBER, each.y, str(each.number), "code", "soft", "end"),
            text(REQUEST, each.y, each.request, "code"),
        ]
        for lane in each.touches:
            parts.append(f'<circle class="dot {colour[lane]}" cx="{xs[lane]}" cy="{each.y - 4}" r="5"/>')
        if each.after:
            lane = next(lane for lane in lanes if lane in each.request)
            parts += _read(each, xs[lane], colour[lane], drawn)
    height = drawn[-1].y + 60
    legend = "● a write that touches it, ○ a read, answered as of the writes along its line"
    parts.append(text(REQUEST, height - 18, legend, "soft"))
    return svg(840, height, "Which writes each read of life.yaml had behind it", parts)


def _read(read: Shown, x: int, colour: str, drawn: Sequence[Shown]) -> Iterator[str]:
    """A read in its lane, and the writes behind it as one thick line."""
    first = drawn[read.after[0] - 1]
    yield line(x, first.y - 4, x, read.y - 4, f"cause {colour}")
    yield f'<circle class="read {colour}" cx="{x}" cy="{read.y - 4}" r="6"/>'
    yield text(NOTE, read.y, f"answered as of {read.words}", colour)


if __name__ == "__main__":
    main()
