"""Ten thousand objects of a bucket, each damaged in some way: each is told by its name, no file is half-written, and
when the bucket is whole again one more pull brings all of them.

    python -m tests.scale.damage [OBJECTS [SEED]]
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from replayer.cassettes.store.survey import Fate
from tests.cassettes.store.bucket import Bucket
from tests.cassettes.store.workplace import Workplace, text

KINDS = ("damaged", "does not have its object")


def damaged(content: bytes, chance: random.Random) -> bytes | None:
    """The object as it must not be; None where it is to be gone."""
    kind = chance.randrange(6)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        place = chance.randrange(len(content))
        return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]
    if kind == 2:
        return content + chance.randbytes(chance.randint(1, 50))
    if kind == 3:
        return chance.randbytes(len(content))
    return b"" if kind == 4 else None


def main(arguments: list[str]) -> None:
    count, seed = map(int, [*arguments, *("10000", "1")[len(arguments) :]])
    chance, began = random.Random(seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="replayer-") as place, Bucket().open() as bucket:
        os.environ.update(bucket.environment)
        ada, bob = (Workplace(Path(place) / name, "s3://bucket/p") for name in ("ada", "bob"))
        names = {f"{number % 100}/{number}.yaml": f"{number} " * 50 for number in range(count)}
        for name, content in names.items():
            ada.write(name, content)
        assert set(ada.push().values()) == {Fate.PUSHED}
        whole = dict(bucket.objects)
        for key, (packed, at) in whole.items():
            other = damaged(packed, chance)
            if other is None:
                del bucket.objects[key]
            else:
                bucket.objects[key] = (other, at)
        bob.home.mkdir()
        bob.takes_lock_of(ada)
        for name, fate in bob.pull().items():  # a bit that was turned may mean nothing: then all of it is right
            assert bob.read(name) == (text(names[name]) if fate is Fate.PULLED else None)
        kinds = Counter(kind for why in bob.why.values() for kind in KINDS if kind in why)
        bucket.objects.update(whole)
        assert set(bob.pull().values()) <= {Fate.PULLED, Fate.UNCHANGED}
        assert all(bob.read(name) == text(content) for name, content in names.items())
    right = count - kinds.total()
    print(f"{count} objects: {dict(kinds)}, {right} right; then all were pulled. {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
