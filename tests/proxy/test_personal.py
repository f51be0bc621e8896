"""What is personal by the rules stands in no file: whoever it is of has a stand-in in the cassette, and the same one
next time. A client is shown what it wrote itself, and stand-ins of all others; the upstream hears of real people."""

import asyncio
import json
import random
import re
import shutil
import string
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from replayer.cli import run
from replayer.core.naming import personal
from replayer.core.rules.personal import is_personal
from tests.manual.examples import BLOCKS

from .talking import BEARER, FORM, JSON, Answer, Api, Arrived, ask, player, recorder, reply

OF_THE_MANUAL = tomllib.loads(BLOCKS["people.toml"])["tool"]["replayer"]["rules"]
RULES = {"base": "generic", "personal": [*OF_THE_MANUAL["personal"], "customer_email"]}
STANDING = {
    "email": "ada.lovelace@analytical.org",
    "name": "Ada Lovelace",
    "phone": "+44 20 7946 0123",
    "address": {"line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"},
}
REAL = (
    "ada.lovelace", "analytical.org", "Lovelace", "7946", "James", "London", "4JH", "grace", "Hopper", "navy",
    "Grace%20H", "ada.lovelace%40",
)  # fmt: skip


class Everywhere(dict[str, Answer]):
    """One answer at all paths."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def get(self, _: str, __: Any = None) -> Answer:
        return self._answer


class Crm(Api):
    """An API that has a customer already, makes others, and tells of them in several places. Its ids are new in each
    run."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.answers = Everywhere(self._said)
        self.chance = random.Random(seed)
        self.people = {self.minted("cus_"): dict(STANDING)}

    def minted(self, prefix: str) -> str:
        return prefix + "".join(self.chance.choices(string.ascii_letters + string.digits, k=14))

    async def _said(self, arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(json.dumps(self.answer(arrived), indent=2).encode(), JSON, ("Server", "crm")))

    def answer(self, arrived: Arrived) -> Any:
        path, query = urlsplit(arrived.target).path, parse_qs(urlsplit(arrived.target).query)
        given = {key: values[0] for key, values in parse_qs(arrived.body.decode()).items()}
        if path == "/customers" and given:
            name = self.minted("cus_")
            self.people[name] = {**given, "note": f"made for {given['name']} ({given['email']})"}
            return {"id": name, **self.people[name]}
        found = [{"id": name, **one} for name, one in self.people.items()]
        if path == "/customers":
            wanted = query.get("email")
            return {"data": [one for one in found if not wanted or one["email"] == wanted[0]]}
        one = next(each for each in found if each["id"] == path.rpartition("/")[2])
        bill = {"id": self.minted("in_"), "customer": one["id"], "customer_email": one["email"]}
        return bill | {"description": f"For {one['name']}, {one['email']}.", "link": f"https://x.io/?to={one['name']}"}


async def program(url: str, mail: str = "grace@navy.example.mil", name: str = "Grace Hopper") -> list[Any]:
    """What a client of it does and sees."""
    heard: list[Any] = []

    async def does(line: str, body: str = "") -> Any:
        answer = await ask(url, line, [FORM, BEARER] if body else [BEARER], body.encode())
        assert answer.status == 200, answer.body
        heard.append(json.loads(answer.body))
        return heard[-1]

    standing = (await does("GET /customers"))["data"][0]
    await does(f"GET /customers?email={standing['email'].replace('@', '%40').replace('+', '%2B')}")
    made = await does("POST /customers", f"name={name.replace(' ', '+')}&email={mail.replace('@', '%40')}")
    await does(f"GET /bills/{made['id']}")
    await does(f"GET /bills/{standing['id']}")
    return heard


async def recorded(root: Path, seed: int, **client: str) -> tuple[list[Any], str, Crm]:
    async with Crm(seed) as crm:
        async with recorder(crm, root, rules=RULES, epoch="2026-01-01", origin="https://crm.example") as proxy:
            heard = await program(proxy.url, **client)
        return heard, (root / "a.yaml").read_text("utf-8"), crm


def everything(root: Path) -> str:
    """All that stands in any file, however it is spelled."""
    texts = [path.read_text("utf-8", "surrogateescape") for path in root.rglob("*") if path.is_file()]
    return "\n".join([*texts, *map(unquote, texts)])


async def test_nobody_is_on_disk_and_the_upstream_hears_of_real_people(tmp_path: Path) -> None:
    heard, _, crm = await recorded(tmp_path, 1)
    kept = everything(tmp_path)
    assert [one for one in REAL if one in kept] == []
    asked = "\n".join(unquote(each.target) + unquote(each.body.decode()) for each in crm.arrived)
    assert "ada.lovelace@analytical.org" in asked
    assert "grace@navy.example.mil" in asked
    assert len(heard[1]["data"]) == 1


