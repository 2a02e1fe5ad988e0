"""Property tests here are the same on every run, and are not timed: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("pricing", deadline=None, derandomize=True)
settings.load_profile("pricing")
