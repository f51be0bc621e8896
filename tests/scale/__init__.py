"""Many machines on one: what one store allows and what breaks first, as programs that print figures.

.venv/bin/python -m tests.scale.publishers     100 publishers, killed at random: nothing is lost, nothing torn
.venv/bin/python -m tests.scale.pulls          2,000 cassettes, a gigabyte: cold, from the cache, and in place
.venv/bin/python -m tests.scale.damage         10,000 objects, each damaged in some way
.venv/bin/python -m tests.scale.merge          60 shards of 10,000 interactions each
"""
