// A miss: why there is no answer, the nearest recording beside it, and what to do.

import { html } from "./elements.js";
import { copier } from "./exchange.js";

const REASONS = {
  "no-match": "Nothing recorded answers this request.",
  "used-up": "Each recorded answer to this write was given.",
  "unknown-state": "It was recorded, but not in this state: other writes were behind it.",
  "stale-alias": "The upstream knows nothing of a name in it.",
  "live-key": "A live key would have gone to the upstream.",
  "other-host": "It went to another host.",
  fault: "Replayer itself failed.",
};

/** A miss, as elements of the view `of`. */
export function miss(found, of) {
  const differs = found.differing.length ? differing(found, of) : null;
  return [
    of.head(found.outcome, found.asked, found.reason),
    html("p", { class: "verdict" }, REASONS[found.reason] ?? ""),
    differs,
    found.remedies.length ? html("section", { class: "remedies", "aria-label": "To fix" }, html("h3", {}, "To fix"),
      html("ul", {}, ...found.remedies.map((one) => html("li", {}, html("code", {}, one), copier("copy", one))))) : null,
    html("section", { class: "words", "aria-label": "In words" }, html("h3", {}, "In words"), html("pre", { class: "body", tabindex: "0", role: "region", "aria-label": "The whole message" }, found.message)),
  ].filter(Boolean);
}

function differing(found, of) {
  const nearest = found.number ? html("button", { class: "plain", type: "button", click: () => of.go(found.number) }, `interaction ${found.number}`) : null;
  return html("section", { class: "nearest", "aria-label": "Nearest recording" }, html("h3", {}, "Nearest recording"),
    html("p", { class: "line" }, html("span", { class: "code" }, found.closest), " ", nearest),
    html("table", {}, html("thead", {}, html("tr", {}, ...["field", "asked", "recorded"].map((name) => html("th", { scope: "col" }, name)))),
      html("tbody", {}, ...found.differing.map((one) => html("tr", {}, html("th", { scope: "row", class: "code" }, one.field),
        html("td", { class: "code asked" }, one.asked), html("td", { class: "code kept" }, one.recorded))))));
}
