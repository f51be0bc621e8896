"""The name of a test's cassette, a function of the test's own name alone: the same in each run, on each system."""

import re
from collections.abc import Iterable
from hashlib import blake2b

FORBIDDEN = re.compile(r"""[<>?%*:|"'/\\\x00-\x1f\x7f-\x9f]""")
LONGEST = 200  # bytes: file systems take 255, and a journal's or a temporary file's ending comes on top
DIGEST = 6  # bytes that tell apart what was cut


def cassette_of(module: str, classes: Iterable[str] = (), test: str = "") -> str:
    """`cassettes/<module>/<test>.yaml`, or `<Class>.<test>.yaml`; without a test that of the whole module."""
    if not test:
        return f"cassettes/{module}.yaml"
    name = FORBIDDEN.sub("-", ".".join([*classes, test]))
    if len(name.encode()) > LONGEST:
        digest = blake2b(name.encode(), digest_size=DIGEST).hexdigest()
        name = f"{name.encode()[: LONGEST - 2 * DIGEST - 1].decode(errors='ignore')}-{digest}"
    return f"cassettes/{module}/{name}.yaml"
