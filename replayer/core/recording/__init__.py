"""Exchanges taken in, in whatever order they end, and arranged to one file."""
