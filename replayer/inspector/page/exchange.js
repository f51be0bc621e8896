// One exchange: request beside response, what its ids and times are, why it was the answer, and how to copy it.

import { counted, html } from "./elements.js";
import { ask } from "./api.js";
import { block, marked, pretty } from "./body.js";
import { miss } from "./miss.js";
import { came, offset, outcome, virtual, visible } from "./words.js";

const COPIES = [["curl", "curl"], ["python", "Python"], ["vcrpy", "vcrpy entry"], ["pytest", "pytest marker"]];

/** Shows exchanges in `root`, and in `told` what is known of a value in one. `go(number)` shows an interaction, `styled()` loads what
 *  pictures need. */
export class Exchange {
  constructor(root, told, go, styled) {
    this.root = root;
    this.told = told;
    this.go = go;
    this.styled = styled;
    this.raw = false;
    this.turn = 0;
    this.known = new Map();
  }

  /** Nothing is chosen. */
  clear() {
    this.turn += 1;
    this.shown = null;
    this.told.hidden = true;
    this.root.replaceChildren(html("p", { class: "empty" }, "Choose a request: its answer, its ids and why it was this answer stand here."));
  }

  async show(parameters) {
    const mine = ++this.turn;
    try {
      const found = await ask("exchange", parameters);
      if (mine !== this.turn) return;
      this.asked = parameters;
      this.draw(found);
    } catch (error) {
      if (mine === this.turn) this.root.replaceChildren(html("p", { class: "empty", role: "alert" }, error.message));
    }
  }

  /** The recorded bytes instead of what is laid out, and back. */
  toggle() {
    this.raw = !this.raw;
    if (this.shown?.request) this.draw(this.shown);
  }

  draw(found) {
    const same = found === this.shown;
    this.shown = found;
    if (!same) this.root.scrollTop = 0;
    this.told.hidden = !found.request;
    this.root.replaceChildren(...(found.request ? this.exchange(found) : found.reason ? miss(found, this) : this.bare(found)));
  }

  bare(found) {
    return [this.head(found.outcome, found.asked, found.at), html("p", {}, found.message || "Nothing more is known of it.")];
  }

  head(name, asked, at, facts = []) {
    const [sign, word, colour] = outcome(name);
    const more = [...facts, at ? `came ${came(at)}` : ""].filter(Boolean).join(" · ");
    return html("header", { class: "what" }, html("span", { class: `chip ${colour}` }, html("i", { "aria-hidden": "true" }, sign), ` ${word}`),
      html("h2", { class: "code" }, visible(asked)), more ? html("span", { class: "soft" }, more) : null);
  }

  exchange(found) {
    const { request, response } = found;
    const known = this.marks(found);
    const facts = [found.number ? `interaction ${found.number}` : "", found.date === null ? "" : `virtual time ${virtual(found.date)}`];
    const path = new URL(request.uri, "http://localhost");
    this.told.replaceChildren(this.hint(found));
    return [
      this.head(found.outcome, `${request.method} ${decode(path.pathname + path.search)}`, found.at, facts),
      this.why(found),
      found.bound.length ? this.bindings(found.bound) : null,
      html("div", { class: "tools" }, html("button", { class: "plain", type: "button", "aria-pressed": String(this.raw), click: () => this.toggle() }, "Bytes as recorded ", html("kbd", {}, "r")),
        html("span", { class: "soft" }, "Copy as"), ...COPIES.map(([name, word]) => copier(word, () => this.copied(name)))),
      html("div", { class: "sides" }, this.side("Request", `${request.method} ${request.uri}`, request, known), this.side("Response", `${response.status} ${response.reason}`, response, known)),
    ].filter(Boolean);
  }

  async copied(name) {
    return (await ask("copy", this.asked))[name];
  }

  side(title, line, message, known) {
    const kind = message.headers.find(({ name }) => name.toLowerCase() === "content-type")?.value ?? "";
    const text = message.body ?? message.body_base64;
    const body = text === "" ? [html("p", { class: "soft" }, "no body")] : block(this.raw || message.body === undefined ? text : pretty(text, kind), known, `${title} body`);
    return html("section", { class: "side", "aria-label": title }, html("h3", {}, title), html("p", { class: "line code" }, ...marked(line, known)),
      message.body === undefined ? html("p", { class: "soft" }, "no text: in Base64") : null,
      ...body,
      html("details", { class: "headers", open: this.raw }, html("summary", {}, counted(message.headers.length, "header")),
        html("dl", {}, ...message.headers.flatMap(({ name, value }) => [html("dt", {}, name), html("dd", {}, ...marked(value, known))]))));
  }

