"""Virtual time: writes move it; a time is named as a fact. It never asks what time it is."""
