"""Benchmarks: ratios, measured in one interleaved run. Nothing here is a test, and no test asserts a time."""
