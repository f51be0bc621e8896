"""What a request says and an answer looks like on the wire: forms, parameters, refusals, bodies. Knows no account."""
