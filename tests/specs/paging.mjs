// The calls of test_auto_paging.py by the SDK for Node, which has two ways to walk a list. Prints of each call the ids that
// it saw, and all texts.
import { createRequire } from "node:module";

const [folder, port, way, steps] = process.argv.slice(2);
const Stripe = createRequire(folder + "/")("stripe");
const stripe = new Stripe("sk_test_made_up", { host: "127.0.0.1", port, protocol: "http" });
const MOST = 10_000; // objects that autoPagingToArray may collect

const OPERATIONS = {
  "invoices.list": (params) => stripe.invoices.list(params),
  "invoices.line_items.list": (id, params) => stripe.invoices.listLineItems(id, params),
  "invoices.retrieve": (id, params) => stripe.invoices.retrieve(id, params),
};

const WALKS = {
  "for await": async (list) => {
    const found = [];
    for await (const one of list) found.push(one);
    return found;
  },
  autoPagingToArray: (list) => list.autoPagingToArray({ limit: MOST }),
};

const seen = [];
for (const [operation, ids, params] of JSON.parse(steps)) {
  const asked = OPERATIONS[operation](...ids, params);
  const found = operation.endsWith(".list") ? await WALKS[way](asked) : [await asked];
  seen.push([found.map((one) => one.id), found.map((one) => JSON.stringify(one))]);
}
console.log(JSON.stringify(seen));
