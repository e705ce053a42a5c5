"""Requests that were sent again although the first may have taken effect (RFC 9110 section 9.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.match import PathPattern
from understudy.report.attempt import Attempt
from understudy.report.clients import Client
from understudy.report.operations import Operation

UNSAFE = frozenset({"POST", "PATCH"})
"""The other methods are idempotent: sent twice, they do no more than once (RFC 9110 section 9.2.2)."""
DID_NOTHING = frozenset({425, 429, 503})
"""Statuses with which a server says that it has not done what was asked."""


def unsafe_retries(client: Client) -> Iterator[tuple[Operation, list[Attempt]]]:
    """Operations that were sent again without a key, each with the attempts that may have taken effect."""
    patterns = [PathPattern(path) for path in client.settings.idempotent]
    for operation in client.operations:
        if operation.method not in UNSAFE or operation.signature.key:
            continue
        path = operation.attempts[0].entry.request.path
        if any(pattern.fits(path) for pattern in patterns):
            continue
        failed = [before for before in operation.attempts[:-1] if before.may_pass]
        if failed:
            yield operation, failed


def may_have_worked(attempt: Attempt) -> bool:
    """Whether a failed request may have taken effect all the same."""
    return attempt.status not in DID_NOTHING or attempt.result != "transient"
