"""What may stand in a cassette: what can be said in HTTP, and is read as it was written. Whoever writes asks here, and
so does whoever reads: what a recording keeps is what a replay takes.
"""

import re

from replayer.cassettes import fast_read
from replayer.cassettes.read import loads
from replayer.cassettes.write import END, dumps, entry, head
from replayer.core.cassette import Cassette, Facts
from replayer.core.message import Response
from replayer.errors import CassetteError

STATUSES = range(200, 1000)  # RFC 9110 15: three digits; those below 200 announce an answer and are none
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5: of these a line may hold only the tab
_ANY = head(Facts("https://api.example.com", "generic", 0))


def unservable(response: Response) -> str:
    """Why that cannot be said in HTTP; empty where it can."""
    if response.status not in STATUSES:
        return f"status {response.status} is none"
    lines = [response.reason, *(part for pair in response.headers for part in pair)]
    found = {match[0] for line in lines if (match := _CONTROL.search(line))}
    if not found:
        return ""
    what = "a control character" if found.isdisjoint("\r\n") else "a line break"
    return f"a header or the message of its status has {what} in it"


def unreadable(response: Response, text: str) -> str:
    """Why no cassette would play that response as it was recorded: `text` is its entry. Empty where one would."""
    whole = _ANY + text + END
    try:
        raw = whole.encode()
        if fast_read.read(whole) is None:  # what that reads is what was written
            (read,) = loads(raw, "it").interactions
            if entry(read) != text:
                return "it would be read as something else"
    except (CassetteError, ValueError):
        return "it would not be read as it was written"
    return unservable(response)


def checked(cassette: Cassette, name: str) -> Cassette:
    """The cassette, if all that it would answer can be said in HTTP: somebody may have edited it."""
    for number, interaction in enumerate(cassette.interactions, start=1):
        if wrong := unservable(interaction.response):
            raise CassetteError(f"{name}: interaction {number}: {wrong}. Correct it, or record again.")
    return cassette


def read_back(text: str, name: str) -> None:
    """That a whole text of ours is read as it was written; CassetteError where it is not."""
    try:
        raw = text.encode()
        if read := fast_read.read(text):
            checked(read, name)  # it is what was written, or that way would not have read it
            return
        read = checked(loads(raw, name), name)
    except UnicodeEncodeError:
        raise CassetteError(f"{name}: a text in it is none of any charset.") from None
    if dumps(read) != text:
        raise CassetteError(f"{name}: it would be read as something else than was written.")
