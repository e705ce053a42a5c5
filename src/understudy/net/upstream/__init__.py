"""Other servers: connections to them, and what goes over these.

`base` is the vocabulary. `http1` and `http2` speak the protocols, `pool` keeps connections. `forwarding` is
between a client's connection and one of these, and `raw` once both have left HTTP; `witness` sees what passes
where somebody watches.
"""
