"""What may happen to a request before and after its response is made: one file per feature.

A feature is compiled by a function that gets a `Kit` and gives stages (see `exchange`);
`compiler.FEATURES` is the TABLE of them, in the order in which they act.
"""
