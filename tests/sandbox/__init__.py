"""The embedded invoice API."""
