"""What the API says when it says no. Every sentence is wire text, so each stands here once and word for word.

A `Refusal` is a value; `Refused` carries one out of the depth of a parameter tree or a handler.
"""

from dataclasses import dataclass, replace
from typing import Final

from replayer.sandbox.wire.values import Wire


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error answer. `more` holds what only card errors have; `logged` is false where no log link is given.

    `question` names the switch that decides on its words, where those are not known for certain.
    """

    message: str
    status: int = 400
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    logged: bool = True
    more: tuple[tuple[str, str], ...] = ()
    question: str = ""

    def about(self, param: str) -> "Refusal":
        return replace(self, param=param)


class Refused(Exception):  # noqa: N818 - a verdict that travels, not a failure of ours
    """Carries a refusal to the one place that answers."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


# The state machine's refusals have no code, no param and no doc_url, unless stated.
E1: Final = Refusal("Invoice is already paid")
E2: Final = Refusal("You can only pass in open invoices. This invoice isn't open.")
E3: Final = Refusal("Invoices with `paid` payments cannot be voided.")
E4: Final = Refusal("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
E5: Final = Refusal("You can only delete draft invoices.")
E6: Final = Refusal("Finalized invoices can't be updated in this way")
E7: Final = Refusal("This invoice has already been marked uncollectible.")
E8: Final = Refusal("You can only manually send an invoice if its collection method is 'send_invoice'.")
E9: Final = Refusal(
    "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, "
    "so we can help."
)
E11: Final = Refusal("Invalid invoice: This invoice is no longer editable", code="invoice_not_editable")
E12: Final = Refusal("If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.")
E13: Final = Refusal(
    "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'."
)
E14: Final = Refusal(
    "There is no `default_payment_method` set on this Customer or Invoice.", question="pay_without_method"
)
E15: Final = Refusal("Can't delete an invoice item that is attached to an invoice that is no longer editable")
E16: Final = Refusal("This invoice item has been deleted.")

# E2 where no recording shows what the API says.
E2_ON_PAYING: Final = replace(E2, question="pay_on_void")
E2_ON_UNPAID: Final = replace(E2, question="void_without_payment")

# Not recorded anywhere; worded after E15.
ITEM_FROZEN: Final = Refusal("Can't update an invoice item that is attached to an invoice that is no longer editable")

NOT_A_FORM: Final = Refusal(
    "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any "
    "questions, we can help at https://support.stripe.com/."
)
NO_SCHEME: Final = Refusal("Invalid URL: An explicit scheme (such as https) must be provided.", param="url")
CLOCK_GOES_FORWARD: Final = Refusal(
    "A test clock can only be advanced to a later time, and by at most two years at once.", param="frozen_time"
)
NOT_A_URL: Final = Refusal("Invalid URL", code="url_invalid", param="url")
TOO_MANY_ENDPOINTS: Final = Refusal("You have reached the maximum of 16 test webhook endpoints.")
TYPE_AND_TYPES: Final = Refusal("You may pass either `type` or `types`, but not both.", param="types")
BOTH_CURSORS: Final = Refusal("Received both starting_after and ending_before parameters. Please pass in only one.")

NO_SUCH: Final = {
    "customer": "No such customer: '{}'",
    "event": "No such event: '{}'",
    "invoice": "No such invoice: '{}'",
    "invoiceitem": "No such Invoice Item: '{}'(livemode=false)",  # the odd noun and the suffix are the API's own
    "line_item": "No such invoice line item: '{}'",
    "payment_method": "No such PaymentMethod: '{}'",
    "price": "No such price: '{}'",
    "source": "No such source: '{}'",
    "test_helpers.test_clock": "No such test clock: '{}'",
    "webhook_endpoint": "No such webhook endpoint: '{}'",
}


def no_such(kind: str, name: str, param: str, status: int = 400) -> Refusal:
    """404 where the path names it, 400 where a parameter does. E10 is the one for a path's invoice."""
    return Refusal(NO_SUCH[kind].format(name), status, code="resource_missing", param=param)


def invalid(message: str, param: str, code: str | None = None) -> Refused:
    """What is wrong with a parameter, ready to be raised."""
    return Refused(Refusal(message, code=code, param=param))


def exclusive_pair(one: str, other: str, place: str = "{}") -> Refused:
    """Two parameters that say the same thing twice. `place` is how the request names them: `lines[0][{}]`."""
    return invalid(f"You may only specify one of these parameters: {one}, {other}.", place.format(one))


def missing(param: str) -> Refused:
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


_SLASH: Final = (
    " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure "
    "you passed a valid (non-empty) identifier in your code."
)


def unknown_url(method: str, path: str) -> Refusal:
    hint = _SLASH if path.endswith("/") and path != "/" else ""
    return Refusal(
        f"Unrecognized request URL ({method}: {path}).{hint} Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        404,
    )


def envelope(refusal: Refusal, log_url: str | None) -> Wire:
    """The error's body: members in alphabetical order, absent ones left out; `doc_url` where there is a code."""
    members: dict[str, str | None] = {
        "code": refusal.code,
        "doc_url": refusal.code and f"https://stripe.com/docs/error-codes/{refusal.code.replace('_', '-')}",
        "message": refusal.message,
        "param": refusal.param,
        "request_log_url": log_url if refusal.logged else None,
        "type": refusal.type,
        **dict(refusal.more),
    }
    return {"error": {name: members[name] for name in sorted(members) if members[name] is not None}}
