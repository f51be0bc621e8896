// The one filter box: words that a row must all meet. `text:` is looked for in all bodies, by the server.

const NAMES = ["is", "method", "path", "id", "status", "text", "number"];

/** The words of a filter: `{name, value, not}`; a word without a name is looked for in the path. */
export function parse(text) {
  return [...text.matchAll(/(-?)(?:([a-z]+):)?("([^"]*)"|\S+)/g)].map(([whole, minus, name, bare, quoted]) => {
    const value = (quoted ?? bare).toLowerCase();
    if (name && NAMES.includes(name)) return { name, value, not: minus === "-" };
    return { name: "path", value: whole.replace(/^-/, "").replaceAll('"', "").toLowerCase(), not: minus === "-" };
  });
}

/** What is to be looked for in all bodies. */
export const texts = (words) => words.filter((word) => word.name === "text" && word.value.length > 1).map((word) => word.value);

/** Whether a row meets all of them. `found` has by text the numbers of the recorded interactions that hold it. */
export function meets(row, words, found) {
  return words.every((word) => one(row, word, found) !== word.not);
}

function one(row, { name, value }, found) {
  const [number, outcome, method, path, status, , , recorded, note] = row;
  switch (name) {
    case "is": return outcome === value || (value === "write" && !READS.has(method)) || (value === "read" && READS.has(method));
    case "method": return method.toLowerCase() === value;
    case "status": return matches(String(status), value);
    case "number": return String(number) === value;
    case "text": return value.length < 2 || (found.get(value)?.has(recorded) ?? false) || `${path} ${note}`.toLowerCase().includes(value);
    default: return path.toLowerCase().includes(value);
  }
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

// `4xx` is each that begins with 4.
const matches = (status, value) => status === value || (/^[1-5]xx$/.test(value) && status[0] === value[0]);
