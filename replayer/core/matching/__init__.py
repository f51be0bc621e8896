"""Which recorded answer a request gets: canonical form, stamp, turn. Equal cost for 10 and 1,000,000."""
