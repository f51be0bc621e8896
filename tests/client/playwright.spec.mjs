// A session for each test of a page, by the runner of Playwright: the runner opens it, the page is given its address.

import { createServer } from "node:http";
import { expect, test as base } from "@playwright/test";
import { open } from "./replayer.mjs";

const server = { url: process.env.SERVER, token: process.env.TOKEN };
const PAGE = `<!doctype html><p>waiting</p><script>
  const headers = { Authorization: "Bearer sk_test_any" };
  const body = new URLSearchParams({ name: "Ada" });
  fetch(location.hash.slice(1) + "/v1/customers", { method: "POST", headers, body })
    .then((answer) => answer.json())
    .then(({ id, error }) => { document.querySelector("p").textContent = id ?? error.code; });
</script>`;

const test = base.extend({
  site: async ({}, use) => {
    const site = createServer((_, answer) => answer.end(PAGE)).listen(0, "127.0.0.1");
    await new Promise((ready) => site.once("listening", ready));
    await use(`http://127.0.0.1:${site.address().port}`);
    site.close();
  },
  session: async ({ site }, use, { title }) => {
    const session = await open({ ...server, cassette: `playwright/${title}.yaml`, mode: process.env.RECORD_MODE, cors: site });
    await use(session);
    await session.eject();
  },
});

for (const title of ["a page makes a customer", "another page makes one"])
  test(title, async ({ page, site, session }) => {
    await page.goto(`${site}/#${session.url}`);
    await expect(page.locator("p")).toHaveText(/^cus_/);
    console.log(`${title} ${await page.textContent("p")}`);
    expect((await session.receipt()).missed).toBe(0);
  });

test("a page reads why it got no answer", async ({ page, site, session }) => {
  test.skip(process.env.RECORD_MODE !== "none", "of a replay");
  await page.goto(`${site}/#${session.url}/v1/customers/none?`);
  await expect(page.locator("p")).toHaveText("replayer_no_match");
});
