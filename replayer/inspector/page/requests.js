// The two lists: what was asked in this session, and what is in the cassette; each beside the exchange that is chosen.

import { html, latest } from "./elements.js";
import { ask } from "./api.js";
import { Exchange } from "./exchange.js";
import { List } from "./list.js";

/** The requests of the session, as they come. */
export function requests(root, app) {
  const view = new View(root, app, true);
  for (const rows of app.rows) view.list.add(rows);
  app.onRows = (rows) => view.list.add(rows);
  return view;
}

/** What is in the cassette. */
export function cassette(root, app) {
  const view = new View(root, app, false);
  view.fill();
  return view;
}

class View {
  constructor(root, app, live) {
    this.app = app;
    const list = html("section", { class: "list", "aria-label": live ? "Requests" : "Cassette" });
    const exchange = html("article", { class: "exchange", id: "exchange", tabindex: "-1", "aria-label": "Exchange" });
    const back = html("button", { class: "plain back", type: "button", click: () => this.close() }, "← all requests");
    const told = html("section", { class: "told", id: "told", "aria-live": "polite", "aria-label": "The chosen value" });
    this.pane = html("div", { class: "pane" }, back, exchange, told);
    this.root = html("div", { class: "split" }, list, this.pane);
    root.replaceChildren(this.root);
    this.exchange = new Exchange(exchange, told, (number) => app.go(number), app.style);
    this.exchange.clear();
    this.list = new List(list, (row) => this.open(live ? { row: row[0] } : { number: row[0] }), { live });
    const failed = () => this.list.point(null); // nobody knows: then nothing is drawn
    this.arcs = latest((parameters) => ask("arcs", parameters), (arcs) => this.list.point(arcs), failed);
  }

  async fill() {
    this.stopped = false;
    for (let after = 0; !this.stopped;) {
      const { rows, count } = await ask("rows", { after });
      this.list.add(rows);
      after += rows.length;
      if (this.wanted && after >= this.wanted) this.show(this.wanted);
      if (!rows.length || after >= count) return;
    }
  }

  /** Show the interaction of that number. */
  show(number) {
    if (number > this.list.rows.length) {
      this.wanted = number;
      return;
    }
    this.wanted = undefined;
    this.list.box.value = "";
    this.list.filter();
    this.list.take(number - 1);
  }

  open(parameters) {
    this.root.classList.add("open");
    this.exchange.show(parameters);
    this.arcs(parameters);
  }

  /** The next request that was missed, behind the one that is chosen or from the first one on. */
  miss() {
    const { list } = this;
    const misses = () => list.shown.flatMap((row, at) => (row[1] === "missed" || row[1] === "failed" ? [at] : []));
    if (!misses().length) {
      list.box.value = "";
      list.filter();
    }
    const found = misses();
    const next = found.find((at) => at > list.at) ?? found[0];
    if (next !== undefined) list.take(next);
  }

  close() {
    this.root.classList.remove("open");
    this.list.focus();
  }

  unmount() {
    this.stopped = true;
    this.app.onRows = () => {};
    this.list.close();
  }
}
