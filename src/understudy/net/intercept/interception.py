"""What a server lets its clients do with it as their proxy: the key `forward_proxy`.

Only requests whose target does not begin with a slash come here: `host:port` (CONNECT) and the absolute form
(RFC 9112 section 3.2).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError, UnderstudyError
from understudy.model import ForwardProxy
from understudy.net.intercept.hosts import host_list, is_this_machine, parse_authority
from understudy.steps import Header

if TYPE_CHECKING:
    from understudy.net.intercept.authority import Authority
    from understudy.net.intercept.leaves import Leaves
    from understudy.net.server import Server

ALLOW: Header = (b"Allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
CHALLENGE: Header = (b"Proxy-Authenticate", b'Basic realm="understudy"')
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, never bound
"""Addresses that lead to this machine, too, when they are connected to."""
MAX_TOLD = 1000
"""Hosts of which it is kept that a client does not trust us, or does; then all are forgotten."""
NOTHING_ASKED = "a client has asked for nothing after the TLS handshake"
"""Some look at the certificate only then, and go without a word."""


class Tunnel:
    """A CONNECT that is let through. `rest` is what has come behind its head."""

    __slots__ = ("host", "is_looked_into", "port", "rest")

    def __init__(self, host: str, port: int, is_looked_into: bool) -> None:
        self.host = host
        self.port = port
        self.is_looked_into = is_looked_into
        self.rest = b""

    @property
    def name(self) -> str:
        """Host and port, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Interception:
    """Decides which requests to a proxy are let through, and has the certificates for those looked into.

    `settings` are those of the config, None where it is no proxy.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.settings: ForwardProxy | None = None
        self._wants = host_list(())
        self._folder: Path | None = None
        self._leaves: asyncio.Task[Leaves] | None = None
        self._told: set[str] = set()
        self._asked: dict[str, int] = {}

    def use(self, written: bool | ForwardProxy, folder: Path) -> None:
        """Follow a config whose relative paths begin at `folder`."""
        self.settings = ForwardProxy() if written is True else written or None
        if self.settings is None:
            return
        self._wants = host_list(self.settings.hosts)
        chosen = self.settings.ca_folder
        ca_folder = None if chosen is None else folder / Path(chosen).expanduser()
        if ca_folder != self._folder:
            self._folder, self._leaves = ca_folder, None

    # --- who gets in ---------------------------------------------------------------------------------------

    def admit(
        self, method: bytes, target: bytes, headers: list[Header], client: str
    ) -> tuple[bytes, Tunnel | None]:
        """The target of a request to a proxy, and its tunnel if it is a CONNECT. Raises RequestError.

        What is asked of this server itself becomes an ordinary request, as it must not be sent on to itself.
        A `Host` that says something else than the target is replaced.
        """
        settings = self.settings
        if method == b"CONNECT":
            if settings is None:
                raise RequestError(
                    405, "this server is no proxy: set `forward_proxy: true` in the config", (ALLOW,)
                )
            self._check_client(headers, client)
            self._check_head(headers)
            host, port = parse_authority(target)
            if self._is_own(host, port):
                raise RequestError(508, self.own_address(host, port))
            return target, Tunnel(host, port, self._is_let(host))
        scheme, found, rest = target.partition(b"://")
        if settings is None or not found:
            return target, None
        authority = rest.partition(b"/")[0].partition(b"?")[0]
        host, port = parse_authority(authority, 443 if scheme.lower() == b"https" else 80)
        if self._is_own(host, port):
            path = rest[len(authority) :]
            return path if path.startswith(b"/") else b"/" + path, None
        self._check_client(headers, client)
        self._is_let(host)
        for number, (name, value) in enumerate(headers):
            if name.lower() == b"host" and value.lower() != authority.lower():  # RFC 9112 section 3.2.2
                headers[number] = (name, authority)
        return target, None

    @staticmethod
    def own_address(host: str, port: int) -> str:
        """Why a way that leads back here is refused."""
        return (
            f"{host}:{port} is this server itself, which is no way to go through it: ask it without a proxy "
            f"(NO_PROXY={host})"
        )

    def looks_into(self, host: str) -> bool:
        """Whether requests to a host (as `hosts.host_of` gives it) are looked into."""
        return self._wants(host)

    def _is_let(self, host: str) -> bool:
        if self._wants(host):
            return True
        if self.settings is not None and self.settings.others == "refuse":
            raise RequestError(
                403, f"{host} is not among `forward_proxy.hosts`, and `forward_proxy.others` is `refuse`"
            )
        return False

    def _is_own(self, host: str, port: int) -> bool:
        server = self._server
        return port == server.port and (host in {server.host, *ANY_ADDRESS} or is_this_machine(host))

    def _check_head(self, headers: list[Header]) -> None:
        """A CONNECT has no body (RFC 9110 section 9.3.6)."""
        for name, value in headers:
            lower = name.lower()
            if lower == b"transfer-encoding" or (lower == b"content-length" and value.strip(b"0")):
                raise RequestError(400, "a CONNECT request has no body")

    def _check_client(self, headers: list[Header], client: str) -> None:
        """On this machine everybody may; where others get in, only who knows the token."""
        server = self._server
        if is_this_machine(server.host):
            return
        if server.token is None:
            if not is_this_machine(client):
                raise RequestError(403, "this proxy is for programs on its own machine: it has no token")
            return
        offered = [value for name, value in headers if name.lower() == b"proxy-authorization"]
        token = server.token.encode()
        if not any(hmac.compare_digest(one, token) for value in offered for one in _secrets(value)):
            message = "this proxy needs the token that was printed at start: http://TOKEN@HOST:PORT"
            raise RequestError(407, message, (CHALLENGE,))

    # --- certificates --------------------------------------------------------------------------------------

    async def authority(self) -> Authority:
        """The certificate authority, made when it is first needed. Raises UnderstudyError."""
        return (await self.leaves()).authority

    async def leaves(self) -> Leaves:
        """The certificates of hosts. Raises UnderstudyError if there is no authority for them."""
        if self._leaves is None:
            self._leaves = self._server.loop.create_task(self._make_leaves(self._folder), name="authority")
        made = self._leaves
        try:
            return await asyncio.shield(made)
        except UnderstudyError:
            if self._leaves is made:  # it may be mended by the next time
                self._leaves = None
            raise

    async def _make_leaves(self, folder: Path | None) -> Leaves:
        # cryptography takes its time to be imported
        def make() -> Leaves:
            from understudy.net.intercept.authority import default_folder, open_authority
            from understudy.net.intercept.leaves import Leaves

            return Leaves(open_authority(folder or default_folder()))

        return await self._server.loop.run_in_executor(None, make)

    def asked(self, host: str) -> int:
        """How often a client of TLS has begun to ask a host for something, on any connection."""
        return self._asked.get(host, 0)

    def asks(self, host: str) -> None:
        """A client that trusts us asks a host for something."""
        if len(self._asked) >= MAX_TOLD and host not in self._asked:
            self._asked.clear()
        self._asked[host] = self.asked(host) + 1

    def left_unused(self, host: str, asked_before: int) -> None:
        """A client has asked for nothing after the handshake. `asked_before` is what `asked` was before it.

        Browsers and Go open connections in advance, and leave those for which they have no use: so it is no
        sign of distrust if something was asked of the host meanwhile.
        """
        if self.asked(host) == asked_before:
            self.not_trusted(host, NOTHING_ASKED)

    def not_trusted(self, host: str, why: str) -> None:
        """A client has ended TLS before it has asked for anything. Said once per host."""
        if host in self._told:
            return
        if len(self._told) >= MAX_TOLD:
            self._told.clear()
        self._told.add(host)
        self._server.complain(
            f"{host}: {why}. A client has to trust the certificate authority of this proxy: "
            "`understudy ca` says how"
        )


def _secrets(value: bytes) -> list[bytes]:
    """What may be the token in a Proxy-Authorization header: user or password (RFC 7617), or a bearer."""
    scheme, _, credentials = value.partition(b" ")
    if scheme.lower() == b"bearer":
        return [credentials.strip()]
    if scheme.lower() != b"basic":
        return []
    try:
        user, _, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except binascii.Error:
        return []
    return [user, password]


__all__ = ["Interception", "Tunnel"]
