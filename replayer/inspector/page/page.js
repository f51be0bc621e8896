// The page: its views, its keys, and what is told of the session above them.

import { html } from "./elements.js";
import { ask, follow, token } from "./api.js";
import { cassette, requests } from "./requests.js";
import { sessions } from "./sessions.js";

// What is drawn is loaded when somebody wants to see it. `drawn` views ask below that path.
const VIEWS = {
  requests: { title: "Requests", make: requests, kinds: ["session"] },
  cassette: { title: "Cassette", make: cassette, kinds: ["session", "file"] },
  causes: { title: "Causes", make: drawn(() => import("./causes.js")), kinds: ["session", "file"] },
  objects: { title: "Objects", make: drawn(() => import("./lanes.js")), kinds: ["session", "file"] },
  lists: { title: "Lists", make: drawn(() => import("./lists.js")), kinds: ["session", "file"] },
  drift: { title: "Drift", make: drawn(() => import("./drift.js")), kinds: ["drift"] },
  sessions: { title: "Session", make: sessions, kinds: ["session", "file", "serve"] },
};

const KEYS = [["j  k", "the next row, the one before"], ["/", "filter"], ["Enter", "from the list into the exchange"], ["Esc", "back to the list"], ["r", "bodies as recorded, or laid out"],
  ["m", "the next miss"], ["p", "pause the list, and go on"], ["1 … 9", "the views, from the left"], ["?", "this"]];
const FILTERS = [["is:missed", "outcome; also is:read, is:write"], ["method:POST", ""], ["path:/v1/invoices", "or the bare word"], ["id:in_4Ic", "in the path"], ["status:4xx", ""],
  ["text:overdue", "in all bodies, searched by the server"], ["-is:played", "a minus: all others"]];

const at = (name) => document.getElementById(name);

const app = {
  rows: [],
  session: {},
  view: null,
  onRows: () => {},

  /** Show the interaction of that number. */
  go(number) {
    app.open("cassette");
    app.view.show(number);
  },

  /** Load the style sheet of what is drawn: rows come first, so it comes with the first picture. */
  style() {
    app.styled ??= new Promise((done) => document.head.append(html("link", { rel: "stylesheet", href: "page/drawn.css", load: done, error: done })));
    return app.styled;
  },

  /** Show the view of that name. */
  open(name) {
    const view = VIEWS[name];
    if (!view || !view.kinds.includes(app.session.kind)) return;
    if (app.name === name) return;
    app.view?.unmount();
    app.name = name;
    app.view = view.make(at("view"), app);
    for (const link of at("views").children) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    history.replaceState(null, "", `#/${name}`);
  },
};

/** A drawn view, whose module has `mount(root, ask, go)`. */
export function drawn(load) {
  return (root) => {
    let isGone = false, unmount = () => root.replaceChildren();
    Promise.all([load(), app.style()]).then(([module]) => {
      if (!isGone) unmount = module.mount(root, (path, parameters) => ask(`drawn/${path}`, parameters), app.go);
    });
    return { unmount: () => { isGone = true; unmount(); } };
  };
}

function tell(session) {
  at("what").replaceChildren(...[html("b", { class: "code" }, session.cassette), session.mode ? html("span", { class: "chip one" }, `mode ${session.mode}`) : null,
    session.upstream ? html("span", { class: "soft" }, session.upstream.replace(/^https?:\/\//, "")) : null].filter(Boolean));
  document.title = session.cassette ? `${session.cassette} – Replayer` : "Replayer";
}

function count(receipt) {
  if (!receipt?.line) return;
  const shown = ["recorded", "played", "synthesized", "missed", "unused"].filter((name) => receipt[name] || name === "missed");
  const words = shown.map((name) => `${receipt[name]} ${name}`).join(" ");
  if (words === app.counted) return;
  app.counted = words;
  const missed = at("receipt").querySelector("button") === document.activeElement;
  at("receipt").replaceChildren(...shown.map((name) => {
    const told = [html("b", {}, String(receipt[name])), ` ${name}`];
    const leads = name === "missed" && receipt[name] && app.session.kind === "session";
    return leads ? html("button", { class: "plain stop", type: "button", title: "Show the next miss (m)", click: toMiss }, ...told) : html("span", {}, ...told);
  }));
  if (missed) at("receipt").querySelector("button")?.focus();
}

/** Shows the next request that was missed. */
function toMiss() {
  app.open("requests");
  app.view.miss?.();
}

function views(kind) {
  const names = Object.keys(VIEWS).filter((name) => VIEWS[name].kinds.includes(kind));
  at("views").replaceChildren(...names.map((name) => html("a", { href: `#/${name}`, "data-view": name, click: (event) => { event.preventDefault(); app.open(name); } }, VIEWS[name].title)));
  return names;
}

function help() {
  const table = (rows) => html("dl", {}, ...rows.flatMap(([key, word]) => [html("dt", {}, html("kbd", {}, key)), html("dd", {}, word)]));
  at("help").replaceChildren(html("h2", { id: "help-title" }, "Keys"), table(KEYS), html("h2", {}, "Filter"), table(FILTERS),
    html("form", { method: "dialog" }, html("button", { class: "plain" }, "Close")));
  at("help").showModal();
}

function pressed(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || at("help").open) return;
  const list = app.view?.list;
  if (key === "Escape") {
    if (target === list?.box && list.box.value) return;
    app.view?.close?.();
  } else if (target.matches("input, textarea, select")) return;
  else if (key === "?") help();
  else if (key === "/" && list) list.box.focus();
  else if ((key === "j" || key === "k") && list) {
    list.scroller.focus({ preventScroll: true });
    list.move(key === "j" ? 1 : -1);
  } else if (key === "m" && app.session.kind === "session") toMiss();
  else if (key === "r") app.view?.exchange?.toggle();
  else if (key === "p" && list?.pause) list.hold(!list.held);
  else if (/^[1-9]$/.test(key) && at("views").children[key - 1]) app.open(at("views").children[key - 1].dataset.view);
  else return;
  event.preventDefault();
}

const STATES = {
  live: "", lost: "The session does not answer. Looking again each second.", ended: "The session has ended. What it was stays here until this page is closed.",
};

function state(name, message = "") {
  at("state").textContent = message || STATES[name] || "";
  at("state").hidden = !at("state").textContent;
}

async function begin() {
  const wanted = location.hash.slice(2);
  if (!token()) return state("refused", "This page needs its token: open the address that Replayer printed at its start.");
  try {
    app.session = await ask("session");
  } catch (error) {
    return state("refused", error.message);
  }
  const names = views(app.session.kind);
  tell(app.session);
  count(app.session.receipt);
  document.addEventListener("keydown", pressed);
  state("live");
  app.open(names.includes(wanted) ? wanted : names[0]);
  if (app.session.kind === "session") {
    follow(0, (event) => {
      if (event.rows.length) {
        app.rows.push(event.rows);
        app.onRows(event.rows);
      }
      count(event.receipt);
    }, state);
  }
}

begin();
