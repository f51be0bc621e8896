// The calls of test_auto_paging.py by the SDK for Node. Prints of each the ids that it saw, and all texts.
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const [folder, port, steps] = process.argv.slice(2);
const Stripe = createRequire(folder + "/")("stripe");
const stripe = new Stripe("sk_test_made_up", { host: "127.0.0.1", port, protocol: "http" });
const MOST = 10_000; // objects that autoPagingToArray may collect

const OPERATIONS = {
  "invoices.list": (params) => stripe.invoices.list(params),
  "invoices.line_items.list": (id, params) => stripe.invoices.listLineItems(id, params),
  "invoices.retrieve": (id, params) => stripe.invoices.retrieve(id, params),
};

const seen = [];
for (const [operation, ids, params] of JSON.parse(steps)) {
  const call = () => OPERATIONS[operation](...ids, params);
  let found = [];
  if (operation.endsWith(".list")) {
    for await (const one of call()) found.push(one);
    const again = await call().autoPagingToArray({ limit: MOST });
    if (!isDeepStrictEqual(found, again)) throw new Error(`${operation} was walked in two ways`);
  } else {
    found = [await call()];
  }
  seen.push([found.map((one) => one.id), found.map((one) => JSON.stringify(one))]);
}
console.log(JSON.stringify(seen));
