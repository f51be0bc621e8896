"""Webhook endpoints: where events are delivered to. Each has a secret, which only the answer that made it tells."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import CURSORS, listing
from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

MOST: Final = 16  # endpoints of an account, as documented
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_EVENT: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
# Of the families that the sandbox tells of, all events that the API has: what else begins like these is a slip.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": (
        "created", "deleted", "updated",
        "discount.created", "discount.deleted", "discount.updated",
        "source.created", "source.deleted", "source.expiring", "source.updated",
        "subscription.created", "subscription.deleted", "subscription.paused", "subscription.pending_update_applied",
        "subscription.pending_update_expired", "subscription.resumed", "subscription.trial_will_end",
        "subscription.updated",
        "tax_id.created", "tax_id.deleted", "tax_id.updated",
    ),
    "invoice": (
        "created", "deleted", "finalization_failed", "finalized", "marked_uncollectible", "overdue", "overpaid",
        "paid", "payment_action_required", "payment_attempt_required", "payment_failed", "payment_succeeded", "sent",
        "upcoming", "updated", "voided", "will_be_due",
    ),
    "invoiceitem": ("created", "deleted", "updated"),
    "payment_method": ("attached", "automatically_updated", "detached", "updated"),
}  # fmt: skip


def _event(tree: Any, param: str) -> str:
    name: str = kinds.NAME.read(tree, param)
    family, _, what = name.partition(".")
    known = what in FAMILIES[family] if family in FAMILIES else _EVENT.fullmatch(name)
    if name != "*" and not known:
        raise refusals.invalid(f"Invalid {param}: {name} is no event of the API", param)
    return name


def _url(tree: Any, param: str) -> str:
    url: str = kinds.NAME.read(tree, param)
    try:
        parts = urlsplit(url)
        named = parts.hostname and parts.port != 0
    except ValueError:
        raise Refused(refusals.NOT_A_URL) from None
    if parts.scheme not in ("http", "https"):
        raise Refused(refusals.NO_SCHEME)
    if not named or not url.isprintable() or " " in url:
        raise Refused(refusals.NOT_A_URL)
    return url


def _version(tree: Any, param: str) -> str:
    version: str = kinds.NAME.read(tree, param)
    if not _VERSION.fullmatch(version):
        raise refusals.invalid(f"Invalid {param}: {version} is no version of the API", param)
    return version


UPDATE: Final[kinds.ParamTable] = {
    "description": kinds.TEXT,
    "disabled": kinds.BOOLEAN,
    "enabled_events": kinds.array(kinds.ParamKind(_event)),
    "metadata": kinds.METADATA,
    "url": kinds.ParamKind(_url),
}
CREATE: Final[kinds.ParamTable] = {
    **{name: kind for name, kind in UPDATE.items() if name != "disabled"},
    "api_version": kinds.ParamKind(_version),
    "connect": kinds.only(kinds.BOOLEAN, False),
}
LIST: Final = CURSORS


def create(ledger: Ledger, command: Command) -> Wire:
    if len(ledger.endpoints) >= MOST:
        raise Refused(refusals.TOO_MANY_ENDPOINTS)
    name, secret = ledger.mint.endpoint(command.at, len(ledger.endpoint_secrets) + 1)
    ledger.endpoint_secrets[name] = secret
    born = {"id": name, "created": command.at, "api_version": command.get("api_version")}
    row = objects.merged(objects.ENDPOINT, {**born, **_changes(command.params, objects.ENDPOINT)})
    ledger.endpoints.put(row)
    members = {**row, "secret": secret}
    return {key: members[key] for key in sorted(members, key=objects.place)}


def update(ledger: Ledger, command: Command) -> Wire:
    return ledger.endpoints.put(objects.merged(command.subject, _changes(command.params, command.subject)))


def delete(ledger: Ledger, command: Command) -> Wire:
    return ledger.endpoints.delete(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    return listing(ledger.endpoints, command, {})


def _changes(params: kinds.Params, endpoint: Wire) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: params[name] for name in ("description", "enabled_events", "url") if name in params
    }
    if changes.get("enabled_events") == []:
        raise refusals.missing("enabled_events")
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        changes["metadata"] = objects.combined(endpoint["metadata"], params["metadata"])
    return changes
