"""`python -m replayer` is `replayer`."""

from replayer.cli import main

main()
