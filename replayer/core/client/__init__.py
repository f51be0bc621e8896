"""Client space to cassette space and back: what a client mints, counts from its clock, and is shown."""
