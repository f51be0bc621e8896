"""What all tests share: how hard hypothesis looks."""

import os

from hypothesis import HealthCheck, settings

QUIET = (HealthCheck.too_slow,)  # machines differ; a test that takes long is no wrong test

settings.register_profile("quick", max_examples=60, deadline=None, suppress_health_check=QUIET)
settings.register_profile("steady", max_examples=100, deadline=None, suppress_health_check=QUIET, derandomize=True)
settings.register_profile("ci", max_examples=2_000, deadline=None, suppress_health_check=QUIET, derandomize=True)
settings.register_profile("thorough", max_examples=100_000, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
