// The list: 100,000 rows of which those in sight stand in the document. Rows are arrays, as the server tells them.

import { html, svg } from "./elements.js";
import { came, outcome, short, took, virtual, visible } from "./words.js";
import { meets, parse, texts } from "./filter.js";
import { ask } from "./api.js";

const ROW = 30; // pixels of a row
const GUTTER = 30; // pixels at the left of the rows, where arcs are
const BEYOND = 60; // pixels out of sight at which an arc that goes on ends
const AROUND = 12; // rows beyond what is in sight
const TALLEST = 15_000_000; // pixels: a browser's elements are not much taller

let marked = null; // when the first row stood there, for who measures

/** A list in `root`. `choose(row)` is called with the row that is chosen; `live` is whether more may come. */
export class List {
  constructor(root, choose, { live }) {
    this.choose = choose;
    this.live = live;
    this.rows = [];
    this.lines = new Map(); // those in the document, by their places in the list
    this.shown = this.rows;
    this.words = [];
    this.found = new Map();
    this.chosen = null;
    this.arcs = null;
    this.follows = live;
    this.box = html("input", {
      type: "search", id: "filter", placeholder: "is:missed method:POST status:4xx text:…", autocomplete: "off", spellcheck: "false",
      "aria-label": "Filter", input: () => this.filter(), keydown: (event) => event.key === "Enter" && this.focus(),
    });
    this.pause = live ? html("button", { class: "plain", type: "button", "aria-pressed": "false", click: () => this.hold(!this.held) }, "Pause") : null;
    this.count = html("span", { class: "count", role: "status" });
    this.canvas = html("div", { class: "canvas", role: "presentation" });
    this.empty = html("p", { class: "empty" });
    this.scroller = html("div", {
      class: "scroller", tabindex: "0", role: "listbox", "aria-label": "Requests", scroll: () => this.moved(), keydown: (event) => this.steer(event),
      click: (event) => this.click(event),
    }, this.canvas);
    this.held = false;
    root.replaceChildren(html("div", { class: "bar" }, this.box, this.pause, this.count),
      html("div", { class: "heads", "aria-hidden": "true" }, ...["outcome", "method", "path", "status", "ms", "virtual time", "came"].map((name, at) => html("span", { class: `c${at}` }, name))),
      this.empty, this.scroller);
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this.scroller);
    this.draw();
  }

  close() {
    this.sized.disconnect();
    clearTimeout(this.waiting);
    clearTimeout(this.again);
  }

  add(rows) {
    if (!rows.length) return;
    for (const row of rows) this.rows.push(row);
    if (this.words.length) {
      for (const row of rows) if (meets(row, this.words, this.found)) this.shown.push(row);
      const wanted = texts(this.words);
      if (wanted.length && !this.again) this.again = setTimeout(() => { this.again = 0; this.seek(wanted, true); }, 1000);
    }
    this.later();
  }

  hold(held) {
    this.held = held;
    this.pause.setAttribute("aria-pressed", String(held));
    this.pause.textContent = held ? "Go on" : "Pause";
    this.kept = held ? this.shown.length : undefined;
    this.follows = !held;
    this.draw();
  }

  // -- filtering

  filter() {
    this.words = parse(this.box.value);
    this.select();
    const wanted = texts(this.words);
    clearTimeout(this.waiting);
    if (wanted.length) this.waiting = setTimeout(() => this.seek(wanted), 150);
  }

  select() {
    this.shown = this.words.length ? this.rows.filter((row) => meets(row, this.words, this.found)) : this.rows;
    this.kept = this.held ? this.shown.length : undefined;
    this.scroller.scrollTop = this.follows ? this.scroller.scrollHeight : 0;
    this.draw();
  }

  async seek(wanted, again = false) {
    for (const text of wanted) {
      if (this.found.has(text) && !again) continue;
      try {
        this.found.set(text, new Set((await ask("search", { text, of: this.live ? "session" : "cassette" })).numbers));
      } catch (error) {
        this.count.textContent = error.message;
        return;
      }
    }
    this.select();
  }

  // -- drawing

  get length() {
    return this.kept === undefined ? this.shown.length : Math.min(this.kept, this.shown.length);
  }

  later() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.draw();
    });
  }

  moved() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (this.live && !this.held) this.follows = scrollTop + clientHeight >= scrollHeight - ROW;
    this.later();
  }

  draw() {
    const length = this.length;
    const all = this.rows.length === this.shown.length ? `${length}` : `${length} of ${this.rows.length}`;
    this.count.textContent = `${all} ${this.rows.length === 1 ? "request" : "requests"}${this.held ? ", held" : ""}`;
    this.empty.hidden = length > 0;
    this.scroller.hidden = length === 0;
    if (!length) {
      this.empty.textContent = this.rows.length ? "No request meets the filter." : this.live ? "No request has come yet. Each will stand here as it comes." : "There is nothing in this cassette.";
      this.canvas.replaceChildren();
      this.lines.clear();
      return;
    }
    const height = Math.min(length * ROW, TALLEST);
    if (this.height !== height) this.canvas.style.setProperty("height", `${this.height = height}px`);
    if (this.follows && this.live && !this.held) this.scroller.scrollTop = this.scroller.scrollHeight;
    const tall = this.scroller.clientHeight || 600;
    const top = this.scroller.scrollTop;
    const first = height < length * ROW ? Math.round((top / Math.max(1, height - tall)) * Math.max(0, length - tall / ROW)) : Math.floor(top / ROW);
    const from = Math.max(0, first - AROUND);
    const to = Math.min(length, first + Math.ceil(tall / ROW) + AROUND);
    const offset = height < length * ROW ? top - (first - from) * ROW : from * ROW;
    const before = this.lines, lines = this.lines = new Map();
    for (let at = from; at < to; at += 1) lines.set(at, this.lineAt(before, at, offset + (at - from) * ROW));
    for (const [at, line] of before) if (lines.get(at) !== line) line.remove();
    let next = this.canvas.firstChild; // they stand in the order in which they are seen
    for (const line of lines.values()) {
      if (line === next) next = next.nextSibling;
      else this.canvas.insertBefore(line, next);
    }
    if (!marked) marked = performance.mark("first-row");
    this.bow((at) => offset + (at - from) * ROW + ROW / 2, top, tall);
    const active = this.canvas.querySelector("[aria-selected=true]");
    if (active) this.scroller.setAttribute("aria-activedescendant", active.id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  /** Which rows the chosen one depends on, and which depend on it: `{row, behind, ahead}`. */
  point(arcs) {
    this.arcs = arcs;
    this.draw();
  }

  // The arcs of the chosen row, in the gutter: `y` tells where a row is, and `top` and `tall` what is in sight.
  bow(y, top, tall) {
    const arcs = this.arcs && this.arcs.row === this.chosen ? this.arcs : null;
    const place = arcs ? this.placeOf(arcs.row) : -1;
    const ends = place < 0 ? [] : [["behind", arcs.behind], ["ahead", arcs.ahead]].flatMap(([kind, rows]) => rows.map((row) => [kind, this.placeOf(row)])).filter(([, at]) => at >= 0);
    if (!ends.length) return this.gutter?.remove();
    const seen = (at) => Math.min(tall + BEYOND, Math.max(-BEYOND, y(at) - top));
    const x = GUTTER - 9, own = seen(place);
    const dot = (at, kind) => svg("circle", { class: kind, cx: x, cy: seen(at), r: at === place ? 4 : 3 });
    const path = ([kind, at]) => svg("path", { class: kind, d: `M${x},${own} C${x - reach(at)},${own} ${x - reach(at)},${seen(at)} ${x},${seen(at)}` });
    const reach = (at) => Math.min(GUTTER - 4, 10 + 2 * Math.sqrt(Math.abs(at - place)));
    this.gutter ??= svg("svg", { class: "arcs", width: GUTTER, "aria-hidden": "true" });
    this.gutter.replaceChildren(...ends.map(path), ...ends.map(([kind, at]) => dot(at, kind)), dot(place, "own"));
    this.gutter.setAttribute("height", tall);
    this.gutter.style.setProperty("transform", `translateY(${top}px)`);
    if (this.gutter.parentNode !== this.canvas) this.canvas.append(this.gutter);
  }

  // The place of the row of that number among those that are shown, which stand in their order; -1 where it does not.
  placeOf(number) {
    let low = 0, high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.shown[middle][0] < number) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.shown[low][0] === number ? low : -1;
  }

  // A line that is there already stays: making one costs more than moving it.
  lineAt(before, at, top) {
    const row = this.shown[at];
    const line = before.get(at);
    const isChosen = this.chosen === row[0];
    const found = line && line.row === row && line.isChosen === isChosen ? line : Object.assign(this.line(row, at), { row, isChosen });
    if (found.top !== top) found.style.setProperty("transform", `translateY(${found.top = top}px)`);
    return found;
  }

  line(row, at) {
    const [number, name, method, path, status, milliseconds, time, , , at_] = row;
    const [sign, word, colour] = outcome(name);
    const isRead = method === "GET" || method === "HEAD";
    return html("div", {
      class: `row${at % 2 ? " odd" : ""}${isRead ? "" : " write"}`, role: "option", id: `row-${number}`, "data-at": at, "aria-selected": this.chosen === number ? "true" : "false",
      "aria-posinset": at + 1, "aria-setsize": this.length, title: visible(`${method} ${path}`),
    },
      html("span", { class: `c0 ${colour}` }, html("i", { "aria-hidden": "true" }, sign), ` ${word}`),
      html("span", { class: "c1" }, method), html("span", { class: "c2" }, short(visible(path))),
      html("span", { class: `c3${status >= 400 ? " stop" : ""}` }, String(status)), html("span", { class: "c4" }, took(milliseconds)), html("span", { class: "c5" }, virtual(time)), html("span", { class: "c6" }, came(at_)));
  }

  // -- choosing

  click(event) {
    const line = event.target.closest(".row");
    if (line) this.take(Number(line.dataset.at));
  }

  focus() {
    this.scroller.focus();
    if (this.at < 0 && this.length) this.take(0);
  }

  get at() {
    return this.chosen === null ? -1 : this.shown.findIndex((row) => row[0] === this.chosen);
  }

  /** Choose the row at that place of the list, and have it in sight. */
  take(at) {
    const row = this.shown[at];
    if (!row || at >= this.length) return;
    this.chosen = row[0];
    this.follows = false;
    this.reveal(at);
    this.draw();
    this.choose(row);
  }

  reveal(at) {
    const { clientHeight, scrollTop } = this.scroller;
    if (this.length * ROW > TALLEST) {
      this.scroller.scrollTop = (at / this.length) * (TALLEST - clientHeight);
      return;
    }
    if (at * ROW < scrollTop) this.scroller.scrollTop = at * ROW;
    if ((at + 1) * ROW > scrollTop + clientHeight) this.scroller.scrollTop = (at + 1) * ROW - clientHeight;
  }

  move(by) {
    const at = this.at;
    this.take(Math.min(this.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : this.length - 1) : at + by)));
  }

  steer(event) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.length, End: this.length };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === "Enter" && this.at >= 0) document.querySelector("#exchange")?.focus();
    else return;
    event.preventDefault();
  }
}
