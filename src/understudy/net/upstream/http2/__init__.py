"""HTTP/2 to other servers (RFC 9113): many calls on one connection.

Frames, header compression and what is allowed when are h2's; here are the calls and their bodies. Nothing
is a task: bytes that arrive become events of h2, each is told to its call, and what h2 then has to send is
written once, at the end, or once in a turn of the loop.

Both directions have windows. What a call was given to send and may not yet stays in it, and it is full until
it has gone. What arrives is acknowledged to the connection at once, so that no call is in another's way, but
to the stream only when the listener was told. So a paused call holds no more than its stream's window.

`line` is a connection and `call` a request on it; `connection` is h2's own, corrected; `heads` makes headers
of HTTP/1 those of HTTP/2.
"""

from understudy.net.upstream.http2.line import Http2Line

__all__ = ["Http2Line"]
