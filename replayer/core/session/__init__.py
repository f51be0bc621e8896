"""One cassette between insert and eject: verdicts and receipts, no work of its own."""
