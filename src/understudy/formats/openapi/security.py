"""The security schemes of a document as `auth`.

A mock cannot know which keys the real API accepts, so it accepts any, and refuses requests without one.
"""

from __future__ import annotations

from typing import Any

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Api, Operation

Alternatives = tuple[dict[str, tuple[str, ...]], ...]


class Security:
    """What becomes of the schemes. `schemes` are those that some operation uses."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._made: dict[str, dict[str, Any] | None] = {}
        self.schemes: dict[str, dict[str, Any]] = {}

    def access(self, alternatives: Alternatives | None, node: Node) -> Any:
        """The value of `auth`: a name, a list of names, or False for nobody in particular."""
        names: list[str] = []
        for alternative in alternatives or ():
            if not alternative:
                return False
            usable = [name for name in alternative if self._scheme(name, node) is not None]
            if not usable:  # whoever has what cannot be checked must get in
                return False
            if len(usable) > 1:
                node.warn(
                    "several schemes at once are needed here: only the first is asked for",
                    "security",
                    ", ".join(usable),
                )
            names.append(usable[0])
        names = list(dict.fromkeys(names))
        for name in names:
            made = self._scheme(name, node)
            if made is not None:
                self.schemes[name] = made
        if not names:
            return False
        return names[0] if len(names) == 1 else names

    def of(self, operation: Operation) -> Any:
        """The value of `auth` of an operation that says so itself; None if it does not."""
        if operation.security is None:
            return None
        return self.access(operation.security, operation.node)

    def _scheme(self, name: str, node: Node) -> dict[str, Any] | None:
        if name not in self._made:
            written = self._api.schemes.get(name)
            if written is None:
                node.warn("there is no security scheme of this name: nothing is asked for", "security", name)
                self._made[name] = None
            else:
                self._made[name] = _made(written)
        return self._made[name]


def _made(node: Node) -> dict[str, Any] | None:
    """A scheme of ours; None, and a warning, if there is none like it."""
    kind, where = node.text("type"), node.text("in")
    scheme = node.text("scheme").lower()
    if kind == "apiKey" and where in ("header", "query", "cookie") and node.text("name"):
        return {"api_key": {where: node.text("name"), "keys": "any"}}
    if kind == "http" and scheme == "basic":
        return {"basic": {"users": "any"}}
    if (kind == "http" and scheme == "bearer") or kind in ("oauth2", "openIdConnect"):
        return {"bearer": {"tokens": "any"}}
    node.warn(
        "there is no scheme like this: nothing is asked for",
        found=f"{kind} {scheme}".strip(),
    )
    return None
