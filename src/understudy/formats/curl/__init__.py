"""curl commands as endpoints that take what they send.

`words.py` splits a text as a shell does, `options.py` knows curl's options, `read.py` makes the requests.
"""
