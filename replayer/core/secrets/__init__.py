"""What opens something is found by form, by name, in any encoding, and is gone before the first byte is written."""
