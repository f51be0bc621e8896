// Whether the official SDK takes each delivery, and refuses one whose byte was changed: see test_sdks.py.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const Stripe = createRequire(process.argv[2] + "/")("stripe");
const stripe = new Stripe("sk_test_made_up");
const { secret, events } = JSON.parse(readFileSync(0, "utf-8"));

const type = (body, signature) => {
  try {
    return stripe.webhooks.constructEvent(body, signature, secret).type;
  } catch (error) {
    if (error.type !== "StripeSignatureVerificationError") throw error;
    return "refused";
  }
};
const changed = (text) => text.replace("evt_", "evt-");
console.log(
  JSON.stringify(events.map(([body, signature]) => [type(body, signature), type(changed(body), signature), type(body, signature + "0")])),
);
