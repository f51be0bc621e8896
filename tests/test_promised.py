"""What is promised is there, and nothing of it changes by accident."""

import json

from tests.promised import FILE, surface


def test_what_is_promised_is_what_there_is() -> None:
    promised = json.loads(FILE.read_text("utf-8"))
    assert surface() == promised, (
        "What people hold to has changed. Where that is meant, say in CHANGELOG.md what they have to do, "
        "and write it down: python -m tests.promised --write"
    )
