"""Names that somebody broke: each is found, with the alias that it was. What an odd API answers is left alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from replayer.cassettes import dumps, folder, loads
from replayer.core.audit import audit, spoiling
from replayer.core.audit.misprints import EDITS, Aliases
from replayer.core.audit.view import Examined, Places
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import instants, shapes
from replayer.core.naming import aliases
from replayer.core.rules import registry
from replayer.core.secrets import Finding, FindingKind
from tests.core.build import EPOCH, answer, recorded, req

REAL = "in_1UI6qsHIBYZYyePrZqHAeqdY"
CASSETTES = Path(__file__).parents[3] / "cassettes"
LIFE = (CASSETTES / "life.yaml").read_text("utf-8")


def findings(text: str) -> list[Finding]:
    return audit(loads(text.encode(), "x.yaml"), text)


def objects(kind: str) -> Iterator[dict[str, str]]:
    """The objects of a type that the example tells of, as they are when they are made."""
    for interaction in loads(LIFE.encode(), "x.yaml").interactions:
        value = json.loads(interaction.response.body)
        if interaction.request.method == "POST" and value.get("object") == kind:
            yield value


INVOICE = next(objects("invoice"))
CUSTOMER = next(objects("customer"))


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_was_recorded_is_sound(path: Path) -> None:
    cassette = folder.read(path)
    assert isinstance(cassette, Cassette)
    assert audit(cassette, path.read_text("utf-8")) == spoiling(cassette, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("edit", "how"),
    [
        (lambda name: name[:-1] + ("a" if name[-1] != "a" else "b"), "in 1 character"),
        (lambda name: name[:-2], "in 2 characters"),
        (lambda name: name[:4] + name[4:].swapcase(), "in upper and lower case"),
    ],
)
def test_a_name_that_was_edited_is_found_with_the_one_that_it_was(edit: object, how: str) -> None:
    name = INVOICE["id"]
    broken = edit(name)  # type: ignore[operator]
    text = LIFE.replace(f"/v1/invoices/{name}", f"/v1/invoices/{broken}", 1)
    (finding,) = [one for one in findings(text) if one.kind is FindingKind.BROKEN_NAME]
    assert f"is no alias, and differs {how} from {name} in line " in finding.what
    assert broken in text.split("\n")[finding.line - 1]
    assert broken not in finding.what.partition(" and differs ")[0]  # it may be a real one


def test_a_short_name_that_lost_a_character_is_found() -> None:
    name = CUSTOMER["id"]
    (finding,) = findings(LIFE.replace(f"customer={name}", f"customer={name[:-1]}", 1))
    assert finding.kind is FindingKind.BROKEN_NAME
    assert f"differs in 1 character from {name}" in finding.what


def test_an_id_of_two_types_stops_nothing_as_a_card_is_a_payment_method_too() -> None:
    card = aliases.alias("prefixed", "card_1UI6qsHIBYZYyePrZqHAeqdY", "any")
    told = [asked(f"GET /v1/{kind}s/{card}", {"id": card, "object": kind}) for kind in ("card", "payment_method")]
    cassette = Cassette(tuple(told), Facts("https://api.stripe.com", "invoice", EPOCH))
    assert [one.kind for one in audit(cassette, dumps(cassette))] == [FindingKind.SHARED_NAME]
    assert spoiling(cassette, dumps(cassette)) == []


def test_a_percent_sign_before_a_name_is_no_part_of_it() -> None:
    kept = recorded((req("POST /v1/x", f"description=%28{'9f86d081884c7d65' * 2}%29"), answer({"id": REAL})))
    assert audit(kept, dumps(kept)) == []


def asked(line: str, said: object, status: int = 200) -> Interaction:
    return Interaction(req(line), answer(said, status=status))


def test_an_id_that_was_asked_for_in_vain_was_meant_as_it_is() -> None:
    name, facts = INVOICE["id"], Facts("sandbox", "invoice", 1_795_305_600)
    known, other = asked(f"GET /v1/invoices/{name}", {"id": name}), f"GET /v1/invoices/{name}x"
    cassette = Cassette((known, asked(other, {"error": {"message": f"No such: {name}x"}}, 404)), facts)
    assert spoiling(cassette, dumps(cassette)) == []
    found = Cassette((known, asked(other, {"id": name})), facts)
    assert [one.kind for one in spoiling(found, dumps(found))] == [FindingKind.BROKEN_NAME]


def edited_life(before: str, after: str) -> tuple[str, list[Finding]]:
    text = LIFE.replace(before, after, 1)
    assert text != LIFE
    return text, findings(text)


WHERE_NAMES_STAND = pytest.mark.parametrize(
    ("place", "name"),
    [
        ("uri: https://api.stripe.com/v1/invoices/{}", INVOICE["id"]),
        ('"id": "{}"', INVOICE["id"]),
        ('"customer": "{}"', CUSTOMER["id"]),
        ("customer={}", CUSTOMER["id"]),
    ],
)


@WHERE_NAMES_STAND
def test_a_name_with_the_prefix_of_another_kind_is_found(place: str, name: str) -> None:
    broken = f"ii{name[name.index('_') :]}"
    text, found = edited_life(place.format(name), place.format(broken))
    (finding,) = found
    assert finding.kind is FindingKind.BROKEN_NAME
    assert f" is no alias, and has another prefix than {name} in line " in finding.what
    assert broken in text.split("\n")[finding.line - 1]


@WHERE_NAMES_STAND
@pytest.mark.parametrize(
    ("edit", "how"),
    [
        (str.upper, "differs in upper and lower case from"),
        (lambda name: name[:2].upper() + name[2:], "differs in upper and lower case from"),
        (lambda name: name[:11], "is only the beginning of"),
        (lambda name: name[:-6], "is only the beginning of"),
    ],
)
def test_a_name_in_capitals_or_cut_off_is_found_where_names_stand(
    place: str, name: str, edit: object, how: str
) -> None:
    broken = edit(name)  # type: ignore[operator]
    text, found = edited_life(place.format(name), place.format(broken))
    (finding,) = [one for one in found if one.kind in (FindingKind.BROKEN_NAME, FindingKind.REAL_ID)]
    assert f" is no alias, and {how} {name} in line " in finding.what
    assert finding.kind is FindingKind.BROKEN_NAME
    assert broken in text.split("\n")[finding.line - 1]


@pytest.mark.parametrize("value", ["{short}", "{capitals}"])
def test_what_a_client_makes_of_a_name_elsewhere_is_its_own(value: str) -> None:
    name = INVOICE["id"]
    value = value.format(short=name[:9], capitals=name.upper())
    facts = Facts("sandbox", "invoice", 1_795_305_600)
    told = {"id": name, "description": value, "metadata": {"id": value}}
    written = Interaction(req("POST /v1/invoices", f"description={value}&metadata[id]={value}"), answer(told))
    in_vain = asked(f"GET /v1/invoices/{value}", {"error": {}}, 404)
    cassette = Cassette((written, asked(f"GET /v1/invoices/{name}", {"id": name}), in_vain), facts)
    assert audit(cassette, dumps(cassette)) == []


@given(st.integers(3, 26), st.integers(3, 26), st.sampled_from(("", "a", "Z7")), st.sampled_from(("", "b", "0")))
def test_any_two_edits_of_a_name_are_told(one: int, other: int, first: str, second: str) -> None:
    name = INVOICE["id"]
    broken = name[:one] + first + name[one + 1 :]
    broken = broken[:other] + second + broken[other + 1 :]
    assume(broken != name and (len(first) or 1) + (len(second) or 1) <= EDITS)
    aliases = Aliases(
        [Examined(asked("GET /x", {"id": text}), registry.INVOICE_RULES) for text in (name, CUSTOMER["id"])]
    )
    assert f" from {name} in line " in aliases.broken(next(shapes.ids(broken)), Places("- request:\n" * 2, 2))


U = aliases.alias("uuid", "85fad431-201d-4984-89e1-8634b1d2c3d4", "any")
ANY = Facts("https://api.example.com", "generic", EPOCH)


def of_any_api(*exchanges: tuple[str, object]) -> Cassette:
    """A cassette of an API that no rules know, with a second for each answer."""
    told = []
    for second, (line, said) in enumerate(exchanges, start=1):
        told.append(Interaction(req(line), answer(said, ("Date", instants.http_date(EPOCH + second)))))
    return Cassette(tuple(told), ANY)


def at(seconds: int) -> str:
    return instants.iso(EPOCH + seconds)


@pytest.mark.parametrize(
    "exchanges",
    [
        [("POST /order", {"object": "order", "id": U}), ("GET /invoice", {"object": "invoice", "id": U})],
        [("POST /x", {"id": U, "created_at": at(1), "updated_at": at(-5 * 86_400)})],
        [("POST /x", {"id": U, "created_at": at(40_000), "updated_at": at(30_000)})],
        [("POST /x", {"id": U, "created_at": at(4)}), ("POST /y", {}), ("POST /y", {}), ("POST /y", {})],
        [("POST /x", {"id": U, "created_at": at(1)}), ("PUT /x", {"id": U, "created_at": at(2)})],
        [("PUT /x", {"id": U, "created_at": at(1)}), ("DELETE /x", {"id": U}),
         ("PUT /x", {"id": U, "created_at": at(3)})],
        [
            ("POST /x", {"id": U, "created_at": at(1)}),
            ("PATCH /x", {"id": U, "created_at": at(1), "more": 1}),
            ("POST /y", {}),
            ("GET /events", [{"event": "made", "id": U, "created_at": at(2)}]),
        ],
        [("GET /x", [{"id": U, "created_at": at(-86_400)}, {"id": U, "created_at": at(-90_000)}])],
        [
            ("POST /x", {"object": "x", "id": U, "created_at": at(1)}),
            ("POST /y", {}),
            ("GET /events", [{"type": "made", "id": U, "created_at": at(2)}]),
        ],
        [("POST /x", {"id": U, "created_at": at(1)}), ("POST /x", {"id": U, "created_at": at(2)})],
        [("PUT /x", {"id": U, "created_at": at(1)}), ("GET /x", {"id": U, "created_at": at(3)})],
        [("POST /x", {}), ("POST /x", {"id": U, "created_at": at(1)})],
        [("POST /y", {}), ("POST /x", {"id": U, "created_at": at(2), "updated_at": at(1)})],
        [("POST /x", {"id": U, "created_at": "2026-13-01T00:00:00Z"})],
    ],
    ids=[
        "shared key", "import", "import of today", "clock ahead", "version", "new life", "log", "history", "event",
        "upsert", "clock behind", "clock behind its answer", "older than itself", "no time",
    ],
)  # fmt: skip
def test_what_an_odd_api_answers_is_sound(exchanges: list[tuple[str, object]]) -> None:
    cassette = of_any_api(*exchanges)
    assert audit(cassette, dumps(cassette)) == []
