"""Errors as OAuth 2 writes them (RFC 6749 section 5.2)."""

from __future__ import annotations

from understudy.simulate.auth.identity import quotable
from understudy.steps import Header, Reply, json_reply

NO_STORE: tuple[Header, ...] = ((b"Cache-Control", b"no-store"), (b"Pragma", b"no-cache"))


class OauthError(Exception):
    """`code` is the error of the RFC, `description` tells a developer what is wrong (in ASCII)."""

    def __init__(self, code: str, description: str, status: int = 400, challenge: str = "") -> None:
        super().__init__(description)
        self.code = code
        self.description = quotable(description)
        self.status = status
        self.challenge = challenge

    def reply(self, headers: tuple[Header, ...]) -> Reply:
        """The reply to a program."""
        extra: tuple[Header, ...] = ()
        if self.challenge:
            extra = ((b"WWW-Authenticate", self.challenge.encode("ascii", "replace")),)
        body = {"error": self.code, "error_description": self.description}
        return json_reply(self.status, body, (*extra, *headers))
