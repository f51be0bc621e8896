// A miss: why there is no answer, what the nearest recording had instead, and what to do.

import { counted, html } from "./elements.js";
import { ask } from "./api.js";
import { copier } from "./exchange.js";
import { visible } from "./words.js";

const REASONS = {
  "no-match": "Nothing recorded answers this request.",
  "used-up": "Each recorded answer to this write was given.",
  "unknown-state": "It was recorded, but not in this state.",
  "stale-alias": "The upstream knows nothing of a name in it.",
  "live-key": "A live key would have gone to the upstream.",
  "other-host": "It went to another host.",
  fault: "Replayer itself failed.",
};

/** A miss, as elements of the view `of`. */
export function miss(found, of) {
  return [
    of.head(found.outcome, found.asked, found.at),
    html("p", { class: "verdict" }, verdict(found)),
    found.behind.writes.length || found.ahead.writes.length ? apart(found, of) : null,
    found.lack ? lacking(found, of) : null,
    found.differing.length ? differing(found, of) : null,
    found.remedies.length ? html("section", { class: "remedies", "aria-label": "What to do" }, html("h3", {}, "What to do"), html("ul", {}, ...found.remedies.map(remedy))) : null,
    html("details", { class: "words" }, html("summary", {}, "The message that the program got"),
      html("pre", { class: "body", tabindex: "0", role: "region", "aria-label": "The whole message" }, found.message)),
  ].filter(Boolean);
}

function verdict({ reason, behind, ahead, differing: fields, lack }) {
  if (behind.writes.length) return "It was recorded after writes that this run has not made.";
  if (ahead.writes.length) return "It was recorded before writes that this run has made already.";
  if (lack) return "No such page was recorded, and it does not follow from those that were.";
  if (reason === "no-match" && fields.length) return `Nothing recorded answers this request: the nearest recording differs in ${counted(fields.length, "field")}.`;
  return REASONS[reason] ?? "";
}

const number = (found, of) => (found.number ? html("button", { class: "plain", type: "button", click: () => of.go(found.number) }, `interaction ${found.number}`) : null);

// Which writes tell the state of the recording from the one of this run.
function apart(found, of) {
  return html("section", { class: "nearest", "aria-label": "The state that it was recorded in" }, html("h3", {}, "The state that it was recorded in"),
    html("p", { class: "line" }, html("span", { class: "code" }, visible(found.asked)), " ", number(found, of)),
    writes("recorded before it, and not made in this run", "−", found.behind, of), writes("made in this run, and not before it in the recording", "+", found.ahead, of));
}

function writes(title, sign, { writes: listed, more }, of) {
  if (!listed.length) return null;
  return html("div", { class: "writes" }, html("h4", {}, title),
    html("ul", {}, ...listed.map((one) => html("li", { class: sign === "−" ? "lost" : "gained" }, html("i", { "aria-hidden": "true" }, sign),
      html("button", { class: "plain", type: "button", click: () => of.go(one.number) }, String(one.number)), html("span", { class: "code" }, one.request))),
    more ? html("li", { class: "soft" }, `and ${more} more`) : null));
}

function differing(found, of) {
  return html("section", { class: "nearest", "aria-label": "Nearest recording" }, html("h3", {}, "Nearest recording"),
    html("p", { class: "line" }, html("span", { class: "code" }, visible(found.closest)), " ", number(found, of)),
    html("table", {}, html("thead", {}, html("tr", {}, ...["field", "asked", "recorded"].map((name) => html("th", { scope: "col" }, name)))),
      html("tbody", {}, ...found.differing.map((one) => html("tr", {}, html("th", { scope: "row", class: "code" }, one.field),
        html("td", { class: "code asked" }, visible(one.asked)), html("td", { class: "code kept" }, visible(one.recorded)))))));
}

// The part of a list that is missing: the list as it is known, with the page laid over it.
function lacking(found, of) {
  const picture = html("div", { class: "picture" });
  if (found.page) draw(found.page, picture, of);
  return html("section", { class: "nearest drawn lists", "aria-label": "What is missing" }, html("h3", {}, "What is missing"), html("p", {}, `${found.lack}.`), picture);
}

async function draw({ list, query }, picture, of) {
  try {
    const [{ drawList }, { lists }, asked] = await Promise.all([import("./lists.js"), ask("drawn/lists"), ask("drawn/asked", { list, query }), of.styled()]);
    const fill = () => picture.isConnected && picture.clientWidth && lists[list].stretches.length && picture.replaceChildren(drawList(lists[list], asked, Math.max(240, picture.clientWidth)));
    new ResizeObserver(fill).observe(picture);
  } catch { /* the words say the same */ }
}

const remedy = ({ words, code }) => {
  if (!code) return html("li", {}, words);
  const [before, after] = [words.slice(0, words.indexOf(code)), words.slice(words.indexOf(code) + code.length)];
  return html("li", {}, html("span", {}, before, html("code", {}, code), after), copier("copy", async () => code));
};
