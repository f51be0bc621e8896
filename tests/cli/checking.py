"""What `replayer check` is shown, cassettes of small programs recorded from the sandbox; and what it says, read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer import Replayer
from replayer.cli import run

KEY = {"Authorization": "Bearer sk_test_CheckedByTheTests01"}

Difference = tuple[str, str, str]


def recorded(
    folder: Path, program: Callable[[httpx.Client], None], name: str = "shop.yaml", upstream: str = "sandbox"
) -> Path:
    """The cassette of a program, recorded from the sandbox or from what stands before one."""
    with (
        Replayer(name, root=folder, upstream=upstream, record_mode="all") as replayer,
        httpx.Client(base_url=replayer.url, headers=KEY) as client,
    ):
        program(client)
    return folder / name


def reading(client: httpx.Client) -> None:
    assert client.get("/v1/customers?limit=3").json()["data"] == []
    assert client.get("/v1/invoices/in_nobody").status_code == 404


def writing(client: httpx.Client) -> None:
    client.post("/v1/customers", data={"name": "Ada"})


def shopping(client: httpx.Client) -> None:
    made = client.post("/v1/customers", data={"name": "Ada"}, headers={"Idempotency-Key": "k-11111111"}).json()
    client.post("/v1/customers", data={"name": "Ada"}, headers={"Idempotency-Key": "k-11111111"})
    client.get(f"/v1/customers/{made['id']}")
    client.get("/v1/customers?limit=3")
    client.get("/v1/invoices?limit=3")


def checked(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """The exit code of a check and its document."""
    code = run(["check", "--json", *words])
    stdout, _ = capfd.readouterr()
    return code, json.loads(stdout)


def findings(document: Any) -> set[Difference]:
    return {(one["kind"], one["where"], one["field"]) for each in document["cassettes"] for one in each["findings"]}
