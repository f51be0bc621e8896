// One object's life, drawn as a lane: what was done to it, where it was seen, and what had changed each time.

import { brief, counted, html, latest, svg } from "./elements.js";

const WORDS = {
  made: "made",
  changed: "changed",
  touched: "touched",
  deleted: "deleted",
  refused: "refused, changes nothing",
  seen: "seen",
};

/** Shows the objects in `root`, and the life of the one that is chosen. */
export function mount(root, ask, go) {
  const list = html("ul", { class: "objects" });
  const lane = html("div", { class: "lane", "aria-live": "polite" });
  const said = html("p", { class: "said" });
  const failed = (error) => said.replaceChildren(`That cannot be shown: ${error.message}`);
  const choose = latest((id) => ask("lane", { id }), (found) => lane.replaceChildren(...drawLane(found, go)), failed);
  const find = latest((text) => ask("objects", { text }), (found) => {
    const press = (id) => {
      for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", button.dataset.id === id);
      choose(id);
    };
    list.replaceChildren(...found.objects.map(({ id, count }) => html("li", {},
      html("button", { type: "button", "data-id": id, "aria-pressed": "false", click: () => press(id) },
        html("span", { class: "code id" }, id), html("span", { class: "count" }, counted(count, "interaction"))))));
    said.replaceChildren(found.more ? `and ${counted(found.more, "object")} more` : found.objects.length ? "" : "No object is named so.");
    if (found.objects.length && !lane.firstChild) press(found.objects[0].id);
  }, failed);
  const box = html("input", { type: "search", id: "object", placeholder: "part of an id", autocomplete: "off", spellcheck: "false", input: () => find(box.value) });
  root.replaceChildren(html("section", { class: "drawn lanes", "aria-label": "lives of objects" },
    html("div", { class: "finder" }, html("label", { for: "object" }, "object "), box, list, said), lane));
  find("");
  return () => root.replaceChildren();
}

/** The life of one object: a line from top to bottom, with a dot for each step. */
export function drawLane({ id, steps }, go) {
  if (!steps.length) return [html("p", { class: "said" }, `Nothing tells of ${id}.`)];
  const line = html("ol", { class: "steps" }, ...steps.map((step, place) => drawStep(step, place === 0, place === steps.length - 1, go)));
  return [html("h2", { class: "code" }, id), line];
}

function drawStep({ number, kind, request, status, changes, more }, isFirst, isLast, go) {
  const isRead = kind === "seen";
  const mark = svg("svg", { class: `dot ${kind}`, width: 20, height: 28, "aria-hidden": "true" },
    isFirst ? null : svg("line", { class: "life", x1: 10, y1: 0, x2: 10, y2: 14 }),
    isLast ? null : svg("line", { class: "life", x1: 10, y1: 14, x2: 10, y2: 28 }),
    kind === "deleted" || kind === "refused"
      ? svg("path", { class: "cross", d: "M5,9 L15,19 M15,9 L5,19" })
      : svg("circle", { class: isRead ? "read" : "write", cx: 10, cy: 14, r: isRead ? 4.5 : 5 }));
  const told = changes.map(([name, before, after]) => html("li", {}, html("span", { class: "code" }, name),
    " ", html("del", { class: "code" }, brief(before)), " → ", html("ins", { class: "code" }, brief(after))));
  if (more) told.push(html("li", {}, `and ${counted(more, "field")} more`));
  return html("li", { class: kind }, mark, html("div", {},
    html("button", { type: "button", class: "go", click: () => go(number) }, `#${number}`), " ",
    html("strong", {}, WORDS[kind] ?? kind), " ", html("span", { class: "code request" }, request), " ",
    html("span", { class: status < 400 ? "status" : "status bad" }, status),
    told.length ? html("ul", { class: "changes" }, ...told) : null));
}
