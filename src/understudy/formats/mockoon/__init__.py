"""Mockoon's environments as configs.

`read.py` reads the environment; `paths.py` its paths, `rules.py` the rules by which a route chooses a
response, `responses.py` the responses, `routes.py` puts a route together, `buckets.py` reads the data.
"""
