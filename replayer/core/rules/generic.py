"""The rules for any JSON API: the names and forms that most have in common. What else one has, its user adds."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from replayer.core.rules.ruleset import (
    CURSOR_LENGTH,
    IDENTITIES,
    LED,
    ODD_REFERENCE,
    PASSING,
    REFERENCE,
    ByNumber,
    ByOffset,
    ByToken,
    Rules,
    Secret,
    Token,
)
from replayer.core.rules.secret_forms import CROSSED_OUT, KNOWN_SECRETS

LENGTH = CURSOR_LENGTH


def spelled(*names: str) -> frozenset[str]:
    """Each of the names as it may be written: `created_at`, `createdAt`, `CreatedAt`."""
    return frozenset(spelling for name in names for spelling in _spellings(name))


def _spellings(name: str) -> Iterator[str]:
    pascal = "".join(part.capitalize() for part in name.split("_"))
    yield from (name, pascal[:1].lower() + pascal[1:], pascal)


# A token is in no words: "pointer" and "not-allowed" are cursors, too, but not of a list. Nor is it a link.
OPAQUE = re.compile(r"^(?!\w+://)(?=[^ ]*[0-9A-Z=])(?P<token>[!-<>@-~=]{8,})$")
# `before` and `after` are everybody's words: only what looks like base64 is a token there, no time and no "v2.0".
POINTER = re.compile(r"^(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=.*[0-9=])(?P<token>[0-9A-Za-z+/_=%-]{12,})$")
CREDENTIAL = re.compile(r"^(?=[^ ]*[0-9])(?P<token>[!-~]{16,})$")
PASSWORD = re.compile(r"^(?=[^ ]*[0-9])(?P<token>[!-~]{8,})$")  # "required" and "string" are none
COOKIE = re.compile(r"^[^=;\s]+=(?P<token>[^;\s]{8,})")
ETAG = re.compile(r'^(?:W/)?"(?P<token>[^"]{8,})"$')

CURSORS = spelled(
    "cursor", "next_cursor", "previous_cursor", "prev_cursor", "start_cursor", "end_cursor",
    "page_token", "next_page_token", "previous_page_token", "prev_page_token",
    "next_token", "pagination_token", "continuation_token", "continuation", "continue_token", "continue", "scroll_id",
    "sync_token", "next_sync_token", "delta_token", "marker", "next_marker", "starting_token", "last_evaluated_key",
    "exclusive_start_key", "page_info",
) | {
    "$skiptoken", "$skipToken", "$deltatoken", "_scroll_id", "x-cursor", "x-next-cursor", "x-page-token",
    "x-next-page-token", "x-continuation-token", "x-ms-continuation",
}  # fmt: skip
POINTERS = spelled("after", "before", "next_page", "previous_page", "prev_page") | {"page[after]", "page[before]"}
CREDENTIALS = spelled(
    "access_token", "refresh_token", "id_token", "session_token", "auth_token", "csrf_token", "upload_token",
    "api_key", "api_token", "client_secret", "signing_secret", "secret_key", "session_id", "secret", "token",
    "signature", "sig",
) | {
    "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "x-auth-token", "x-csrf-token", "x-session-token",
}  # fmt: skip


PASSWORDS = spelled("password", "passwd", "passphrase", "new_password")  # that an API makes up

STRIPES = ("k_test_", "k_live_", "k_prod_")
KIND = "(?:test|live|prod)_"


def _tokens(keys: Iterable[str], pattern: re.Pattern[str], *, certified: bool = False) -> tuple[Token, ...]:
    """A rule for each of the fields, named by where it is first seen: a cursor is another one on each page."""
    return tuple(Token(key, pattern, key, owner="", length=LENGTH, certified=certified) for key in sorted(keys))


# How answers tell of their pages, by the names of members and headers.
SAID: dict[str, Any] = {
    "more": spelled("has_more", "has_next", "has_next_page", "more", "next")
    | {"x-has-more", "x-has-next", "x-has-next-page", "x-more"},
    "last": spelled("last", "is_last", "is_last_page", "last_page") | {"x-is-last", "x-last-page"},
    "next": spelled(
        "next", "next_page", "next_cursor", "next_page_token", "next_token", "next_marker", "next_url", "next_link",
        "next_page_url", "next_page_link", "cursor", "pagination_token", "continuation_token", "continue",
    ) | {"@odata.nextLink", "x-next-page", "x-next-cursor", "x-next-page-token"},
    "previous": spelled(
        "previous", "prev", "previous_page", "prev_page", "previous_cursor", "prev_cursor", "previous_page_token",
        "prev_page_token", "previous_token", "prev_token", "previous_url", "prev_url", "previous_link", "prev_link",
        "previous_page_url", "prev_page_url", "previous_page_link", "prev_page_link",
    ) | {"x-prev-page", "x-previous-page", "x-prev-cursor", "x-previous-cursor"},
    "total": spelled(
        "total", "total_count", "total_items", "total_elements", "total_results", "total_records", "total_entries",
    ) | {"x-total", "x-total-count"},
    "sized": spelled(
        "limit", "size", "per_page", "page_size", "page_limit", "max_results", "items_per_page", "hits_per_page",
        "results_per_page", "total_pages", "page_count", "last_page", "pages", "num_pages", "nb_pages", "page_total",
        "number_of_pages",
    ) | {"x-per-page", "x-page-size", "x-limit", "x-total-pages", "x-page-count"},
    "passing": PASSING,
}  # fmt: skip
SIZES = tuple(
    sorted(spelled("limit", "size", "per_page", "page_size", "page_limit", "max_results", "results_per_page"))
)
BRACKETS = ("page[size]", "page[limit]")
BACKWARDS = re.compile(r"(?i)prev|before|end_?cursor")  # what is asked for with these stands before the token
STYLES = (
    ByToken(
        where=tuple(sorted(name for name in CURSORS | POINTERS | {"page"} if not BACKWARDS.search(name))),
        size=(*SIZES, *BRACKETS, "count", "first", "$top", "top"),
        **SAID,
    ),
    ByNumber(where=("page", "page_number", "pageNumber", "page[number]"), size=(*SIZES, *BRACKETS), **SAID),
    ByOffset(
        where=("offset", "skip", "$skip", "page[offset]"), size=(*SIZES, *BRACKETS, "count", "$top", "top"), **SAID
    ),
    # SCIM counts them from 1, others from 0.
    ByOffset(where=tuple(sorted(spelled("start_index"))), size=(*SIZES, "count"), first=None, **SAID),
)


TIMES = spelled(
    "created", "created_at", "created_on", "created_time", "creation_time", "create_time", "date_created",
    "inserted_at", "updated", "updated_at", "updated_on", "update_time", "date_updated", "last_updated",
    "last_updated_at", "modified", "modified_at", "modified_on", "last_modified", "last_modified_at", "date_modified",
    "changed_at", "deleted_at", "archived_at", "expires", "expires_at", "expires_on", "expiry", "expiration",
    "expiration_time", "expired_at", "valid_from", "valid_until", "valid_to", "not_before", "not_after",
    "start", "starts_at", "start_at", "started_at", "start_time", "start_date",
    "end", "ends_at", "end_at", "ended_at", "end_time", "end_date",
    "finished_at", "completed_at", "closed_at", "opened_at", "merged_at", "pushed_at", "published_at", "released_at",
    "submitted_at", "approved_at", "accepted_at", "rejected_at", "cancelled_at", "canceled_at", "failed_at", "paid_at",
    "sent_at", "delivered_at", "received_at", "read_at", "seen_at", "last_seen", "last_seen_at", "last_used_at",
    "last_login", "last_login_at", "scheduled_at", "scheduled_for", "run_at", "due_at", "due_date", "due_on",
    "occurred_at", "recorded_at", "processed_at", "fetched_at", "synced_at", "timestamp", "time", "date", "datetime",
    "issued_at", "iat", "exp", "nbf", "auth_time", "since", "until", "after", "before", "oldest", "latest",
    "created_after", "created_before", "created_since", "updated_after", "updated_before", "updated_since",
    "modified_after", "modified_before", "modified_since", "start_after", "start_before", "time_min", "time_max",
)  # fmt: skip
BORN = (
    "created_at", "createdAt", "CreatedAt", "created", "created_on", "createdOn", "created_time", "createdTime",
    "create_time", "createTime", "creation_time", "creationTime", "date_created", "dateCreated", "inserted_at",
    "insertedAt",
)  # fmt: skip

GENERIC_RULES = Rules(
    name="generic",
    hosts=(),  # whichever has no rules of its own
    times=TIMES,
    born=BORN,
    moving=spelled(
        "updated", "updated_at", "updated_on", "update_time", "date_updated", "last_updated", "last_updated_at",
        "modified", "modified_at", "modified_on", "last_modified", "last_modified_at", "date_modified", "changed_at",
    ),
    tokens=(
        *_tokens(CURSORS, OPAQUE),
        *_tokens(POINTERS, POINTER),
        *_tokens(CREDENTIALS, CREDENTIAL, certified=True),
        *_tokens(PASSWORDS, PASSWORD, certified=True),
        *_tokens(["set-cookie"], COOKIE, certified=True),
        *_tokens(["etag"], ETAG),
        LED,
        REFERENCE,
        ODD_REFERENCE,
        *IDENTITIES,
    ),
    copied=(),
    secrets=(
        Secret("API key", rf"(?P<keep>\b[sr]k_{KIND}){CROSSED_OUT}[0-9A-Za-z_]{{8,}}", STRIPES),
        Secret("publishable key", rf"(?P<keep>\bpk_{KIND})[0-9A-Za-z_]{{8,}}", STRIPES, public=True),
        *KNOWN_SECRETS,
    ),
    account_prefix="",
    account_fields=frozenset(),
    # Not `Accept`: each client has its own, and hardly an API tells by it what is asked.
    matched_headers=(
        "accept-version", "api-version", "x-api-version", "x-version", "x-github-api-version", "notion-version",
        "anthropic-version", "x-tenant-id", "range", "if-match", "if-none-match",
    ),
    kept_headers=("content-type", "idempotency-key"),
    noise_headers=frozenset(
        {
            "content-security-policy", "content-security-policy-report-only", "cross-origin-opener-policy-report-only",
            "report-to", "reporting-endpoints", "nel", "alt-svc", "age", "via", "server-timing", "x-runtime",
            "x-response-time", "x-process-time", "x-powered-by", "x-served-by", "x-timer", "x-cache", "x-cache-hits",
            "cf-ray", "cf-cache-status", "x-amz-cf-id", "x-amz-cf-pop", "x-amzn-trace-id", "x-amz-apigw-id",
            "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-azure-ref", "x-envoy-upstream-service-time",
            "x-envoy-decorator-operation", "x-kong-upstream-latency", "x-kong-proxy-latency", "x-kong-request-id",
            "x-cloud-trace-context", "x-datadog-trace-id", "x-trace-id", "x-b3-traceid", "x-b3-spanid", "traceparent",
            "tracestate", "x-vercel-id", "x-vercel-cache", "fly-request-id", "x-github-request-id", "x-request-start",
            "ratelimit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-reset",
            "x-ratelimit-used", "x-ratelimit-reset-after", "x-rate-limit-remaining", "x-rate-limit-reset",
        }
    ),
    unordered=frozenset({"expand", "include", "fields"}),
    last_counts=False,
    keyed=frozenset({"POST", "PUT", "PATCH", "DELETE"}),
    searches=frozenset(),
    cursors=CURSORS | POINTERS | spelled(
        "page", "page_number", "page_size", "per_page", "limit", "offset", "skip", "top", "size", "count", "first",
        "last", "max_results", "results_per_page", "start_index", "starting_after", "ending_before", "start_after",
        "end_before",
    ) | {"$top", "$skip", "page[number]", "page[size]", "page[limit]", "page[offset]"},
    views=frozenset({"search"}),
    embedding=frozenset({"expand", "$expand", "include", "embed", "_embed", "populate", "with", "fields"}),
    refusals=frozenset({400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429}),
    unmoved=(),
    paging=STYLES,
    live_keys=re.compile(r"(?!)"),  # nobody knows which keys of any API move money
)  # fmt: skip
