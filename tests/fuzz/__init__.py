"""Fuzzing that stays: what is malformed gets an answer in words, soon, and nothing is lost.

seeds     what mutation begins with: the example cassettes, and every fault that was ever found
noise     chance, and how it damages bytes, texts and trees
pure      forms, JSON, headers and cassettes, in this process: what is read is what was written, or is refused in words
over_ports  requests and answers as bytes: replaying, recording, and the paths of the control API
rough     commands over damaged files, journals that are cut, kills, and crowds of connections
__main__  runs all of it for as long as one likes; `scripts/fuzz`
guided    the pure ones led by their coverage, where atheris is installed

A fault that is found becomes a seed in `seeds.FOUND`, under the name of its target, and stays there.
"""
