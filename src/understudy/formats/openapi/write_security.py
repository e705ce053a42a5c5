"""Schemes of `auth` as security schemes: the way back from `security.py`."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.formats.access import place_of, schemes_of
from understudy.model import Access, Config, Endpoint, Scheme

Requirements = list[dict[str, list[str]]]


class SecurityWriter:
    """The schemes that endpoints use, as `components.securitySchemes`."""

    def __init__(self, config: Config, base_url: str) -> None:
        self._config = config
        self._base_url = base_url
        self.schemes: dict[str, Any] = {}

    def of(self, endpoint: Endpoint) -> Requirements:
        """What an endpoint needs, one of several; nothing for no authentication."""
        scopes = list(endpoint.auth.scopes) if isinstance(endpoint.auth, Access) else []
        return [{self._name(name, scheme): scopes} for name, scheme in schemes_of(endpoint, self._config)]

    def _name(self, name: str | None, scheme: Scheme) -> str:
        written = self._written(scheme)
        wanted = plain = "".join(
            letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_"
            for letter in name or str(scheme.kind)
        )
        count = 1
        while self.schemes.get(wanted, written) != written:
            count += 1
            wanted = f"{plain}_{count}"
        self.schemes[wanted] = written
        return wanted

    def _written(self, scheme: Scheme) -> dict[str, Any]:
        if scheme.api_key is not UNSET:
            where, name = place_of(scheme.api_key)
            return {"type": "apiKey", "in": where, "name": name}
        if scheme.basic is not UNSET:
            return {"type": "http", "scheme": "basic"}
        if scheme.session is not UNSET:
            return {"type": "apiKey", "in": "cookie", "name": scheme.session.cookie}
        if scheme.jwt is not UNSET:
            return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        provider = self._config.auth.provider
        if scheme.oauth is not UNSET and provider is not UNSET:
            url = f"{self._base_url}{provider.path}/.well-known/openid-configuration"
            return {"type": "openIdConnect", "openIdConnectUrl": url}
        return {"type": "http", "scheme": "bearer"}
