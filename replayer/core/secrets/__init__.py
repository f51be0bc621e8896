"""What opens something is found by its form, by its name, in any encoding, and is gone before the first byte is
written.

scrub, scan   a secret is taken out of a text for ever; afterwards somebody looks who trusts nobody
Finding       what is found, in words that hold nothing real, and its FindingKind
by_name       the credentials of a message that only their names show
decodings     what a text or a body says once its encodings are undone
guesses       the words and forms by which all of it is guessed, in tables
masking       what was never scrubbed as it may be shown, a request as it may be written down
"""

from replayer.core.secrets import by_name, decodings, guesses, masking
from replayer.core.secrets.findings import Finding, FindingKind
from replayer.core.secrets.scrub import scan, scrub

__all__ = ["Finding", "FindingKind", "by_name", "decodings", "guesses", "masking", "scan", "scrub"]
