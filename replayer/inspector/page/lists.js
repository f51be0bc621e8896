// Lists, drawn: what is known of each from its newest object to its oldest, the pages that it is known from, and the page
// that somebody asks for laid over them.

import { counted, html, latest, ranges, svg } from "./elements.js";

const SIDE = 12; // pixels at either side
const GAP = 44; // pixels of a gap of which nobody knows how long it is
const WIDEST = 76; // pixels of an object at most
const BAR = 22; // pixels of a bar
const LEVEL = 18; // pixels of a row of pages
const LEVELS = 12; // rows of pages that are drawn
const ABOVE = 44; // pixels above the bars, where the asked page is; less where none is
const CALM = 22; // there are the names of the ends
const LETTER = 7.3; // pixels of one
const TICKS = 6; // pixels that an object must have to be set apart from the next

/** Shows the lists in `root`. */
export function mount(root, ask, go) {
  const cards = html("div", { class: "cards" });
  const said = html("p", { class: "said", "aria-live": "polite" });
  root.replaceChildren(html("section", { class: "drawn lists", "aria-label": "lists" }, said, cards));
  const drawn = [];
  const watch = new ResizeObserver(() => drawn.forEach((card) => card.draw()));
  watch.observe(cards);
  ask("lists", {}).then(({ lists }) => {
    if (!lists.length) said.replaceChildren("No list was recorded, or none whose pages can be joined.");
    drawn.push(...lists.map((list, number) => new ListCard(list, number, ask, go)));
    cards.replaceChildren(...drawn.map((card) => card.element));
    drawn.forEach((card) => card.draw());
  }, (error) => said.replaceChildren(`That cannot be shown: ${error.message}`));
  return () => {
    watch.disconnect();
    root.replaceChildren();
  };
}

class ListCard {
  constructor(list, number, ask, go) {
    this.list = list;
    this.asked = null;
    this.picture = html("div", { class: "picture" });
    this.verdict = html("p", { class: "verdict", "aria-live": "polite" });
    const failed = (error) => this.verdict.replaceChildren(error.message);
    const send = latest((query) => ask("asked", { list: number, query }), (asked) => this.lay(asked), failed);
    const box = html("input", { type: "text", id: `query-${number}`, value: this.example(), autocomplete: "off", spellcheck: "false", class: "code" });
    const form = html("form", { submit: (event) => { event.preventDefault(); send(box.value); } },
      html("label", { for: `query-${number}` }, "another page ", html("span", { class: "code" }, list.list.includes("?") ? "…&" : "…?")), box, " ", html("button", { type: "submit" }, "ask"));
    const pages = list.pages.map((page) => html("li", {}, html("button", { type: "button", class: "go", click: () => go(page.number) }, `#${page.number}`),
      " ", html("span", { class: "code request" }, page.query || "within an object"), " ", html("span", { class: "soft" }, counted(page.count, "object"))));
    const state = list.behind.length ? `as of the writes ${ranges(list.behind)}` : "as of no write";
    this.element = html("article", {}, html("h2", {}, html("span", { class: "code" }, list.list), " ", html("small", {}, state)),
      html("p", { class: "said" }, summary(list)), this.picture, form, this.verdict,
      html("details", {}, html("summary", {}, counted(pages.length, "recorded page")), html("ol", { class: "pages" }, ...pages)));
  }

  /** How its first page was asked for: that can be changed. */
  example() {
    return this.list.pages.find((page) => page.query)?.query ?? "";
  }

  lay(asked) {
    this.asked = asked;
    this.verdict.className = asked.how === "miss" ? "verdict bad" : "verdict good";
    this.verdict.replaceChildren(verdict(asked));
    this.draw();
  }

  draw() {
    const width = Math.max(240, Math.floor(this.picture.clientWidth));
    this.picture.replaceChildren(...(this.list.stretches.length ? [drawList(this.list, this.asked, width)] : []));
  }
}

