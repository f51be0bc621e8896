"""A receipt as it stands in a file: the sessions of one run, and the cassettes that there were for it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from replayer.core.suite.fields import DocumentFields
from replayer.core.suite.session_receipt import SessionReceipt
from replayer.errors import UsageError

FORM = 1  # of the file: one that says more was written by a later version


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """What one run did. `present` are the cassettes that there were, used or not, as far as it knew; `version` is that
    of Replayer."""

    version: str
    sessions: tuple[SessionReceipt, ...] = ()
    present: tuple[str, ...] = ()

    @classmethod
    def joined(cls, version: str, files: "Iterable[ReceiptFile]") -> Self:
        """All sessions of several runs, as if they had been one."""
        every = list(files)
        sessions = sorted((one for each in every for one in each.sessions), key=lambda one: json.dumps(one.document))
        return cls(version, tuple(sessions), tuple(sorted({one for each in every for one in each.present})))

    @property
    def document(self) -> dict[str, Any]:
        """The file as JSON."""
        return {
            "receipt": FORM,
            "version": self.version,
            "present": list(self.present),
            "sessions": [each.document for each in self.sessions],
        }

    @classmethod
    def loads(cls, text: bytes, name: str) -> Self:
        """The receipt in a file of that name; UsageError for what is none."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise UsageError(f"{name} is no receipt: it is no JSON. Give a file that --receipt wrote.") from None
        return cls.read(value, name)

    @classmethod
    def read(cls, value: object, name: str) -> Self:
        """The receipt that a JSON value is; see `loads`."""
        fields = DocumentFields.of(value, name)
        if (form := fields.value.get("receipt")) != FORM:
            later = isinstance(form, int) and form > FORM
            why = "a later version wrote it" if later else "it does not say so on top"
            raise UsageError(f"{name} is no receipt that this version reads: {why}. Give a file that --receipt wrote.")
        sessions = tuple(map(SessionReceipt.read, fields.objects("sessions")))
        return cls(fields.text("version"), sessions, tuple(fields.texts("present")))
