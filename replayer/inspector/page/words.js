// What the page calls things, in one place: outcomes with their glyphs, ids and times as they are shown.

/** By outcome: its sign, its word, and the colour that it has in the style sheet. */
export const OUTCOMES = {
  recorded: ["●", "recorded", "good"],
  played: ["▶", "played", "one"],
  bound: ["▶", "bound", "one"],
  page: ["≡", "page", "one"],
  object: ["◇", "object", "one"],
  filter: ["▽", "filter", "one"],
  sandbox: ["◆", "sandbox", "two"],
  lenient: ["≈", "lenient", "two"],
  fault: ["ϟ", "fault", "two"],
  missed: ["✕", "missed", "stop"],
  failed: ["!", "failed", "stop"],
  refused: ["⊘", "refused", "stop"],
  "passed on": ["→", "passed on", "soft"],
};

export const outcome = (name) => OUTCOMES[name] ?? ["·", name, "soft"];

const ID = /\b([a-z][a-z0-9]{0,12}(?:_[a-z]{2,5})?_)([0-9A-Za-z]{10,})\b|\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const SHOWN = 4; // characters of an id behind its prefix

/** A text with its ids as short as people need them. */
export const short = (text) => text.replace(ID, (whole, prefix, rest, uuid) => (uuid ? `${uuid}…` : `${prefix}${rest.slice(0, SHOWN)}…`));

const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A line with what nobody sees in it written out: control characters, and those that turn the direction around. */
export const visible = (text) => text.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const two = (number) => String(number).padStart(2, "0");

/** A virtual second as `22 Nov 09:30:00`. */
export function virtual(second) {
  if (second === null || second === undefined) return "";
  const date = new Date(second * 1000);
  if (Number.isNaN(date.getTime())) return String(second);
  const month = date.toLocaleString("en", { month: "short", timeZone: "UTC" });
  return `${date.getUTCDate()} ${month} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** When something came, by the wall clock of this machine: `13:02:11.420`. */
export function came(second) {
  if (!second) return "";
  const date = new Date(second * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Seconds as an offset: `+30 d`, `-2 h 5 min`. */
export function offset(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds === 0) return "the same second";
  const sign = seconds < 0 ? "−" : "+";
  let left = Math.abs(seconds);
  const parts = [];
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    if (left >= size) parts.push(`${Math.floor(left / size)} ${name}`);
    left %= size;
  }
  return sign + parts.slice(0, 2).join(" ");
}

/** Milliseconds as they are read. */
export const took = (milliseconds) => (milliseconds === null || milliseconds === undefined ? "" : milliseconds < 10 ? milliseconds.toFixed(1) : String(Math.round(milliseconds)));

/** Bytes as people read them. */
export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}
