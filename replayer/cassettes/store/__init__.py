"""Cassettes outside of git: by their content in a store, and by their names in `cassettes.lock`, which is in git.

    checkout  --push-->  objects sha256/9f/9f86d0....zst   put where there is none, never changed
              --push-->  cassettes.lock: name -> digest     swapped if it is what we looked at, else left to people
    checkout  <--pull--  what the lock says, by the cache of the user

Why nobody's work is lost. An object is called by its content: two publishers who put the same one agree, two who put
different ones do not meet. So the store has nothing that changes, needs no index and no server, and a folder will do.
What changes is the lock, and git has it: a branch is a version of it, a merge unites two, a push that is not a
fast-forward is refused, which is the compare-and-swap between machines. On one machine a file lock is. Which side
changed a cassette is told by three contents, as git does it (`states`).

Why the store always has what a lock names. The lock is written last, when all its objects are there; killed before
that, a push leaves objects that nobody names, and the next one finds them. Only `prune` deletes: what no branch names,
is older than weeks, and nobody is about to name (`pruning`).

Worked example. Ada and Bob both have `pay.yaml` = A. Ada records B, pushes and commits. Bob records C and pushes, on
his branch: both objects are in the store. Merged, `pay.yaml` stands twice in the lock, and all commands say so. Bob
keeps one line. Had Bob not recorded, his file would be *behind*: `pull` brings B, and `push` does not bring A back.
"""

from replayer.cassettes.store import pruning, pulling, pushing, rooted, survey
from replayer.cassettes.store.address import Address
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.opening import open_store

__all__ = ["Address", "Checkout", "open_store", "pruning", "pulling", "pushing", "rooted", "survey"]
