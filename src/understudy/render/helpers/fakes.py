"""Plausible made-up people, places and things, from Faker's providers.

`fake.name()` and `fake('de_DE').name()` are rewritten at load into a call of `fake(locale, provider, …)`, so
a template never holds a Faker object and only providers can be reached.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from understudy.render.helpers.base import Function, Helper
from understudy.render.scope import Scope

DEFAULT_LOCALE = "en_US"
INSTALL = "fake needs Faker: pip install 'understudy[fake]'"


@lru_cache(maxsize=32)
def generator(locale: str) -> Any:
    """Faker's generator of a locale. Raises ValueError for an unknown locale, and without Faker."""
    try:
        from faker import Factory
    except ImportError:
        raise ValueError(INSTALL) from None
    try:
        return Factory.create(locale)
    except AttributeError:
        raise ValueError(f"Faker has no locale {locale!r}; use one such as 'de_DE'") from None


@lru_cache(maxsize=32)
def providers(locale: str) -> frozenset[str]:
    """The names of a locale's provider methods."""
    return frozenset(
        name
        for provider in generator(locale).get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name))
    )


def _fake(scope: Scope) -> Function:
    def fake(locale: str, provider: str, *args: Any, **kwargs: Any) -> Any:
        draws = scope.draws
        source = generator(locale)
        source.seed_instance(draws.bits(draws.numbered("fake"), 64))
        return plain(getattr(source, provider)(*args, **kwargs))

    return fake


def plain(value: Any) -> Any:
    """A provider's result as plain data: times as ISO text, sets and tuples as lists, numbers as such."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "as_tuple"):  # a Decimal
        return float(value)
    return str(value)


HELPERS = (
    Helper(
        "fake",
        "fake",
        "fake.PROVIDER(…) or fake(locale).PROVIDER(…)",
        "A made-up value of any Faker provider: `name`, `email`, `address`, `company`, `iban`, … Needs "
        "`pip install 'understudy[fake]'`.",
        "{{ fake('de_DE').name() }}",
        _fake,
    ),
)
