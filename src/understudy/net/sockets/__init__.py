"""Connections that speak another protocol than HTTP once they were upgraded (RFC 9110 section 7.8).

`taken` says who they are handed to; `replay` is the other side of a recorded WebSocket.
"""
