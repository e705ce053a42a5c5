"""What all models share."""

from msgspec import UNSET, Struct


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the config language: frozen, and an unknown key is an error."""


def only_one(model: Model, kinds: tuple[str, ...], what: str) -> None:
    """Refuse a model in which several exclusive keys were written."""
    written = [kind for kind in kinds if getattr(model, kind) is not UNSET]
    if len(written) > 1:
        raise ValueError(f"{what} has one of {', '.join(kinds)}; this one has {' and '.join(written)}")
