"""Understudy: a local API mock server."""
