// A session for each test, by the runner vitest: its files run side by side, all at one server.

import { afterEach, beforeEach, expect, test } from "vitest";
import { open } from "./replayer.mjs";

const server = { url: process.env.SERVER, token: process.env.TOKEN };
const headers = { Authorization: "Bearer sk_test_any" };
const own = import.meta.url.split("/").at(-1);
let session;

beforeEach(async ({ task }) => {
  session = await open({ ...server, cassette: `vitest/${own}/${task.name}.yaml`, mode: process.env.RECORD_MODE });
});

afterEach(async ({ task }) => {
  const failed = task.result.state === "fail";
  const { receipt } = await session.eject({ failed });
  expect(receipt.missed).toBe(0);
});

const made = async (name) => {
  const body = new URLSearchParams({ name });
  const answer = await fetch(`${session.url}/v1/customers`, { method: "POST", headers, body });
  return (await answer.json()).id;
};

test.each(["Ada", "Grace", "Alan"])("%s is a customer", async (name) => {
  const id = await made(name);
  const found = await (await fetch(`${session.url}/v1/customers/${id}`, { headers })).json();
  expect(found.name).toBe(name);
  console.log(`${own} ${id}`);
});
