"""Cassettes as files: the vcrpy format, what other tools wrote, the journal of a recording, and where files live."""
