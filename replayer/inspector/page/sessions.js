// Sessions: what this one is and did; of a server of many, all of them, each with its page and its end; and the journals
// that lie in the folder of the cassettes.

import { html } from "./elements.js";
import { ask, order } from "./api.js";

const EACH = 2000; // milliseconds between two looks at a server of many

/** Shows them in `root`. */
export function sessions(root, app) {
  const section = html("section", { class: "sessions", "aria-label": "Sessions" });
  const journals = html("section", { class: "sessions", "aria-label": "Journals" });
  root.replaceChildren(section, journals);
  if (app.session.kind !== "file") ask("journals").then((found) => journals.replaceChildren(...left(found)), () => {});
  let stopped = false;
  const failed = (error) => section.replaceChildren(html("p", { class: "empty", role: "alert" }, error.message));
  const look = async () => {
    if (stopped) return;
    try {
      section.replaceChildren(...(app.session.kind === "serve" ? many((await ask("sessions")).sessions, look) : [one(await ask("session"))]));
    } catch (error) {
      failed(error);
    }
  };
  look();
  const timer = setInterval(() => { if (!section.contains(document.activeElement)) look(); }, EACH);
  return { unmount: () => { stopped = true; clearInterval(timer); } };
}

function left({ journals, more }) {
  if (!journals.length) return [];
  return [html("h2", {}, "Journals in the folder"), ...journals.map(({ path, running, words }) => html("article", { class: "card" },
    html("header", {}, html("h3", { class: "code" }, path), html("span", { class: `chip ${running ? "good" : "two"}` }, running ? "being recorded" : "not saved")), words ? html("p", {}, words) : null)),
    more ? html("p", { class: "soft" }, `and ${more} more`) : null].filter(Boolean);
}

function many(found, look) {
  if (!found.length) return [html("p", { class: "empty" }, "No session is open. Programs open them by the control API: see replayer help serve.")];
  return found.map((session) => card(session, session.state === "open" ? [
    session.inspector ? html("a", { class: "plain", href: session.inspector, target: "_blank", rel: "noopener" }, "Look at it") : null,
    html("button", { class: "plain", type: "button", click: async (event) => { event.target.disabled = true; await order("eject", { id: session.id }); look(); } }, "Eject"),
  ] : []));
}

const one = (session) => card({ ...session, state: session.kind === "file" ? "a file" : "open", id: "", misses: [] }, []);

function card(session, tools) {
  const facts = [["cassette", session.path ?? session.cassette], ["mode", session.mode], ["address", session.url], ["upstream", session.upstream], ["rules", session.rules],
    ["epoch", session.epoch ? new Date(session.epoch * 1000).toISOString() : ""], ["journal", session.journal], ["reason", session.reason]].filter(([, value]) => value);
  return html("article", { class: "card" }, html("header", {}, html("h2", { class: "code" }, session.cassette), html("span", { class: "chip soft" }, session.state), ...tools.filter(Boolean)),
    session.receipt?.line ? html("p", {}, session.receipt.line) : null,
    html("dl", {}, ...facts.flatMap(([name, value]) => [html("dt", {}, name), html("dd", { class: "code" }, value)])),
    session.misses?.length ? html("ul", { class: "misses" }, ...session.misses.map((miss) => html("li", {}, html("b", { class: "stop" }, miss.reason), ` ${miss.message.split("\n")[0]}`))) : null);
}
