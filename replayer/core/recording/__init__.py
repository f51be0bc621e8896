"""Exchanges taken in, in whatever order they end, and arranged to one file."""

from replayer.core.recording.exchange import Exchange, Forward, KeptWrite
from replayer.core.recording.open_stream import OpenStream
from replayer.core.recording.recorder import Recorder

__all__ = ["Exchange", "Forward", "KeptWrite", "OpenStream", "Recorder"]
