"""Recordings: what real servers answered, kept in a folder, found again, and served.

`exchange` is the vocabulary; `folder/` reads and writes; `redact/` takes secrets out before anything is kept;
`matching/` finds the recorded answers for a request; `replies/` makes steps of them; `drift/` holds two
recordings against each other; `general/` makes endpoints of them. Nothing here opens a socket or looks at
the clock.
"""
