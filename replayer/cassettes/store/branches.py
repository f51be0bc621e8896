"""What the locks of all branches and tags refer to, and those of the commits of the last days: what git knows here, and
nothing else."""

import re
import subprocess
from pathlib import Path

from replayer.cassettes.store.lock import NAME
from replayer.errors import UsageError

DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
PATIENCE = 120.0  # seconds that git is given
SHALLOW = "This is a shallow clone: what other branches need is not known here. Run 'git fetch --unshallow' first, or "
OTHERWISE = "name the locks that count, each with --lock FILE."


def digests(lock: Path, days: int) -> frozenset[str]:
    """What the lock of that name refers to in any branch or tag, remote ones too, and in any commit of so many days;
    empty outside of git. UsageError where this clone cannot know."""
    place = lock.resolve().parent
    if _git(place, "rev-parse", "--is-inside-work-tree") != "true":
        return frozenset()
    if _git(place, "rev-parse", "--is-shallow-repository") == "true":
        raise UsageError(SHALLOW + OTHERWISE)
    refs = _git(place, "for-each-ref", "--format=%(objectname)").split()
    inside = _git(place, "rev-parse", "--show-prefix") + NAME
    tips = _batch(place, [f"{ref}:{inside}" for ref in sorted(set(refs))])
    recent = _git(place, "log", "--all", f"--since={days}.days", "-p", "--unified=0", "--no-color", "--", NAME)
    return frozenset(DIGEST.findall(tips + recent))


def _batch(place: Path, names: list[str]) -> str:
    return _run(place, ["git", "cat-file", "--batch"], "".join(f"{name}\n" for name in names))


def _git(place: Path, *words: str) -> str:
    return _run(place, ["git", *words], "").strip()


def _run(place: Path, command: list[str], given: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours; names of refs go in by stdin
            command, cwd=place, input=given, capture_output=True, text=True, errors="replace", timeout=PATIENCE,
            check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return ""
    except (OSError, subprocess.TimeoutExpired):
        raise UsageError(f"git does not answer in {place}. Mend that, or {OTHERWISE}") from None
    return done.stdout if done.returncode == 0 else ""
