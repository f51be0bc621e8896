"""What each operation of the API does to a ledger. One table leads from method and path to the command."""
