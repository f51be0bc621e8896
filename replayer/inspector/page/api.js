// What the page asks: documents and events of its own address, with the token that its fragment brought.

const HERE = new URL("api/", document.baseURI);
const KEPT = "replayer-token";

/** The token: from the address at first, then from what this tab keeps. The fragment is never sent anywhere. */
export function token() {
  const given = location.hash.slice(1);
  if (given && !given.startsWith("/")) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

function address(path, parameters) {
  const found = new URL(path, HERE);
  for (const [name, value] of Object.entries(parameters)) found.searchParams.set(name, value);
  return found;
}

async function checked(answer) {
  if (answer.ok) return answer;
  let message = `status ${answer.status}`;
  try {
    message = (await answer.json()).error.message;
  } catch { /* it is no JSON: the status says all */ }
  throw Object.assign(new Error(message), { status: answer.status });
}

const headers = () => ({ "Replayer-Token": token() });

/** The document at that path. */
export async function ask(path, parameters = {}) {
  return (await checked(await fetch(address(path, parameters), { headers: headers(), cache: "no-store" }))).json();
}

/** Has something done. */
export async function order(path, parameters = {}) {
  return (await checked(await fetch(address(path, parameters), { method: "POST", headers: headers() }))).json();
}

/** Calls `told` with each event behind that row, until the session ends; after a break it goes on where it was. */
export async function follow(after, told, state) {
  let last = after;
  for (;;) {
    try {
      const answer = await checked(await fetch(address("events", { after: last }), { headers: headers(), cache: "no-store" }));
      state("live");
      for await (const event of events(answer.body)) {
        if (event.rows.length) last = event.rows.at(-1)[0];
        told(event);
        if (event.ended) return state("ended");
      }
    } catch (error) {
      if (error.status) return state("refused", error.message);
    }
    state("lost");
    await new Promise((done) => setTimeout(done, 1000));
  }
}

// One event is one line `data: {...}` and an empty one.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) if (part.startsWith("data: ")) yield JSON.parse(part.slice(6));
  }
}
