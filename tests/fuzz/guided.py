"""`python -m tests.fuzz.guided SECONDS TARGET`: a pure target, led by its coverage, where atheris is installed."""

import sys

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # there are not wheels for all

with atheris.instrument_imports(include=["replayer.core", "replayer.cassettes"]):
    from tests.fuzz import pure
    from tests.fuzz.seeds import seeds


def main() -> None:
    seconds, target = sys.argv[1:]
    known = seeds(target)

    def check(data: bytes) -> None:
        """The first byte is a seed's number, and the second where the rest is put into it; or the rest is all."""
        if len(data) < 2 or data[0] >= len(known):
            pure.TARGETS[target](data)
            return
        seed = known[data[0]]
        at = len(seed) * data[1] // 256
        pure.TARGETS[target](seed[:at] + data[2:] + seed[at:])

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-rss_limit_mb=4096", "-timeout=10"], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
