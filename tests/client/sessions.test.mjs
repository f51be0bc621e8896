// The module of `replayer js`, by the test runner of Node: a session from its opening to its ejection.

import assert from "node:assert/strict";
import { test } from "node:test";

const { open, sessions, ReplayerError } = await import(process.env.MODULE);
const server = { url: process.env.SERVER, token: process.env.TOKEN };
const headers = { Authorization: "Bearer sk_test_any" };
const ask = async (session, what = "customers") => (await fetch(`${session.url}/v1/${what}`, { headers })).status;

test("a session is opened, used and ejected", async () => {
  const session = await open({ ...server, cassette: "node/a.yaml", mode: "once", strict: true });
  assert.equal(session.cassette, "node/a.yaml");
  assert.equal(await ask(session), 200);
  assert.equal((await session.receipt()).recorded, 1);
  assert.ok((await sessions(server)).some(({ id }) => id === session.id));
  const ended = await session.eject();
  assert.deepEqual([ended.saved, ended.receipt.recorded], [true, 1]);
  assert.equal(await session.eject(), ended);
  assert.deepEqual(await session.receipt(), ended.receipt);
  await assert.rejects(ask(session));
});

test("a miss is told with its reason", async () => {
  const recording = await open({ ...server, cassette: "node/b.yaml" });
  await ask(recording);
  await recording.eject();
  const session = await open({ ...server, cassette: "node/b.yaml", mode: "none" });
  assert.deepEqual([await ask(session), await ask(session, "refunds")], [200, 421]);
  const reasons = (await session.misses()).map(({ reason }) => reason);
  assert.deepEqual([...new Set(reasons)], ["no-match"]); // twice: fetch asks once more where it is answered 421
  await session.eject();
});

test("faults are laid and taken away", async () => {
  const session = await open({ ...server, cassette: "node/c.yaml" });
  assert.equal((await session.setFaults("GET /v1/customers status=503")).length, 1);
  assert.equal(await ask(session), 503);
  await session.setFaults();
  assert.equal(await ask(session), 200);
  assert.equal((await session.eject({ failed: true })).receipt.recorded, 1);
});

test("what the server refuses is an error with its code", async () => {
  const wrong = open({ ...server, cassette: "node/d.yaml", lenyent: true });
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof ReplayerError);
    assert.deepEqual([error.status, error.code], [400, "replayer_usage"]);
    assert.match(error.message, /Did you mean 'lenient'/);
    return true;
  });
  await assert.rejects(sessions({ ...server, token: "not-it" }), { status: 401, code: "replayer_token" });
});

test("where nobody answers the remedy is said", async () => {
  await assert.rejects(sessions({ url: "http://127.0.0.1:1", token: "x" }), /Start one: replayer serve\./);
});
