// Two answers as wholes, side by side: the lines that both have stand beside each other, the others are marked.

import { html } from "./elements.js";

const MOST = 4_000_000; // pairs of lines that are compared; of longer answers only what both begin and end with is found

/** Both answers as elements; `close()` takes them away. */
export function compared({ request, recorded, live }, close) {
  const rows = paired(lines(recorded), lines(live));
  const cell = (line, kind) => html("td", { class: line === null ? "none" : kind }, line ?? "");
  return [html("header", {}, html("h4", { class: "code" }, request), html("button", { class: "plain", type: "button", click: close }, "Close")),
    html("div", { class: "whole", tabindex: "0", role: "region", "aria-label": `Answers to ${request}` },
      html("table", {}, html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "recorded"), html("th", { scope: "col" }, "live"))),
        html("tbody", {}, ...rows.map(([one, other]) => html("tr", { class: one === other ? "same" : "apart" }, cell(one, "recorded"), cell(other, "live"))))))];
}

const lines = ({ status, reason, headers, body }) => [`${status} ${reason}`, ...headers.map(({ name, value }) => `${name}: ${value}`), "", ...body.split("\n")];

/** The lines of both as pairs: `[line, line]` where they are equal or stand for each other, `[line, null]` where one has it. */
export function paired(ours, theirs) {
  let start = 0, end = 0;
  const least = Math.min(ours.length, theirs.length);
  while (start < least && ours[start] === theirs[start]) start += 1;
  while (end < least - start && ours.at(-1 - end) === theirs.at(-1 - end)) end += 1;
  const middle = between(ours.slice(start, ours.length - end), theirs.slice(start, theirs.length - end));
  const same = (from, to) => ours.slice(from, to).map((line) => [line, line]);
  return [...same(0, start), ...middle, ...same(ours.length - end, ours.length)];
}

// By their longest common sequence; what lies between two common lines is paired in its order.
function between(ours, theirs) {
  const found = [], width = theirs.length + 1;
  const flush = (left, right) => { for (let at = 0; at < Math.max(left.length, right.length); at += 1) found.push([left[at] ?? null, right[at] ?? null]); };
  if (ours.length * theirs.length > MOST) {
    flush(ours, theirs);
    return found;
  }
  const longest = new Uint16Array((ours.length + 1) * width);
  for (let i = ours.length - 1; i >= 0; i -= 1) {
    for (let j = theirs.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = ours[i] === theirs[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  let i = 0, j = 0, left = [], right = [];
  while (i < ours.length && j < theirs.length) {
    if (ours[i] === theirs[j]) {
      flush(left, right);
      [left, right] = [[], []];
      found.push([ours[i++], theirs[j++]]);
    } else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) left.push(ours[i++]);
    else right.push(theirs[j++]);
  }
  flush([...left, ...ours.slice(i)], [...right, ...theirs.slice(j)]);
  return found;
}
