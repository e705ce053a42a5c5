"""What a client gets where there is no reply of the real server (RFC 9110 sections 15.6.3 and 15.6.5)."""

from __future__ import annotations

from understudy.record.exchange import Failed
from understudy.steps import HangUp, Reply, Reset, Step, json_reply

TIMEOUT = "timeout"


def failure_reply(failed: Failed) -> Reply:
    """504 for what took too long, else 502."""
    status = 504 if failed.kind == TIMEOUT else 502
    return json_reply(
        status, {"error": "No reply from upstream", "kind": failed.kind, "message": failed.message}
    )


def failure_steps(failed: Failed, *, has_begun: bool = False) -> tuple[Step, ...]:
    """How the failure of a connection that there was is passed on; none where `failure_reply` tells it.

    `has_begun`: something of the reply was sent already, so that only the connection can tell.
    """
    if failed.kind == "reset":
        return (Reset(),)
    if has_begun or failed.kind in ("closed", "protocol"):
        return (HangUp(),)
    return ()
