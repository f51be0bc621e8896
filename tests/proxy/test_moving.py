"""`replayer.clock.advance`: what a sandbox does by itself is recorded, and replayed with nothing to be moved."""

import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from replayer import Replayer
from replayer.errors import UsageError

AUTH = {"Authorization": "Bearer sk_test_made_up"}


class Program:
    """A program that bills, lets time go by, and looks what became of it."""

    def __init__(self, replayer: Replayer) -> None:
        self.replayer, self.seen = replayer, []  # type: tuple[Replayer, list[str]]

    def post(self, path: str, **form: Any) -> Any:
        answer = requests.post(self.replayer.url + path, data=form, headers=AUTH, timeout=10)
        self.seen.append(answer.text)
        return answer.json()

    def get(self, path: str) -> Any:
        answer = requests.get(self.replayer.url + path, headers=AUTH, timeout=10)
        self.seen.append(answer.text)
        return answer.json()

    def run(self) -> list[str]:
        card = {"invoice_settings[default_payment_method]": "pm_card_visa"}
        customer = self.post("/v1/customers", **card)["id"]
        made = self.post("/v1/invoices", customer=customer, auto_advance="true")["id"]
        self.post("/v1/invoiceitems", customer=customer, invoice=made, amount=700)
        path = f"/v1/invoices/{made}"
        assert self.get(path)["status"] == "draft"
        self.replayer.clock.advance(2 * 3600)
        paid = self.get(path)
        assert (paid["status"], paid["amount_paid"]) == ("paid", 700)
        times = paid["status_transitions"]
        assert paid["created"] < times["finalized_at"] == times["paid_at"]
        assert self.post(path, **{"metadata[a]": "1"})["metadata"] == {"a": "1"}
        assert self.get(path)["status"] == "paid"
        return self.seen


def run(cassette: Path, mode: str) -> list[str]:
    settings: dict[str, Any] = {"root": str(cassette.parent), "record_mode": mode, "epoch": "2026-11-22"}
    with Replayer(cassette.name, upstream="sandbox", **settings) as replayer:
        return Program(replayer).run()


def test_what_came_by_itself_is_recorded_and_replayed_and_recorded_again_the_same(tmp_path: Path) -> None:
    cassette = tmp_path / "billing.yaml"
    recorded = run(cassette, "all")
    file = cassette.read_bytes()
    assert run(cassette, "none") == recorded
    assert run(cassette, "all") == recorded
    assert cassette.read_bytes() == file


async def test_on_the_sessions_own_loop_it_is_awaited(tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=str(tmp_path), upstream="sandbox", record_mode="all") as replayer:
        await replayer.clock.advance(10)


def test_time_goes_forward_and_only_at_the_sandbox(tmp_path: Path) -> None:
    with (
        Replayer("a.yaml", root=str(tmp_path), upstream="sandbox", record_mode="all") as replayer,
        pytest.raises(UsageError, match="A clock goes forward: -1 seconds are none"),
    ):
        replayer.clock.advance(-1)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Replayer("b.yaml", root=str(tmp_path), upstream=origin(listener), record_mode="all") as replayer,
        pytest.raises(UsageError, match="only that of upstream 'sandbox' can"),
    ):
        replayer.clock.advance(1)


def origin(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
