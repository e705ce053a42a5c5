"""What all models share."""

from __future__ import annotations

from msgspec import Struct


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the config language: frozen, and an unknown key is an error."""
