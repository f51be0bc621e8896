// What every official SDK does in the same words: see test_sdks.py. Prints what it saw, as JSON.
import { createRequire } from "node:module";

const [folder, port, lossyPort] = process.argv.slice(2);
const Stripe = createRequire(folder + "/")("stripe");
const KEY = "sk_test_made_up";
const at = (to, more = {}) => new Stripe(KEY, { host: "127.0.0.1", port: to, protocol: "http", ...more });
const stripe = at(port);

const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return [error.constructor.name.replace("Stripe", ""), error.code ?? null, error.param ?? null, error.statusCode];
  }
  return "nothing was refused";
};
const all = async (list) => {
  const found = [];
  for await (const one of list) found.push(one.id);
  return found;
};

const saw = {};
const customer = await stripe.customers.create({
  name: "Ü & Ö",
  invoice_settings: { default_payment_method: "pm_card_visa" },
});
const made = [];
for (let n = 0; n < 7; n++) {
  const terms = { customer: customer.id, metadata: { "a[b]": "x&y=ü", n: String(n) }, description: "" };
  made.push((await stripe.invoices.create(terms)).id);
}
const places = (ids) => ids.map((id) => made.indexOf(id));

saw.forward = places(await all(stripe.invoices.list({ limit: 3, customer: customer.id })));
saw.backward = places(await all(stripe.invoices.list({ limit: 3, ending_before: made[0] })));
saw.searched = places(await all(stripe.invoices.search({ query: `customer:'${customer.id}'`, limit: 3 })));
saw.filtered = places(await all(stripe.invoices.list({ created: { gte: 1, lt: 4102444800 }, status: "draft" })));

await stripe.invoiceItems.create({ customer: customer.id, invoice: made[0], amount: 2500, period: { start: 1, end: 2 } });
await stripe.invoices.addLines(made[0], { lines: [{ amount: 500, description: "more" }] });
const opened = await stripe.invoices.finalizeInvoice(made[0], { auto_advance: false });
saw.opened = [opened.status, opened.amount_due, (await stripe.invoices.listLineItems(made[0])).data.map((l) => l.amount)];
const paid = await stripe.invoices.pay(made[0], { expand: ["customer", "payments"] });
saw.paid = [paid.status, paid.amount_paid, paid.customer.name, paid.payments.data[0].amount_paid];
const listed = await stripe.invoices.list({ limit: 1, expand: ["data.customer.invoice_settings.default_payment_method"] });
saw.expanded = listed.data[0].customer.invoice_settings.default_payment_method.card.last4;
await stripe.invoices.finalizeInvoice(made[1]);
const other = (await stripe.invoices.create({ customer: customer.id, collection_method: "send_invoice", days_until_due: 5 })).id;
await stripe.invoiceItems.create({ customer: customer.id, invoice: other, amount: 1 });
saw.sent = (await stripe.invoices.sendInvoice(other)).status;
saw.uncollectible = (await stripe.invoices.markUncollectible(other)).status;
saw.voided = (await stripe.invoices.voidInvoice(other)).status;
saw.deleted = (await stripe.invoices.del(made[2])).deleted;

const endpoint = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:9/", enabled_events: ["invoice.paid"] });
const changed = await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
const gone = await stripe.webhookEndpoints.del(endpoint.id);
saw.endpoint = [endpoint.secret.slice(0, 6), changed.status, changed.enabled_events, gone.deleted];
const told = (await stripe.events.list({ type: "invoice.*", limit: 100 })).data.reverse();
saw.told = told.filter((event) => event.data.object.id === other).map((event) => event.type);
const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1795305600 });
const moving = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1795309200 });
const moved = await stripe.testHelpers.testClocks.retrieve(clock.id);
saw.clock = [clock.status, moving.status, moved.status, moved.frozen_time];

saw.errors = {
  declined: await refused(async () => {
    await stripe.invoiceItems.create({ customer: customer.id, invoice: made[3], amount: 5 });
    await stripe.invoices.pay(made[3], { payment_method: "pm_card_chargeDeclined" });
  }),
  again: await refused(() => stripe.invoices.pay(made[0])),
  unknown: await refused(() => stripe.invoices.retrieve("in_x")),
  parameter: await refused(() => stripe.invoices.list({ limit: "abc" })),
  key: await refused(() => at(port).invoices.list({}, { apiKey: "sk_live_never" })),
  idempotency: await refused(async () => {
    await stripe.customers.create({ name: "N" }, { idempotencyKey: "once" });
    await stripe.customers.create({ name: "M" }, { idempotencyKey: "once" });
  }),
};

// The first answer is lost on the way: the SDK asks again under the same key, and there is still only one customer.
const before = (await all(stripe.customers.list({ limit: 2 }))).length;
const retried = await at(lossyPort, { maxNetworkRetries: 2 }).customers.create({ name: "Lost" });
saw.retried = [retried.name, (await all(stripe.customers.list({ limit: 2 }))).length - before];
console.log(JSON.stringify(saw));
