"""The rules of the invoice API, Stripe's: what its ids, times, tokens and secrets look like."""

import re

from replayer.core.rules.ruleset import (
    LED,
    REFERENCE,
    ByToken,
    Copied,
    EventKind,
    Filter,
    Nested,
    Paging,
    Rules,
    Secret,
    Token,
    Unmoved,
)
from replayer.core.rules.secret_forms import CROSSED_OUT, KNOWN_SECRETS

# The oldest key forms and their masked copies in 401 bodies, whose last four characters are real.
KIND = "_(?:test|live|org)_"
REST = rf"{CROSSED_OUT}(?:[0-9A-Za-z_]{{4,}}|\*+[0-9A-Za-z]{{4}}\b)"
SIGNS = ("k_test_", "k_live_", "k_org_")

REFERRED = REFERENCE.pattern
REFERENCES = (
    "network_transaction_id", "acquirer_reference_number", "transaction_id", "trace_id", "receipt_number",
    "retrieval_reference_number", "system_trace_audit_number", "ds_transaction_id", "acs_transaction_id",
)  # fmt: skip
AUTHORIZATION = re.compile(r"^(?P<token>[0-9A-Z]{6})$")  # a card network's word for one payment, nobody's name
NAME = r"[^/]+"
LINES = rf"/v1/invoices/{NAME}/(?:lines/{NAME}|add_lines|update_lines|remove_lines)$"