function summary(list) {
  if (list.conflict) return `Only as recorded: ${list.conflict}.`;
  if (list.total === 0) return "It is empty.";
  const parts = list.stretches.map((stretch) => counted(stretch.count, "object") + (stretch.starts && stretch.ends ? ", all of it" : stretch.starts ? " from the start" : stretch.ends ? " to the end" : " in the middle"));
  return parts.length ? `Known: ${parts.join("; ")}${list.total === null || list.stretches[0].count === list.total ? "" : `; of ${list.total}`}.` : "Nothing is known but its pages.";
}

function verdict({ how, by, why }) {
  if (how === "miss") return `Not determined: ${why || "nothing is known of such a list"}.`;
  if (how === "other" || how === "own") return `Recorded: it is answered with #${by}.`;
  return { page: "Determined: it follows from the recorded pages.", object: "Determined: it follows from an object that shows the list.", filter: "Determined: it follows from a wider list." }[how];
}

/** The picture of one list, so many pixels wide. */
export function drawList(list, asked, width) {
  const place = placed(list, width);
  const levels = levelled(list.pages.filter((page) => page.stretch >= 0 && page.count), place);
  const top = asked && asked.stretch >= 0 ? ABOVE : CALM, under = top + BAR + 12;
  const height = under + Math.max(1, Math.min(LEVELS, levels.count)) * LEVEL + 6;
  const title = `${list.list}: ${summary(list)} ${asked ? verdict(asked) : ""}`;
  return svg("svg", { class: "bars", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
    svg("title", {}, title),
    ...(asked && asked.stretch >= 0 ? [] : drawEnds(list, place)),
    ...list.stretches.flatMap((stretch, number) => drawStretch(stretch, place.starts[number], place.unit, top)),
    ...place.gaps.map(([from, to]) => svg("path", { class: "gap", d: `M${from + 4},${top + BAR / 2} L${to - 4},${top + BAR / 2}` })),
    ...place.gaps.map(([from, to]) => svg("text", { class: "soft middle", x: (from + to) / 2, y: top + BAR / 2 - 6 }, "?")),
    ...levels.pages.filter(({ level }) => level < LEVELS).map(({ page, level }) => drawPage(page, level, under, place)),
    ...(asked && asked.stretch >= 0 ? drawAsked(asked, place, width) : []));
}

/** How wide an object is, where each stretch begins, and where the gaps are. */
function placed(list, width) {
  const stretches = list.stretches, isCounted = list.stretches.some((one) => one.start !== null && !one.ids.length);
  const last = stretches.at(-1), opens = !stretches[0].starts, goesOn = !last.ends;
  const missing = isCounted ? (list.total ?? last.start + last.count) : stretches.reduce((sum, one) => sum + one.count, 0);
  const free = width - 2 * SIDE - (isCounted ? 0 : GAP * (stretches.length - 1 + opens)) - (goesOn && !(isCounted && list.total !== null) ? GAP : 0);
  const unit = Math.min(WIDEST, free / Math.max(1, missing));
  const starts = [], gaps = [];
  let x = SIDE;
  for (const [number, stretch] of stretches.entries()) {
    const begin = isCounted ? SIDE + stretch.start * unit : x + (number || opens ? GAP : 0);
    if (begin > x + 1) gaps.push([x, begin]);
    starts.push(begin);
    x = begin + stretch.count * unit;
  }
  const end = isCounted && list.total !== null ? SIDE + list.total * unit : x + GAP;
  if (goesOn && end > x + 1) gaps.push([x, end]);
  return { unit, starts, gaps };
}

/** What its two ends are called. */
function drawEnds(list, { starts, unit, gaps }) {
  const last = list.stretches.length - 1, isCounted = !list.stretches[0].ids.length;
  const end = Math.max(starts[last] + list.stretches[last].count * unit, gaps.at(-1)?.[1] ?? 0);
  const [first, final] = isCounted ? ["1", list.total === null ? "" : `${list.total}`] : ["newest", "oldest"];
  const apart = end - SIDE > (first.length + final.length + 2) * LETTER;
  return [svg("text", { class: "soft", x: SIDE, y: 12 }, first), apart ? svg("text", { class: "soft last", x: end, y: 12 }, final) : null];
}

function drawStretch(stretch, x, unit, top) {
  const width = Math.max(2, stretch.count * unit), parts = [];
  parts.push(svg("rect", { class: "stretch", x, y: top, width, height: BAR }));
  if (stretch.ids.length === stretch.count) {
    for (const [place, id] of stretch.ids.entries()) {
      const name = stretch.short[place], middle = x + (place + 0.5) * unit;
      if (name.length * LETTER < unit - 4) parts.push(svg("text", { class: "middle", x: middle, y: top + BAR / 2 + 4 }, name));
      parts.push(svg("rect", { class: "object", x: x + place * unit, y: top, width: unit, height: BAR }, svg("title", {}, id)));
    }
  }
  if (unit >= TICKS) {
    for (let place = 1; place < stretch.count; place++) parts.push(svg("line", { class: "tick", x1: x + place * unit, y1: top, x2: x + place * unit, y2: top + BAR }));
  }
  if (stretch.starts) parts.push(svg("line", { class: "end", x1: x, y1: top - 5, x2: x, y2: top + BAR + 5 }));
  if (stretch.ends) parts.push(svg("line", { class: "end", x1: x + width, y1: top - 5, x2: x + width, y2: top + BAR + 5 }));
  return parts;
}

/** The pages in rows, each in the first one in which it lies over no other. */
function levelled(pages, place) {
  const ends = [], found = [];
  for (const page of pages) {
    const from = place.starts[page.stretch] + page.start * place.unit, to = from + Math.max(22, page.count * place.unit);
    let level = ends.findIndex((end) => end <= from);
    if (level < 0) level = ends.length;
    ends[level] = to + 4;
    found.push({ page, level });
  }
  return { pages: found, count: ends.length };
}

function drawPage(page, level, under, { starts, unit }) {
  const from = starts[page.stretch] + page.start * unit, to = from + page.count * unit, y = under + level * LEVEL;
  return svg("g", { class: "page" }, svg("title", {}, `#${page.number} ${page.query}`),
    svg("path", { d: `M${from + 1.5},${y - 5} V${y} H${to - 1.5} V${y - 5}` }),
    svg("text", { class: "middle", x: Math.max(SIDE, (from + to) / 2), y: y + 12 }, `#${page.number}`));
}

/** What is known of it as a line, and what is not as a broken one, to the side that it walks to. */
function drawAsked(asked, { starts, unit }, width) {
  const from = starts[asked.stretch] + asked.start * unit, to = from + asked.count * unit, y = ABOVE - 14;
  const kind = asked.how === "miss" ? "asked bad" : "asked good";
  const missing = asked.how === "miss" && asked.limit !== null ? Math.max(0, asked.limit - asked.count) : 0;
  const reach = missing ? Math.max(20, Math.min(missing * unit, 3 * GAP)) : 0;
  const end = asked.is_back ? Math.max(4, from - reach) : Math.min(width - 4, to + reach);
  const parts = [];
  if (asked.count) parts.push(svg("path", { class: kind, d: `M${from + 1},${y + 8} V${y} H${to - 1} V${y + 8}` }));
  if (missing) parts.push(svg("path", { class: `${kind} missing`, d: asked.is_back ? `M${from},${y} H${end}` : `M${to},${y} H${end}` }));
  const middle = (Math.min(from, end) + Math.max(to, end)) / 2;
  parts.push(svg("text", { class: `middle ${kind}`, x: Math.min(width - 60, Math.max(60, middle)), y: y - 8 }, missing ? "asked: not determined" : "asked"));
  return parts;
}
