"""A ledger that goes on where a recorded session ends: what was played is done again, what was missed is answered."""
