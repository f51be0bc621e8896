"""What the tests of a session ask."""

from replayer.core.message import Request, Response
from tests.core.build import KEY, req

LIST, CREATE = req("GET /v1/invoices"), req("POST /v1/invoices", "customer=cus_1")
BEARER = ("Authorization", f"Bearer {KEY}")
UUID, LATER_UUID = "63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-c995-660f-26d169fa763b"


def keyed(key: str, line: str = "POST /v1/invoices", body: str = "customer=cus_1") -> Request:
    return req(line, body, ("Idempotency-Key", key))


def bodies_of(*responses: Response) -> list[str]:
    return [response.body.decode() for response in responses]
