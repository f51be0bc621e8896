// Sessions of a running `replayer serve`, for Node, Deno and whatever else has fetch. No dependencies.
//
//   import { open } from "./replayer.mjs";
//
//   const session = await open({ url, token, cassette: "invoices.yaml", mode: "once" });
//   ...                                // point any HTTP client at session.url
//   const { receipt, misses } = await session.eject();

/** What the server refused: `status` and `code` are its own, `message` says what to do. */
export class ReplayerError extends Error {
  constructor(message, { status = 0, code = "", cause } = {}) {
    super(message, { cause });
    this.name = "ReplayerError";
    this.status = status;
    this.code = code;
  }
}

/** The open sessions: of each `id`, `url`, `cassette`, `mode`, `state`, `receipt` and the first `misses`. */
export async function sessions({ url, token }) {
  return (await call({ url, token }, "GET", "")).sessions;
}

/**
 * A session, listening at its `url`. `url` and `token` are the server's; `mode` is the record mode, and any setting can
 * be given, by the name that it has everywhere, that is not the server's.
 */
export async function open({ url, token, cassette, ...settings }) {
  const server = { url, token };
  const opened = await call(server, "POST", "", { cassette, ...settings });
  const path = `/${opened.id}`;
  let ended;
  const state = () => ended ?? call(server, "GET", path);
  const eject = ({ failed = false } = {}) =>
    (ended ??= call(server, "DELETE", path, { failed }).catch((error) => {
      ended = undefined; // the session may still be there: whoever ejects again asks again
      throw error;
    }));
  return {
    ...opened,
    /** All that the server tells of the session now. */
    state,
    /** What it has done so far, in numbers: `recorded`, `played`, `missed` ...; `line` is all of it in one. */
    receipt: async () => (await state()).receipt,
    /** The requests that had no answer, each with `reason` and `message`. */
    misses: async () => (await state()).misses,
    /** From now on requests meet these faults and no others; without any, none. */
    setFaults: async (...rules) => (await call(server, "POST", `${path}/faults`, { faults: rules })).faults,
    /** End it: its `receipt`, its `misses`, whether a recording was `saved`, and the `reason` where it was not. */
    eject,
    /** `await using session = await open(...)` ejects it where its block ends. */
    ...(Symbol.asyncDispose ? { [Symbol.asyncDispose]: async () => void (await eject()) } : {}),
  };
}

async function call({ url, token }, method, path, body) {
  const headers = { "Replayer-Token": String(token ?? "").trim() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const address = `${String(url).replace(/\/+$/, "")}/__replayer__/sessions${path}`;
  let answer, said;
  try {
    answer = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    said = await answer.json();
  } catch (cause) {
    const why = cause?.cause?.code ?? cause?.message ?? cause;
    throw new ReplayerError(`No server of sessions answers at ${url}: ${why}. Start one: replayer serve.`, { cause });
  }
  if (answer.ok) return said;
  const { message = `The server answered ${answer.status}.`, code = "" } = said.error ?? {};
  throw new ReplayerError(message, { status: answer.status, code });
}
