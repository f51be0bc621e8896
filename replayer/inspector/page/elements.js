// Elements by their names, attributes and children. A value is only ever text: nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** An element of HTML; an attribute that is a function listens to the event of that name. */
export const html = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);

/** The same of SVG. */
export const svg = (name, attributes = {}, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

/** `counted(1, "write")` is `1 write`, and of 2 they are `2 writes`. */
export const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** `[[1, 3], [7, 7]]` as people write it: `1-3, 7`; of many the last ones are counted. */
export function ranges(spans, most = 8) {
  const told = spans.slice(0, most).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return told.join(", ") + (spans.length > most ? ` and ${spans.length - most} more` : "");
}

/** Whether a number is in one of the spans. */
export const holds = (spans, number) => spans.some(([first, last]) => first <= number && number <= last);

/** A JSON value on one line, cut where it is long. */
export function brief(value, most = 60) {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Calls what it is given, the last of several at once alone; what came of the others is dropped. */
export function latest(ask, show, fail) {
  let turn = 0;
  return async (...words) => {
    const mine = ++turn;
    try {
      const found = await ask(...words);
      if (mine === turn) show(found, ...words);
    } catch (error) {
      if (mine === turn) fail(error);
    }
  };
}
