// Causes, drawn: the interactions in the order of the file, arcs from writes to what depends on them, and a slider over
// the writes: what would be answered after any of them.

import { counted, holds, html, latest, ranges, svg } from "./elements.js";

const ROW = 28; // pixels of a row
const GUTTER = 112; // pixels of the gutter, where arcs are
const DOT = 12; // pixels from its right side to the dots
const FAINT = 400; // arcs that are drawn of what nobody chose; with more of them only those of what is chosen
const PART = 500; // rows at once

const WORDS = {
  own: "answered",
  other: "as",
  page: "follows: page",
  object: "follows: object",
  filter: "follows: filter",
  miss: "miss",
};

/** Shows the causes in `root`. `ask(path, parameters)` gives a document, `go(number)` shows an interaction. */
export function mount(root, ask, go) {
  const view = new Causes(root, ask, go);
  view.load(1);
  return () => root.replaceChildren();
}

class Causes {
  constructor(root, ask, go) {
    this.ask = ask;
    this.go = go;
    this.chosen = null;
    this.around = null;
    this.state = null;
    this.slider = html("input", { type: "range", min: 0, max: 0, id: "after", input: () => this.move(), "aria-describedby": "state" });
    this.output = html("output", { for: "after", class: "after" });
    this.said = html("p", { class: "said", id: "state", "aria-live": "polite" });
    this.about = html("p", { class: "about", "aria-live": "polite" });
    this.gutter = svg("svg", { class: "gutter", width: GUTTER, "aria-hidden": "true" });
    this.rows = html("ol", { class: "rows", keydown: (event) => this.steer(event) });
    this.parts = html("nav", { class: "parts", "aria-label": "parts of the cassette" });
    const play = html("div", { class: "play" }, html("label", { for: "after" }, "as it stood after"), this.slider, this.output);
    const drawing = html("div", { class: "drawing" }, this.gutter, this.rows);
    const legend = html("p", { class: "legend" }, "● a write  ○ a read  arcs lead from writes to what depends on them; choose a row to see its own");
    root.replaceChildren(html("section", { class: "drawn causes", "aria-label": "causes" }, play, this.said, this.about, drawing, this.parts, legend));
    const failed = (error) => this.said.replaceChildren(`That cannot be shown: ${error.message}`);
    this.look = latest((after) => this.ask("state", { after, first: this.first, count: PART }), (state) => this.stand(state), failed);
    this.choose = latest((number) => this.ask("around", { number }), (around) => this.point(around), failed);
    this.load = latest((first) => this.ask("causes", { first, count: PART }), (causes) => this.fill(causes), failed);
  }

  // -- what there is

  fill(causes) {
    const isFirst = !this.causes;
    this.causes = causes;
    this.first = causes.first;
    this.writes = causes.rows.filter((row) => !row.reads).map((row) => row.number);
    this.lines = new Map(causes.rows.map((row) => [row.number, this.line(row)]));
    this.rows.replaceChildren(...this.lines.values());
    this.slider.max = causes.writes;
    if (isFirst) this.slider.value = causes.writes;
    this.parts.replaceChildren(...this.steps(causes));
    if (!causes.count) this.said.replaceChildren("Nothing is recorded yet.");
    else this.move();
  }

  steps({ first, count }) {
    if (count <= PART) return [];
    const last = Math.min(count, first + PART - 1);
    const step = (words, to) => html("button", { type: "button", disabled: to < 1 || to > count, click: () => this.load(to) }, words);
    return [step("earlier", first - PART), html("span", {}, `${first} to ${last} of ${count}`), step("later", first + PART)];
  }

  line(row) {
    const words = html("span", { class: "how" });
    const press = { type: "button", class: row.reads ? "read" : "write", click: () => this.choose(row.number), dblclick: () => this.go(row.number) };
    const line = html("li", {}, html("button", press,
      html("span", { class: "number" }, row.number), html("span", { class: "code request", title: row.request }, row.request),
      html("span", { class: row.status < 400 ? "status" : "status bad" }, row.status), words));
    line.words = words;
    return line;
  }