  // -- what is known in it

  marks(found) {
    const known = new Map();
    for (const id of found.ids) known.set(id, (text) => this.mark("id", text, () => this.alias(text)));
    for (const time of found.times) known.set(time.text, (text) => this.mark("time", text, () => this.time(time)));
    return known;
  }

  mark(kind, text, tell) {
    const open = () => { if (this.marked !== text) tell(); };
    return html("button", { class: `mark ${kind}`, type: "button", "aria-describedby": "told", mouseenter: open, focus: open, click: tell }, text);
  }

  hint(found) {
    const parts = [found.ids.length ? counted(found.ids.length, "id") : "", found.times.length ? counted(found.times.length, "time") : ""].filter(Boolean);
    this.marked = null;
    return html("p", { class: "soft" }, parts.length ? `${parts.join(" and ")} here: point at one to see where it comes from.` : "There is no id and no time in it.");
  }

  async alias(text) {
    this.marked = text;
    this.light(text);
    const cached = this.known.get(text);
    if (!cached) this.told.replaceChildren(html("p", {}, html("b", { class: "code" }, text)));
    try {
      const found = cached ?? await ask("alias", { text });
      this.known.set(text, found);
      if (this.marked === text) this.told.replaceChildren(...this.origin(found));
    } catch (error) {
      if (this.marked === text) this.told.replaceChildren(html("p", { role: "alert" }, error.message));
    }
  }

  origin(found) {
    const groups = new Map();
    for (const { number, side, place } of found.places) groups.set(number, [...(groups.get(number) ?? []), `${side} ${place}`]);
    const more = found.count - found.places.length;
    return [html("p", {}, html("b", { class: "code" }, found.text), ` ${found.origin}`),
      html("p", { class: "soft" }, `It stands at ${counted(found.count, "place")} in ${counted(groups.size, "interaction")}${more > 0 ? " and more" : ""}:`),
      html("ul", { class: "places" }, ...[...groups].slice(0, 60).map(([number, places]) => html("li", {},
        html("button", { class: "plain", type: "button", click: () => this.go(number) }, String(number)), ` ${places.join(", ")}`)))];
  }

  time(time) {
    this.marked = time.text;
    this.light(time.text);
    const how = time.offset === null ? "" : time.offset === 0 ? " It is the second of the answer." : ` ${offset(time.offset)} from the answer.`;
    const wall = this.shown.at ? html("p", { class: "soft" }, `By the wall clock the request came ${came(this.shown.at)}, which no answer shows.`) : null;
    this.told.replaceChildren(...[html("p", {}, html("b", { class: "code" }, time.text), ` is ${time.words} by the virtual clock.${how}`), wall].filter(Boolean));
  }

  light(text) {
    for (const one of this.root.querySelectorAll(".mark")) one.classList.toggle("lit", one.textContent === text);
  }

  // -- why

  why(found) {
    const { rule, writes, more } = found.why;
    if (!rule && !writes.length) return null;
    return html("section", { class: "why", "aria-label": "Why this answer" }, html("h3", {}, "Why this answer"), html("p", {}, rule),
      writes.length ? html("ul", { class: "behind" }, ...(more ? [html("li", { class: "soft" }, `${counted(more, "earlier write")}, then`)] : []),
        ...writes.map((one) => html("li", {}, html("button", { class: "plain", type: "button", click: () => this.go(one.number) }, String(one.number)), " ", html("span", { class: "code" }, one.request)))) : null);
  }

  bindings(bound) {
    return html("section", { class: "bound", "aria-label": "Bindings" }, html("h3", {}, "What the client made up anew in this run"),
      html("table", {}, html("thead", {}, html("tr", {}, ...["hole", "recorded", "live"].map((name) => html("th", { scope: "col" }, name)))),
        html("tbody", {}, ...bound.map((one) => html("tr", {},
          html("th", { scope: "row", class: one.places.length ? "code" : "soft" }, one.places.join(", ") || "only in the answer"), html("td", { class: "code" }, visible(one.recorded)), html("td", { class: "code" }, visible(one.live)))))));
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A button that copies the text that `make()` gives, and says that it did. */
export function copier(word, make) {
  const button = html("button", { class: "plain", type: "button", click: async () => {
    try {
      await written(await make());
      button.textContent = "copied";
    } catch (error) {
      button.textContent = error.message;
    }
    setTimeout(() => { button.textContent = word; }, 1200);
  } }, word);
  return button;
}

// A browser may refuse its clipboard: then the text is selected in a field for a moment, as it was always done.
async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = html("textarea", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
