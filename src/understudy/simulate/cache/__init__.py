"""`cache`: what clients and caches are told about a reply, conditional requests, and replies that are kept.

`conditional` decides on preconditions, `stored` keeps replies, `stage` puts them together.
"""
