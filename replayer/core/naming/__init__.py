"""Upstream space to cassette space and back: each id, token and time has one name, a function of its origin."""
