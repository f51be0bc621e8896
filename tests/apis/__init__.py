"""APIs that are not the invoice API, to record from."""
