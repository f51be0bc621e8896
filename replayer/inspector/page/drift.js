// Drift, drawn: recorded and live side by side, one card for each finding, with every place of it.

import { brief, counted, html } from "./elements.js";
import { compared } from "./beside.js";

const OPEN = 8; // places that are shown at once; more of them when somebody wants to see them

const WORDS = {
  "status": "another status", "reason": "another status message", "field-gone": "field gone", "field-new": "new field",
  "field-renamed": "field renamed", "type": "another type", "null": "null on one side", "value": "another value",
  "text": "another text", "another-object": "another object", "time": "time moved", "order": "another order",
  "member-gone": "members gone", "member-new": "new members", "header": "another header", "header-gone": "header gone",
  "header-new": "new header", "body": "another body",
};
const ONLY_LIVE = new Set(["field-new", "member-new", "header-new"]);
const ONLY_RECORDED = new Set(["field-gone", "member-gone", "header-gone"]);

/** Shows in `root` what a check has found: its document is what `ask("drift")` gives. */
export function mount(root, ask) {
  const section = html("section", { class: "drawn drift", "aria-label": "drift" });
  root.replaceChildren(section);
  ask("drift", {}).then((document) => section.replaceChildren(...drawDrift(document, ask)),
    (error) => section.replaceChildren(html("p", { class: "said" }, `That cannot be shown: ${error.message}`)));
  return () => root.replaceChildren();
}

/** A check, as elements. */
export function drawDrift(document, ask) {
  const findings = document.cassettes.reduce((sum, one) => sum + (one.findings?.length ?? 0), 0);
  const whole = document.same ? "Nothing differs" : findings ? counted(findings, "difference") : "Not all of it could be compared";
  return [html("p", { class: document.same ? "verdict good" : "verdict bad", role: "status" }, `${whole} in ${counted(document.cassettes.length, "cassette")}.`),
    ...document.cassettes.map((report, cassette) => drawReport(report, (number) => ask("answers", { cassette, number })))];
}

function drawReport(report, whole) {
  if (report.error) return html("section", {}, html("h2", { class: "code" }, report.cassette), html("p", { class: "verdict bad" }, report.error));
  const told = `${report.compared} compared, ${report.skipped.length} not, ${counted(report.findings.length, "difference")}`;
  return html("section", {}, html("h2", {}, html("span", { class: "code" }, report.cassette), " ", html("small", {}, told)),
    ...report.findings.map((finding) => drawFinding(finding, whole)),
    ...report.unnamed.map((one) => html("p", { class: "said" }, `Not compared: ${one.where} ${one.field}: recorded in ${counted(one.count, "answer")} before there was its rule. Record it again.`)),
    report.skipped.length ? drawSkipped(report.skipped) : null);
}

function drawFinding(finding, whole) {
  const { kind, where, field, count, hint, places } = finding;
  const answers = html("div", { class: "answers" });
  const open = (number) => whole(number).then((found) => answers.replaceChildren(...compared(found, () => answers.replaceChildren())),
    (error) => answers.replaceChildren(html("p", { class: "bad" }, error.message)));
  const table = html("details", { open: places.length <= OPEN }, html("summary", {}, counted(places.length, "place")),
    html("table", {}, html("thead", {}, html("tr", {}, ...["#", "request", "place", "recorded", "live"].map((word) => html("th", { scope: "col", class: word === "request" ? "where" : null }, word)))),
      html("tbody", {}, ...places.map((place) => drawPlace(place, kind, open)))));
  return html("article", { class: "finding" },
    html("h3", {}, html("span", { class: "code" }, field ? `${where} ${field}` : where), " ", html("small", {}, `${WORDS[kind] ?? kind} in ${counted(count, "answer")}`)),
    html("div", { class: "pair" }, drawSide("recorded", sideOf(finding, "recorded")), drawSide("live", sideOf(finding, "live"))),
    hint ? html("p", { class: "said" }, `Perhaps no change of the API: ${hint}.`) : null,
    html("button", { type: "button", class: "plain", click: () => open(places[0].number) }, "Whole answers side by side"), answers, table);
}

/** The value of one side; undefined where it has none. */
function sideOf({ kind, recorded, live }, side) {
  if (side === "recorded") return ONLY_LIVE.has(kind) ? undefined : recorded;
  return ONLY_RECORDED.has(kind) ? undefined : live;
}

function drawSide(name, value) {
  const shown = value === undefined ? html("p", { class: "soft" }, "nothing") : html("pre", { class: "code", tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));
  return html("div", { class: name }, html("h4", {}, name), shown);
}

function drawPlace(place, kind, open) {
  const cell = (side) => html("td", { class: `code ${side}` }, brief(sideOf({ ...place, kind }, side)));
  return html("tr", {}, html("td", { class: "number" }, html("button", { type: "button", class: "go", title: "Whole answers side by side", click: () => open(place.number) }, `${place.number}`)), html("td", { class: "code where" }, place.request), html("td", { class: "code" }, place.place || "-"), cell("recorded"), cell("live"));
}

function drawSkipped(skipped) {
  const rows = skipped.map(({ number, request, reason, remedy }) => html("li", {}, html("span", { class: "code" }, `#${number} ${request}`), ` ${reason}${remedy ? ` (${remedy})` : ""}`));
  return html("details", {}, html("summary", {}, `${counted(skipped.length, "request")} not compared`), html("ul", {}, ...rows));
}
