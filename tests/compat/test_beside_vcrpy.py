"""What is played from vcrpy's files is what vcrpy plays: the comparison that is meant for other projects' cassettes."""

from pathlib import Path

import pytest

from tests.compat import beside_vcrpy

ENTRY = """\
- request:
    method: GET
    uri: {uri}
    headers: {{Accept: ['*/*']}}
    body: null
  response:
    status: {{code: 200, message: OK}}
    headers: {headers}
    body: {body}
"""
PLAIN = "{Content-Type: [text/plain], Content-Length: ['999'], Set-Cookie: [a=1, b=2]}"
OLD = "[!!python/tuple [Content-Type, [text/plain]]]"  # as vcrpy wrote them for tornado


def written(folder: Path, *entries: str, head: str = "version: 1\n") -> Path:
    path = folder / "theirs.yaml"
    path.write_text(f"{head}interactions:\n{''.join(entries)}")
    return path


def entry(uri: str = "https://a.test/x?b=1", headers: str = PLAIN, body: str = "{string: see https://a.test/y}") -> str:
    return ENTRY.format(uri=uri, headers=headers, body=body)


def figures(path: Path) -> beside_vcrpy.Figures:
    found = beside_vcrpy.Figures()
    beside_vcrpy.compare(path, found)
    return found


@pytest.mark.parametrize(
    "entries",
    [
        (entry(), entry(body="{string: another}")),
        (
            entry(),
            entry(uri="http://b.test:8080/x?b=1", body="{string: theirs}"),
            entry(body="{string: again}"),
        ),
        (entry(headers=OLD),),
        (entry(body="{string: !!binary gAGCAw==}"),),
        (entry(headers="{Content-Encoding: [gzip], Location: ['//a.test/z']}", body="{string: packed by nobody}"),),
    ],
    ids=["equal requests", "two hosts", "tornado", "bytes", "an encoding that is undone"],
)
@pytest.mark.parametrize("head", ["version: 1\n", ""], ids=["", "without a version"])
def test_each_recorded_request_is_answered_as_by_vcrpy(tmp_path: Path, entries: tuple[str, ...], head: str) -> None:
    found = figures(written(tmp_path, *entries, head=head))
    assert found.differences == []
    assert found.counts == {"cassettes": 1, "interactions": len(entries), "equal": len(entries)}


def test_our_own_examples_are_played_alike_by_both() -> None:
    found = beside_vcrpy.Figures()
    for path in beside_vcrpy.below(Path("cassettes")):
        beside_vcrpy.compare(path, found)
    assert found.differences == []
    assert found.counts["equal"] == found.counts["interactions"] > 20


def test_what_differs_and_what_is_refused_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, entry())
    monkeypatch.setattr(beside_vcrpy, "asked", lambda *_: beside_vcrpy.Heard(200, (), b"otherwise"))
    assert "ours b'otherwise'" in figures(path).differences[0]
    monkeypatch.undo()
    path.write_text(path.read_text().replace("code: 200", "code: 20000"))
    assert figures(path).counts["cassettes refused"] == 1
