"""How files of other tools look: one function per format, on plain data.

They are asked about every config that has no `endpoints`, so they look at a few keys only.
"""

from __future__ import annotations


def like_openapi(data: object) -> bool:
    """Whether this is an OpenAPI or a Swagger document."""
    if not isinstance(data, dict):
        return False
    if "swagger" in data:
        return "paths" in data or "info" in data
    return isinstance(data.get("openapi"), str | int | float) and not {"paths", "info"}.isdisjoint(data)
