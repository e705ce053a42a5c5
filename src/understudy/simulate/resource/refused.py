"""Requests that a resource does not carry out, answered with problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from understudy.steps import Header

PROBLEM_TYPE: Header = (b"Content-Type", b"application/problem+json")


class Refused(Exception):
    """A request that is answered with an error status. `detail` says what is wrong and what is accepted."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        violations: Sequence[dict[str, Any]] = (),
        headers: tuple[Header, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.violations = violations
        self.headers = headers

    def body(self) -> bytes:
        """The problem details. `violations` has what is wrong with the body, as that of `validate` does."""
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": title_of(self.status),
            "status": self.status,
            "detail": self.detail,
        }
        if self.violations:
            problem["violations"] = list(self.violations)
        return msgspec.json.encode(problem)


def title_of(status: int) -> str:
    """What a status is called (RFC 9110 section 15)."""
    return "Unprocessable Content" if status == 422 else HTTPStatus(status).phrase