INVOICE_RULES = Rules(
    name="invoice",
    hosts=("api.stripe.com",),
    times=frozenset(
        {
            "created", "date", "due_date", "effective_at", "period_start", "period_end", "start", "end",
            "next_payment_attempt", "automatically_finalizes_at", "webhooks_delivered_at", "finalized_at", "paid_at",
            "voided_at", "marked_uncollectible_at", "canceled_at", "cancel_at", "ended_at", "trial_start", "trial_end",
            "current_period_start", "current_period_end", "billing_cycle_anchor", "available_on", "expires_at",
            "updated", "updated_at", "created_at", "arrival_date", "start_date", "accepted_at", "completed_at",
            # Besides those with a usual ending, all that the description of the API calls a timestamp.
            "active_from", "as_of", "eta", "expires", "timestamp", "next_pending_invoice_item_invoice", "redeem_by",
            "computed_timestamp", "data_available_end", "data_available_start", "anchor", "activation_due",
        }
    ),
    born=("created", "date", "created_at"),
    moving=frozenset({"updated", "updated_at", "modified_at", "last_modified_at"}),
    tokens=(
        # The links of an invoice embed the account, a secret and the second of the answer: each read has new ones.
        Token("hosted_invoice_url", re.compile(r"/(?:test|live)_(?P<token>[0-9A-Za-z+/_=,%-]{20,})"), "link"),
        Token("invoice_pdf", re.compile(r"/(?:test|live)_(?P<token>[0-9A-Za-z+_=,%-]{20,})"), "link"),
        Token("receipt_url", re.compile(r"/receipts/(?:.*/)?(?P<token>[0-9A-Za-z+_=,%-]{20,})"), "receipt"),
        Token("invoice_prefix", re.compile(r"^(?P<token>[0-9A-Z]{8})$"), "invoice_prefix", alphabet="0123456789ABCDEF"),
        Token(
            "number", re.compile(r"^(?P<token>[0-9A-Z]{8})-\d{4,}$"), "invoice_prefix", "customer", "0123456789ABCDEF"
        ),
        Token("fingerprint", re.compile(r"^(?P<token>[0-9A-Za-z]{16})$"), "fingerprint"),
        # What networks and banks call a payment: made anew in each run, and known to no rule of ids.
        *(Token(key, REFERRED, key, alphabet="0123456789") for key in REFERENCES),
        Token("authorization_code", AUTHORIZATION, "authorization_code", alphabet="0123456789"),
        Token("next_page", re.compile(r"^(?P<token>[0-9A-Za-z+/_=-]{8,})$"), "next_page"),
        LED,
        REFERENCE,
    ),
    copied=(
        Copied("line_item", "period", "parent.invoice_item_details.invoice_item"),
    ),
    events=(EventKind(),),
    secrets=(
        Secret("API key", rf"(?P<keep>\b[sre]k{KIND}){REST}", SIGNS),
        Secret("publishable key", rf"(?P<keep>\bpk{KIND}){REST}", SIGNS, public=True),
        *KNOWN_SECRETS,
    ),
    account_prefix="acct_",
    account_fields=frozenset({"request_log_url", "hosted_invoice_url", "invoice_pdf", "receipt_url"}),
    matched_headers=("stripe-version", "stripe-account", "stripe-context"),
    kept_headers=("content-type", "idempotency-key"),
    noise_headers=frozenset(
        {
            "content-security-policy", "content-security-policy-report-only", "cross-origin-opener-policy-report-only",
            "report-to", "reporting-endpoints", "nel", "x-wc", "x-stripe-c-cost", "x-stripe-priority-routing-enabled",
            "x-stripe-routing-context-priority-tier", "alt-svc", "cf-ray", "x-served-by", "x-timer", "age",
            "x-runtime", "server-timing", "stripe-notice",
        }
    ),
    unordered=frozenset({"expand"}),
    last_counts=True,
    keyed=frozenset({"POST"}),
    searches=frozenset({"query"}),
    cursors=frozenset({"starting_after", "ending_before", "page", "limit"}),
    views=frozenset({"search"}),
    embedding=frozenset({"expand"}),
    refusals=frozenset({400, 401, 403, 404, 409, 429}),  # not 402: a declined payment counts its attempt
    unmoved=(
        # Measured on the sandbox. All else about invoices moves the customer: the first bill sets the currency, to
        # finalize counts the numbers and settles the balance, to collect may make it delinquent.
        Unmoved("cus_", re.compile(rf"(?:POST|DELETE) /v1/(?:invoices|invoiceitems)/{NAME}$|POST {LINES}")),
        Unmoved("price_", re.compile(r"(?:POST|DELETE) /v1/(?:invoices|invoiceitems)(?:/|$)")),
        Unmoved("prod_", re.compile(r"(?:POST|DELETE) /v1/(?:invoices|invoiceitems)(?:/|$)")),
    ),
    live_keys=re.compile(r"^(?:sk|rk)_live_"),
    paging=(
        Paging(
            marks=(("object", "list"),), same=frozenset({"url"}), items="data", more="has_more",
            after="starting_after", before="ending_before", limit="limit", default=10, least=1, most=100,
        ),
        ByToken(
            where=("page",), size=("limit",), default=10, least=1, most=100, marks=(("object", "search_result"),),
            items="data", more=frozenset({"has_more"}), next=frozenset({"next_page"}),
            total=frozenset({"total_count"}), even=True,
        ),
    ),
    homes=(("ii_", "/v1/invoiceitems"),),  # adding lines to an invoice makes items on the way
    nested=(Nested("lines", dropped=("total_count",)),),
    filters=(
        (
            "/v1/invoices",
            (
                Filter("customer", "customer", names="/v1/customers"),
                Filter("status", "status", values=frozenset({"draft", "open", "paid", "uncollectible", "void"})),
                Filter("subscription", "parent.subscription_details.subscription", names="/v1/subscriptions"),
                Filter(
                    "collection_method", "collection_method",
                    values=frozenset({"charge_automatically", "send_invoice"}),
                ),
                Filter("created", "created", ranged=True),
                Filter("due_date", "due_date", ranged=True),
            ),
        ),
        ("/v1/customers", (Filter("email", "email"), Filter("created", "created", ranged=True))),
        (
            "/v1/invoiceitems",
            (
                Filter("customer", "customer", names="/v1/customers"),
                Filter("invoice", "invoice", names="/v1/invoices"),
                Filter("pending", "invoice", absent=True),
                Filter("created", "date", ranged=True),
            ),
        ),
    ),
    alike=re.compile(r"/v1/[a-z_]+"),
)  # fmt: skip
