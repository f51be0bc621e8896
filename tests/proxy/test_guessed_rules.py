"""On loopback the invoice API is a guess, which the first answer decides."""

import asyncio
from pathlib import Path

import pytest

from .talking import BEARER, JSON, Api, Headers, Lines, ask, breaking, on_disk, recorder, reply

NOTE = "is recorded by the rules 'generic'. Choose others with --rules, or rules=."


def rules_in(root: Path) -> str:
    facts = on_disk(root / "a.yaml").facts
    assert facts is not None
    return facts.rules


@pytest.mark.parametrize(
    "body", [b'{"items": []}', b"[]", b"hello", b"", b'{"id": "9b2f0d64-6d6a-4e1a-9c5b-0d6ef1a6c111"}']
)
async def test_another_api_on_loopback_is_not_taken_for_the_invoice_api_and_that_is_said(
    api: Api, tmp_path: Path, lines: Lines, body: bytes
) -> None:
    api["/items"] = reply(body, JSON)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        for _ in range(2):
            assert (await ask(proxy.url, "GET /items", [JSON])).status == 200
    assert rules_in(tmp_path) == "generic"
    assert [NOTE in line.note for line in lines] == [True, False]
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 2


@pytest.mark.parametrize(
    ("path", "asked", "told"),
    [
        ("/v1/invoices", (), ()),
        ("/x", (BEARER,), ()),
        ("/x", (("Stripe-Version", "2026-08-26.dahlia"),), ()),
        ("/x", (), (("Stripe-Version", "2026-08-26.dahlia"),)),
    ],
)
async def test_what_stands_in_for_the_invoice_api_is_taken_for_it(
    api: Api, tmp_path: Path, lines: Lines, path: str, asked: Headers, told: Headers
) -> None:
    api[path] = reply(b"{}", JSON, *told)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, f"GET {path}", asked)
    assert rules_in(tmp_path) == "invoice"
    assert lines[0].note == ""


@pytest.mark.parametrize("rules", ["invoice", "generic"])
async def test_rules_that_were_chosen_stay(api: Api, tmp_path: Path, lines: Lines, rules: str) -> None:
    async with recorder(api, tmp_path, tell=lines, rules=rules) as proxy:
        await ask(proxy.url, "GET /items")
    assert rules_in(tmp_path) == rules
    assert lines[0].note == ""


async def test_all_that_is_under_way_when_the_rules_are_decided_is_recorded_by_them(api: Api, tmp_path: Path) -> None:
    for number in range(8):
        api[f"/items/{number}"] = reply(b"[%d]" % number, JSON)
    async with recorder(api, tmp_path) as proxy:
        heard = await asyncio.gather(*(ask(proxy.url, f"POST /items/{number}", [JSON]) for number in range(8)))
    assert [one.body for one in heard] == [b"[%d]" % number for number in range(8)]
    assert rules_in(tmp_path) == "generic"
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 8


async def test_a_request_that_failed_before_the_rules_were_decided_is_counted(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api["/broken"] = breaking(b"")
    async with recorder(api, tmp_path) as proxy:
        await asyncio.gather(ask(proxy.url, "POST /items", [JSON]), ask(proxy.url, "POST /broken", [JSON]))
    assert "was not saved: 1 request could not be recorded" in caplog.text
