"""mountebank's imposters as configs.

`read.py` reads the file and its imposters, `stubs.py` makes endpoints of a stub. `predicates.py` has what is
built of others (`and`, `or`, `not`), `fields.py` what a predicate looks at, `texts.py` how texts are
compared, `bodies.py` the ways into a body. `responses.py` reads answers, `copies.py` what they take from the
request, `proxies.py` those that are fetched elsewhere.
"""
