// A body as people read it, or as it was recorded; each id in it can be hovered, focused and followed. Text nodes only.

import { html } from "./elements.js";

const LONGEST = 400_000; // characters that are laid out and searched for ids; more are shown as they are, in part
const SHOWN = 200_000; // characters of a longer one that are shown until somebody wants all

/** JSON with indents and a form by lines; what is neither, or is too long, stays as it is. Numbers keep their digits. */
export function pretty(text, kind) {
  if (text.length > LONGEST) return text;
  if (/json/i.test(kind) || /^\s*[[{]/.test(text)) return indented(text) ?? text;
  if (/x-www-form-urlencoded/i.test(kind)) return text.split("&").map((pair) => decoded(pair)).join("\n");
  return text;
}

function decoded(pair) {
  try {
    return decodeURIComponent(pair.replaceAll("+", " "));
  } catch {
    return pair;
  }
}

const DEEPEST = 40; // levels that are indented: what is deeper would be more white space than text
const indent = (depth) => "  ".repeat(Math.min(depth, DEEPEST));

// Only white space is changed: what JSON.parse made of a number would not be what was recorded.
function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const parts = [];
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "{" || token === "[") parts.push(token, "\n", indent(++depth));
    else if (token === "}" || token === "]") {
      depth -= 1;
      if (parts.at(-2) === "\n" && (parts.at(-3) === "{" || parts.at(-3) === "[")) parts.splice(-2);
      else parts.push("\n", indent(depth));
      parts.push(token);
    } else if (token === ",") parts.push(",\n", indent(depth));
    else if (token === ":") parts.push(": ");
    else parts.push(token);
  }
  return parts.join("");
}

/** A text with what is known in it marked: `known` is `{text: element maker}`; the longest stands first. */
export function marked(text, known) {
  const names = [...known.keys()].sort((a, b) => b.length - a.length);
  if (!names.length || text.length > LONGEST) return [text];
  const pattern = new RegExp(names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    if (isInside(text, found.index, found[0].length)) continue;
    if (found.index > last) parts.push(text.slice(last, found.index));
    parts.push(known.get(found[0])(found[0]));
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

const LETTER = /[0-9A-Za-z]/;
const isInside = (text, start, length) => (start > 0 && LETTER.test(text[start - 1])) || LETTER.test(text[start + length] ?? "");

/** The element of a body. */
export function block(text, known, label) {
  const pre = html("pre", { class: "body", tabindex: "0", role: "region", "aria-label": label });
  const show = (whole) => pre.replaceChildren(...marked(whole ? text : text.slice(0, SHOWN), known));
  show(text.length <= SHOWN);
  if (text.length <= SHOWN) return [pre];
  const more = html("button", { class: "plain", type: "button", click: () => { show(true); more.remove(); } }, `Show all ${text.length} characters`);
  return [pre, more];
}