  steer(event) {
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    const line = event.target.closest("li");
    if (!by || !line || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = by > 0 ? line.nextElementSibling : line.previousElementSibling;
    next?.firstElementChild.focus();
    next?.firstElementChild.click();
  }

  // -- the state after some writes

  move() {
    const after = Number(this.slider.value);
    this.output.replaceChildren(`${after} of ${counted(this.causes.writes, "write")}`);
    this.look(after);
  }

  stand(state) {
    this.state = state;
    const next = state.ready.length ? `; #${ranges(state.ready.map((number) => [number, number]))} may come next` : "";
    const lists = state.of_lists ? `, ${state.lists.length} of ${counted(state.of_lists, "list")} known` : "";
    this.said.replaceChildren(`${state.answered} of ${counted(state.of, "read")} would be answered${lists}${next}`);
    const reads = new Map(state.reads.map((read) => [read.number, read]));
    const last = state.last ?? 0;
    for (const [number, line] of this.lines) {
      const read = reads.get(number);
      const how = read ? read.how : number <= last ? "played" : state.ready.includes(number) ? "ready" : "later";
      line.dataset.how = how;
      line.classList.toggle("last", number === state.last);
      line.words.replaceChildren(read ? WORDS[how] + (how === "other" ? ` #${read.by}` : "") : { played: "played", ready: "next", later: "not yet" }[how]);
      line.firstElementChild.title = read?.why ?? "";
    }
    this.draw();
    this.tell();
  }

  // -- what is chosen

  point(around) {
    this.around = around;
    this.chosen = around.number;
    for (const [number, line] of this.lines) {
      line.classList.toggle("chosen", number === around.number);
      line.classList.toggle("cause", holds(around.behind, number));
      line.classList.toggle("effect", holds(around.ahead, number));
      line.firstElementChild.setAttribute("aria-pressed", number === around.number);
    }
    this.draw();
    this.tell();
  }

  tell() {
    if (!this.around) return;
    const { number, request, behind, ahead } = this.around;
    const line = this.lines.get(number);
    const why = line?.firstElementChild.title;
    const isRead = line ? line.firstElementChild.classList.contains("read") : !ahead.length;
    const words = [behind.length ? `depends on #${ranges(behind)}` : "depends on no write"];
    if (!isRead) words.push(ahead.length ? `#${ranges(ahead)} depend on it` : "nothing depends on it");
    if (why) words.push(`after these writes it is a miss: ${why}`);
    const show = html("button", { type: "button", class: "go", click: () => this.go(number) }, `show #${number}`);
    this.about.replaceChildren(html("span", { class: "code" }, `#${number} ${request}`), ` ${words.join("; ")} `, show);
  }

  // -- the gutter

  draw() {
    const y = (number) => (number - this.first) * ROW + ROW / 2;
    const rows = this.causes.rows, x = GUTTER - DOT;
    const shown = new Set(rows.map((row) => row.number));
    const arc = (write, reader, kind) => {
      const bow = Math.min(GUTTER - DOT - 8, 14 + 9 * Math.sqrt(reader - write));
      return svg("path", { class: `arc ${kind}`, d: `M${x},${y(write)} C${x - bow * 1.3},${y(write)} ${x - bow * 1.3},${y(reader)} ${x},${y(reader)}` });
    };
    const of = (spans) => [...shown].filter((number) => holds(spans, number));
    const arcs = [];
    const pairs = rows.flatMap((row) => (row.reads ? of(row.behind).map((write) => [write, row.number]) : []));
    if (pairs.length <= FAINT) arcs.push(...pairs.map(([write, reader]) => arc(write, reader, "faint")));
    if (this.around && shown.has(this.around.number)) {
      arcs.push(...of(this.around.behind).map((write) => arc(write, this.around.number, "own")));
      arcs.push(...of(this.around.ahead).map((reader) => arc(this.around.number, reader, "own")));
    }
    const dots = rows.map((row) => svg("circle", {
      class: `${row.reads ? "read" : "write"} ${this.lines.get(row.number).dataset.how ?? ""} ${row.number === this.chosen ? "chosen" : ""}`,
      cx: x, cy: y(row.number), r: row.reads ? 4.5 : 4 }));
    this.gutter.setAttribute("height", rows.length * ROW);
    this.gutter.replaceChildren(...arcs, ...dots);
  }
}
