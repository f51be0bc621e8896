"""The cassette format: version 1 of vcrpy's, with our facts on top and YAML's end mark below.

    version: 1                      first
    replayer:                       what the file says of itself; vcrpy passes it over
      upstream: https://api.stripe.com
      rules: stripe
      epoch: '2026-11-22T00:00:00Z'
    webhooks:                       what the API said by itself, where any was recorded; vcrpy passes it over
    - after: POST https://api.stripe.com/v1/invoices/in_1/pay
      nth: 1
      request: {headers, body}
      answers: [200]
    interactions:                   last, so that a recording can append
    - request: {method, uri, body, headers}
      response: {status: {code, message}, headers, body: {string}}
      stream: {ended, waits}        how it came, if that is to be told; vcrpy passes it over
    ...                             nothing is missing

What was written is what is read, to the byte; what somebody edited is read strictly, and so is what other tools wrote.
`folder` is where the files live: relative names under one root, each replaced as a whole or not at all. A `Journal` is
a cassette that is still being recorded. `servable` is the one check of what is written and of what is read.
`names_file` keeps, beside them and private, which names the upstream knows.
"""

from replayer.cassettes import folder, names_file, servable
from replayer.cassettes.journal import Journal
from replayer.cassettes.read import loads
from replayer.cassettes.write import dumps, entry, head

__all__ = ["Journal", "dumps", "entry", "folder", "head", "loads", "names_file", "servable"]
