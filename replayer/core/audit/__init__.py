"""Laws 4 and 5 on a finished file. Trusts nothing that the recording says of itself."""