async def test_a_client_is_shown_what_it_wrote_and_stand_ins_of_all_others(tmp_path: Path) -> None:
    (listed, found, made, own, other), _, _ = await recorded(tmp_path, 1)
    standing = listed["data"][0]
    assert re.fullmatch(r"person-[0-9a-z]{8}@example\.com", standing["email"])
    assert re.fullmatch(r"Robin [A-Z][a-z]+", standing["name"])
    assert re.fullmatch(r"\+1555\d{7}", standing["phone"])
    assert standing["address"]["country"] == "GB"
    assert re.fullmatch(r"[A-Z]{2}\d[A-Z] \d[A-Z]{2}", standing["address"]["postal_code"])
    assert found["data"] == [standing]
    assert (made["email"], made["name"]) == ("grace@navy.example.mil", "Grace Hopper")
    assert made["note"] == "made for Grace Hopper (grace@navy.example.mil)"
    assert own["description"] == "For Grace Hopper, grace@navy.example.mil."
    assert (other["customer_email"], other["description"]) == (
        standing["email"],
        f"For {standing['name']}, {standing['email']}.",
    )


async def test_it_replays_as_it_was_recorded_and_for_another_person(tmp_path: Path) -> None:
    heard, _, _ = await recorded(tmp_path, 1)
    async with player(tmp_path, rules=RULES) as proxy:
        assert await program(proxy.url) == heard
        assert proxy.misses == []
    async with player(tmp_path, rules=RULES) as proxy:
        others = await program(proxy.url, "someone@else.example.net", "Some One")
        assert proxy.misses == []
    assert others[3]["description"] == "For Some One, someone@else.example.net."
    assert others[4] == heard[4]


async def test_recording_again_changes_no_byte_whoever_the_client_makes_up(tmp_path: Path) -> None:
    _, first, _ = await recorded(tmp_path, 1)
    assert (await recorded(tmp_path, 2))[1] == first
    assert (await recorded(tmp_path, 3, mail="someone@else.example.net", name="Some One"))[1] == first


async def test_recording_from_its_own_replay_gives_the_same_file(tmp_path: Path) -> None:
    heard, first, _ = await recorded(tmp_path, 1)
    async with player(tmp_path, rules=RULES) as upstream:
        settings = {"rules": RULES, "epoch": "2026-01-01", "origin": "https://crm.example"}
        async with recorder(upstream.url, tmp_path, "b.yaml", **settings) as proxy:
            assert await program(proxy.url) == heard
    assert (tmp_path / "b.yaml").read_text("utf-8") == first


async def test_an_older_cassette_is_found_by_audit_and_cleaned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Crm(1) as crm:
        settings = {"rules": "generic", "epoch": "2026-01-01", "origin": "https://crm.example"}
        async with recorder(crm, tmp_path, **settings) as proxy:
            await program(proxy.url)
    shutil.rmtree(tmp_path / ".replayer", ignore_errors=True)
    (tmp_path / "pyproject.toml").write_text(f"[tool.replayer.rules]\npersonal = {RULES['personal']}\n", "utf-8")
    assert await asyncio.to_thread(run, ["audit", "a.yaml"]) == 1
    assert "what is personal (data[0].email) [personal]" in capsys.readouterr().out
    assert await asyncio.to_thread(run, ["clean", "a.yaml"]) == 0
    assert await asyncio.to_thread(run, ["audit", "a.yaml"]) == 0
    kept = (tmp_path / "a.yaml").read_text("utf-8")
    assert [one for one in REAL if one in kept] == []
    async with player(tmp_path, rules=RULES) as proxy:
        heard = await program(proxy.url)
        assert proxy.misses == []
    assert heard[3]["description"] == "For Grace Hopper, grace@navy.example.mil."


@pytest.mark.parametrize(
    "value",
    [
        "jenny.rosen@stripe.com", "Jenny Rosen", "Jürgen Müller", "Bob", "+1 415 555 2671", "(0) 30 / 901820", "94103",
        "510 Townsend Street", "SW1A 1AA", "x", "7", "Łódź",
    ],
)  # fmt: skip
def test_a_stand_in_is_another_value_of_the_same_form_and_stays_what_it_is(value: str) -> None:
    one, other = personal.stand_in(value, "here"), personal.stand_in(value, "there")
    assert one == personal.stand_in(value, "here")
    assert value not in {one, other}
    assert len({one, other}) == 2 or len(value) == 1
    assert not personal.may_be_real(one)
    assert personal.stand_in(one, "here") == one
    assert ("@" in one) == ("@" in value)
    assert one.isdecimal() == value.isdecimal()


@pytest.mark.parametrize(
    ("names", "place", "expected"),
    [
        (("email",), "email", True),
        (("email",), "data[0].email", True),
        (("email",), "billing_details[email]", True),
        (("email",), "customer_email", False),
        (("email",), "email.verified", False),
        (("EMail",), "contact.eMail", True),
        (("address.*",), "customer.address.line1", True),
        (("address.*",), "address[geo][lat]", True),
        (("address.*",), "address", False),
        (("billing_details.name",), "charges.data[3].billing_details.name", True),
        (("billing_details.name",), "product.name", False),
        ((), "email", False),
    ],
)
def test_a_name_stands_for_the_end_of_a_place(names: tuple[str, ...], place: str, *, expected: bool) -> None:
    assert is_personal(names, place) is expected
