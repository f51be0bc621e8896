"""What people's traffic does, kind by kind: instances of each that a recording can show, and where the others are held.

An instance is what a minted value and a time come to in one exchange. It is recorded three times, on other days and by
other chances: the file is the same, nothing that was minted is in it, and the audit accepts it.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest

from replayer.cassettes import dumps
from replayer.core.message import Request, Response
from replayer.core.naming.aliases import BASE62
from replayer.core.rules import registry
from tests.core.build import answer, req
from tests.core.recording.fresh import in_every_recording

TESTS = Path(__file__).parents[1]
NAME = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
JSON = ("Content-Type", "application/json")


class Run:
    """One run of an API, with its time and what it has minted."""

    def __init__(self, at: float, chance: Random) -> None:
        self.at, self._chance, self.minted = int(at), chance, set[str]()

    def random(self, length: int, alphabet: str = BASE62) -> str:
        made = "aB1" * (alphabet is BASE62) + "".join(self._chance.choices(alphabet, k=length))
        self.minted.add(made)
        return made

    def id(self, prefix: str = "in_") -> str:
        made = f"{prefix}1{''.join(self._chance.choices(BASE62, k=23))}"
        self.minted.add(made)
        return made

    def hex(self, length: int) -> str:
        made = self._chance.randbytes(length // 2).hex()
        self.minted.add(made)
        return made

    def utc(self, form: str) -> str:
        return f"{datetime.fromtimestamp(self.at, UTC):{form}}"


Instance = Callable[[Run], Response]


def body(media: str, made: Callable[[Run], bytes]) -> Instance:
    return lambda run: Response(200, "OK", (("Content-Type", media),), made(run))


def told(made: Callable[[Run], Mapping[str, Any]]) -> Instance:
    return lambda run: answer({"id": run.id(), "created": run.at, **made(run)})


def summed(name: str, write: Callable[[bytes], str]) -> Instance:
    def made(run: Run) -> Response:
        raw = json.dumps({"id": run.id(), "created": run.at}).encode()
        return Response(200, "OK", (JSON, (name, write(raw))), raw)

    return made


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def in_tar(run: Run) -> bytes:
    to, content, member = io.BytesIO(), f"{run.id()}\n".encode(), tarfile.TarInfo("all.txt")
    member.size, member.mtime = len(content), run.at
    with tarfile.open(fileobj=to, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return to.getvalue()


def in_zip(run: Run) -> bytes:
    to, packed = io.BytesIO(), datetime.fromtimestamp(run.at, UTC)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("all.txt", packed.timetuple()[:6]), run.id())
    return to.getvalue()


def elsewhere(run: Run) -> str:
    return f"{datetime.fromtimestamp(run.at, timezone(timedelta(hours=5, minutes=30))):%Y-%m-%dT%H:%M:%S}.123456+05:30"


# By number: what the kind is, and instances of it.
SHOWN: Mapping[int, tuple[str, tuple[Instance, ...]]] = {
    2: (
        "bodies that are no text by their type",
        (
            body("application/vnd.ms-excel", lambda run: f"id;n\n{run.id()};1\n".encode()),
            body("image/svg+xml", lambda run: f'<svg><text id="{run.id("ch_")}"/></svg>'.encode()),
            body("application/gzip", lambda run: gzip.compress(f"{run.id()}\n".encode(), mtime=run.at)),
            body("application/x-tar", lambda run: in_tar(run)),
            body("application/x-gtar", lambda run: gzip.compress(in_tar(run), mtime=run.at)),
            body("application/x-excel", lambda run: in_zip(run)),
            body("text/csv", lambda run: f"id;n\n{run.id()};1\n".encode("utf-16")),
            body("application/x-protobuf", lambda run: b"\x0a\x1c\x00" + run.id("cus_").encode() + b"\x00\x10\x96\x01"),
        ),
    ),
    3: (
        "one knowledge of secrets for recording and audit",
        (
            told(lambda run: {"webhookSecret": run.random(32)}),
            told(lambda run: {"auth": {"refreshToken": run.random(40)}}),
            told(lambda run: {"text": f"Use client_secret={run.random(36)} from now on."}),
            told(lambda run: {"hmac_key": run.random(40), "api_keys": [run.random(40)], "jwt": run.random(40)}),
            body("text/html", lambda run: f'<meta name="csrf-token" content="{run.random(40)}">'.encode()),
            body("text/html", lambda run: f'<input name="authenticity_token" value="{run.random(40)}">'.encode()),
            body("text/csv", lambda run: f"name,api_key\nme,{run.random(40)}\n".encode()),
            body("text/plain", lambda run: f"//npm.other.test/:_authToken={run.random(36)}\n".encode()),
            body("text/plain", lambda run: f"machine a.test login me password {run.random(20)}\n".encode()),
            told(lambda run: {"try": f"curl -u admin:{run.random(24)} https://x.other.test/"}),
        ),
    ),
    4: (
        "a link that opens by its path or its fragment",
        (
            told(lambda run: {"share": f"https://docs.other.test/s/{run.random(44)}/view"}),
            told(lambda run: {"join": f"https://meet.other.test/j/room#{run.random(40)}"}),
            told(lambda run: {"answer_to": f"mailto:reply+{run.random(40)}@in.other.test"}),
            told(lambda run: {"file": f"https://drop.other.test/f/a.pdf?rlkey={run.random(25)}&dl=0"}),
            told(lambda run: {"html": f'<a href="https://drop.other.test/d/{run.random(48)}?dl=1">load</a>'}),
        ),
    ),
    6: (
        "time fields outside of a list",
        (
            told(lambda run: {"locked_until": run.at + 7_200}),
            told(lambda run: {"next_attempt": run.at + 7_200, "dueBy": run.at + 86_400, "last_synced": run.at}),
            told(lambda run: {"ends": run.at + 7_200, "validFrom": run.at + 86_400, "billing_cycle_anchor": run.at}),
            told(lambda run: {"grace_period_end": run.at + 3 * 86_400}),
            told(lambda run: {"payout": {"estimatedArrivalDate": run.at + 86_400}}),
        ),
    ),
    7: (
        "a minted reference that no rule names",
        (
            told(lambda run: {"retrieval_reference_number": run.random(15, "123456789")}),
            told(lambda run: {"mandateReference": run.random(12)}),
            told(lambda run: {"endToEndId": run.random(16), "shipment_number": run.random(12, "123456789")}),
            told(lambda run: {"record_locator": run.random(8), "conversation_id": run.random(12)}),
            told(lambda run: {"shipment": {"tracking_number": run.random(18)}}),
        ),
    ),
    8: (
        "a time in a link",
        (
            told(lambda run: {"image": f"https://cdn.other.test/a.png?expires={run.at + 3_600}"}),
            told(lambda run: {"image": f"https://cdn.other.test/upload/v{run.at}/a.jpg"}),
            told(lambda run: {"to": f"https://r.other.test/?to=https%3A%2F%2Fb.other.test%2Fx%3Fts%3D{run.at}"}),
            told(lambda run: {"graph": f"https://g.other.test/d?from={run.at}000&to={run.at + 9_000}000"}),
            told(lambda run: {"image": f"https://cdn.other.test/a.png?w=20&ts={run.at}000&h=30"}),
            told(lambda run: {"see": f"https://logs.other.test/x?from={run.utc('%Y-%m-%dT%H:%M:%SZ')}&n=1"}),
        ),
    ),
    12: (
        "a value that is derived from the body",
        (
            summed("Repr-Digest", lambda raw: f"sha-512=:{in_base64(hashlib.sha512(raw).digest())}:"),
            summed("X-Integrity", lambda raw: f"sha384-{in_base64(hashlib.sha384(raw).digest())}"),
            summed("x-amz-checksum-sha256", lambda raw: in_base64(hashlib.sha256(raw).digest())),
            summed("ETag", lambda raw: f'W/"{hashlib.sha1(raw, usedforsecurity=False).hexdigest()}"'),
        ),
    ),
    14: (
        "spellings of time",
        (
            told(lambda run: {"when": run.utc("%a %b %d %H:%M:%S %Y")}),
            told(
                lambda run: {"when": run.utc("%m/%d/%Y %I:%M:%S %p"), "text": run.utc("at %m/%d/%Y %I:%M %p, it was")}
            ),
            told(lambda run: {"when": run.utc("%d.%m.%Y %H:%M:%S"), "text": run.utc("am %d.%m.%Y %H:%M war es")}),
            told(lambda run: {"when": run.utc("%B %d, %Y at %I:%M %p"), "then": run.utc("%Y:%m:%d %H:%M:%S")}),
            told(lambda run: {"when": run.utc("%Y%m%d%H%M%SZ"), "then": run.utc("%d-%b-%Y %H:%M:%S.123")}),
            lambda run: answer({"id": run.id(), "createdAt": run.utc("%Y-%m-%dT%H:%MZ")}),
            told(lambda run: {"when": elsewhere(run)}),
            told(lambda run: {"lines": [f"{run.utc('[%d/%b/%Y:%H:%M:%S +0000]')} done"]}),
        ),
    ),
    15: (
        "an opaque token under another name",
        (
            told(
                lambda run: {
                    "pageState": run.random(30),
                    "nextSearchAfter": run.random(30),
                    "next_batch": run.random(20),
                }
            ),
            told(lambda run: {"next_url": f"/v1/things/page/{run.random(32)}"}),
            told(lambda run: {"paging": {"nextCursor": in_base64(run.random(24).encode())}}),
            told(lambda run: {"links": {"next": f"/v1/things?offset_token={run.random(30)}"}}),
            lambda run: answer({"data": []}, ("Link", f'</v1/things?from_row={run.random(28)}>; rel="next"')),
        ),
    ),
    28: (
        "ids inside base64",
        (
            told(lambda run: {"handle": in_base64(f"file:{run.id('file_')}:0".encode())}),
            told(lambda run: {"url": f"https://files.other.test/f/{in_base64(run.id('fl_').encode())}"}),
            told(lambda run: {"next": in_base64(json.dumps({"after": run.id("ch_")}).encode())}),
            told(lambda run: {"note": in_base64(f"f\u00fcr {run.id('cus_')}\nund so fort".encode())}),
            told(lambda run: {"see": f"https://x.other.test/?f=%7B%22of%22%3A%22{run.id('cus_')}%22%7D"}),
            told(lambda run: {"see": f"https://x.other.test/%7B{run.id('ch_')}%7D/%2F{run.id('cus_')}"}),
        ),
    ),
    31: (
        "what is made now, though it tells a constant birth",
        (
            lambda run: answer({"id": run.id(), "created": 946_684_800}),
            lambda run: answer({"id": run.hex(32), "created_at": "1970-01-02T00:00:00Z"}),
            lambda run: answer({"data": {"id": run.id("cus_"), "createdAt": 946_684_800_000}}),
        ),
    ),
    35: (
        "what audit once found in what was recorded a minute ago",
        (
            told(lambda run: {"receipt_url": f"https://pay.stripe.com/receipts/{run.id('ch_')}/{run.id('rcpt_')}"}),
            told(lambda run: {"plan": (twice := {"id": run.id("price_")}) | {"object": "plan"}, "price": twice}),
            told(lambda run: {"cursor": (token := in_base64(run.random(21).encode())), "next_page": token}),
        ),
    ),
}

# By number, too: what takes a client, a file or a server to show, and the test that holds it.
HELD: Mapping[int, tuple[str, str]] = {
    1: (
        "an id that is told under an alias, and known to its client from elsewhere",
        "test_an_object_that_the_client_knows_from_elsewhere_is_understood_again",
    ),
    5: ("a credential of the client in the path", "test_a_credential_in_the_path_is_scrubbed_and_plays"),
    9: ("matched as equal, and yet written anew", "test_what_means_the_same_as_in_the_older_recording_keeps_its_bytes"),
    10: ("a header chooses the answer", "test_what_a_header_chooses_is_answered_for_it_and_for_nothing_else"),
    11: ("order among ids", "test_ids_that_hold_a_time_keep_their_order"),
    13: (
        "other spellings of the upstream's origin",
        "test_every_spelling_of_the_upstreams_origin_leads_through_the_proxy",
    ),
    16: ("a method that the parser does not know", "test_a_method_that_cannot_be_passed_on_is_named"),
    17: ("a test that fails, or is expected to", "test_a_failing_test_is_replayed_as_it_was_recorded"),
    18: ("dialects of other tools", "test_a_file_of_go_vcr_is_read"),
    19: ("two hosts in one cassette", "test_a_cassette_of_several_hosts_is_refused_with_their_names_and_the_setting"),
    20: ("a forgotten write", "test_whatever_is_forgotten_no_answer_is_another_than_the_sandbox_would_give"),
    21: (
        "stand-ins in the shape of the live value",
        "test_what_stands_for_a_declared_value_follows_from_its_origin_and_not_from_its_letters",
    ),
    22: ("scrubbing by field", "test_a_field_that_is_declared_is_secret_on_both_sides_whatever_it_holds"),
    23: ("an SDK's new version", "test_what_differs_in_a_header_alone_says_so_and_can_leave_it_out"),
    24: ("a killed recording", "test_it_tells_where_a_killed_recording_went"),
    25: ("test cards", "test_a_test_card_is_attached_by_its_name_as_a_new_payment_method"),
    26: (
        "remedies for other APIs",
        "test_a_cassette_of_another_tool_was_recorded_from_the_origin_of_its_first_request",
    ),
    27: ("a length that is not the body's", "test_every_path_by_which_an_answer_leaves_counts_its_bytes"),
    29: ("a late discovery", "test_what_cannot_be_named_in_place_is_set_aside_and_the_rest_is_saved"),
    30: ("failures and retries in any order", "test_a_request_that_failed_comes_again_under_another_key"),
    32: ("data that looks like a secret", "test_inside_a_longer_run_of_its_own_letters_it_is_no_secret_but_data"),
    33: ("a fragment in a recorded uri", "test_a_fragment_is_no_part_of_the_question"),
    34: ("headers in another form", "test_header_values_may_be_text_bytes_or_lists"),
    36: ("several hosts, one set of names", "test_equal_paths_on_two_hosts_are_two_questions_and_ids_have_one_name"),
    37: ("the words for a type", "test_inspect_calls_text_what_reads_as_text"),
}


def test_each_kind_is_shown_here_or_held_by_a_test() -> None:
    assert sorted([*SHOWN, *HELD]) == list(range(1, 38))
    assert all(len(instances) >= 3 for _, instances in SHOWN.values())
    names = {name for path in TESTS.rglob("test_*.py") for name in NAME.findall(path.read_text(encoding="utf-8"))}
    assert [test for _, test in HELD.values() if test not in names] == []


@pytest.mark.parametrize("rules", registry.RULES.values(), ids=registry.RULES)
@pytest.mark.parametrize(
    ("kind", "which"), [(kind, which) for kind, (_, all_of_it) in SHOWN.items() for which in range(len(all_of_it))]
)
def test_an_instance_of_each_kind_is_the_same_in_every_recording_and_leaves_nothing_real(
    kind: int, which: int, rules: Any
) -> None:
    minted: set[str] = set()

    def made(at: float, chance: Random) -> list[tuple[Request, Response]]:
        run = Run(at, chance)
        found = [(req("POST /v1/things"), SHOWN[kind][1][which](run))]
        minted.update(run.minted)
        return found

    text = dumps(in_every_recording(made, rules))
    assert [one for one in minted if one in text or in_base64(one.encode()).rstrip("=")[:-2] in text] == []
