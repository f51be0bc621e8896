"""What a sandbox keeps: its whole state as a value, in a file that is never half written and never somebody else's."""

import json
from pathlib import Path

import pytest

from replayer.core.message import Request
from replayer.errors import UsageError
from replayer.sandbox.ledger.switches import DEFAULTS, chosen
from replayer.sandbox.serving.lifetime import Life
from replayer.sandbox.serving.state import dump, load, plain
from replayer.sandbox.serving.state_file import StateError, StateFile
from tests.sandbox.shop import KEY, MONDAY, Shop


def busy_shop(shop: Shop) -> Shop:
    """One with something of everything, and something deleted of all that can be."""
    for status in ("draft", "open", "paid", "uncollectible", "void"):
        shop.at += 1
        shop.invoice(status, collection_method="send_invoice", days_until_due=1)
    shop.delete(f"/v1/invoices/{shop.invoice()['id']}")
    shop.delete(f"/v1/customers/{shop.customer(source='tok_visa')}")
    shop.post("/v1/invoiceitems", customer=shop.customer(), unit_amount_decimal="1.50", subscription="sub_1")
    shop.post("/v1/customers", key="k", name="Ü")
    shop.ask("POST", "/v1/customers", headers=(("Stripe-Account", "acct_1UI6qsHIBYZYyePr"),))
    return shop


@pytest.mark.parametrize("pairs", [[], ["deleted_cursor=positional", "next_invoice_sequence=kept"]])
def test_a_state_that_went_through_json_is_the_same_and_answers_the_same(pairs: list[str]) -> None:
    one, other = busy_shop(Shop(switches=chosen(pairs))), Shop(seed=2, switches=chosen(pairs))
    text = json.dumps(dump(one.api), default=plain)
    load(other.api, json.loads(text))
    assert json.loads(json.dumps(dump(other.api), default=plain)) == json.loads(text)
    other.at = one.at
    for target in ("customers", "invoices", "invoiceitems", "payment_methods", "invoices/search?query=total>0"):
        path = f"/v1/{target}"
        assert one.ask("GET", path) == other.ask("GET", path)
    other.post("/v1/customers", key="k", name="Ü")
    assert other.header("Idempotent-Replayed") == "true"
    draft = other.get("/v1/invoices", status="draft")["data"][0]["id"]
    assert other.post(f"/v1/invoices/{draft}/pay", paid_out_of_band="true")["status"] == "paid"


def life(file: Path | None = None, *, step: bool = False, seed: int | None = 1) -> Life:
    kept = None if file is None else StateFile(file)
    return Life(seed=seed, clock=lambda: float(MONDAY), step=step, switches=DEFAULTS, file=kept)


def make(living: Life) -> str:
    request = Request("POST", "/v1/customers", (("Authorization", f"Bearer {KEY}"),))
    return str(json.loads(living.answer(request, busy=False).body)["id"])


def test_a_kept_sandbox_goes_on_with_new_ids_and_a_later_clock(tmp_path: Path) -> None:
    file, names, times = tmp_path / "shop.json", [], []
    for _ in range(3):
        living = life(file, step=True)
        names += [make(living), make(living)]
        times.append(living.now() - MONDAY)
        assert living.save()
        assert not living.save()
    assert len(set(names)) == 6
    assert times == [2, 4, 6]
    assert len(life(file).api.ledger.customers) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["shop.json"]


def test_nothing_is_written_where_nothing_was_made(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    assert not life(file).save()
    assert not file.exists()


def test_a_reset_is_a_birth_and_is_kept_too(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    living = life(file)
    first = make(living)
    living.save()
    living.reset()
    assert living.save()
    assert len(life(file).api.ledger.customers) == 0
    assert make(living) == first  # the seed begins anew
    assert living.save()  # as many writes as before, but not the same


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"replayer_sandbox": 2}',
        '{"replayer_sandbox": 1, "writes": 1, "account": 5}',
    ],
)
def test_a_file_that_holds_something_else_is_refused_and_stays_as_it_is(tmp_path: Path, content: str) -> None:
    file = tmp_path / "notes.json"
    file.write_text(content)
    with pytest.raises(UsageError) as refused:
        life(file)
    assert str(refused.value) == (
        f"{file} cannot be read as the state of a sandbox: it holds something else, or is damaged. It stays as it is; "
        "name another file."
    )
    assert file.read_text() == content


def test_a_state_with_a_row_torn_out_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    living = life(file)
    make(living)
    living.save()
    state = json.loads(file.read_text())
    state["account"]["objects"]["customer"][0].pop()
    file.write_text(json.dumps(state))
    with pytest.raises(UsageError, match="or is damaged"):
        life(file)


def test_a_folder_and_a_place_without_one_are_refused(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "no" / "shop.json", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError):
            life(file)


def test_a_file_that_somebody_else_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    living = life(file)
    make(living)
    file.write_text("mine")
    with pytest.raises(StateError, match="was changed by somebody else meanwhile"):
        living.save()
    assert file.read_text() == "mine"


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real.json")
    living = life(link)
    make(living)
    living.save()
    make(living)
    living.save()
    assert link.is_symlink()
    assert len(life(tmp_path / "real.json").api.ledger.customers) == 2
