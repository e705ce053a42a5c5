"""Made-up names, addresses and the like, by Faker."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from understudy.render.handlebars.compile import Helper, Options
from understudy.render.handlebars.dates import pattern_text
from understudy.render.handlebars.helpers.arguments import count, number
from understudy.render.handlebars.helpers.mockoon.chance import float_, int_
from understudy.render.handlebars.helpers.mockoon.faker_names import FAKER
from understudy.render.handlebars.values import script_text
from understudy.render.helpers.clock import moved


def lorem(options: Options, words: Any = 5) -> Any:
    return _made(options, "sentence", nb_words=max(min(count(words), 10_000), 1))


def _made(options: Options, provider: str, *arguments: Any, **named: Any) -> Any:
    """A value of a provider of Faker's. Raises ValueError without Faker."""
    from understudy.render.helpers.fakes import generator, plain

    draws = options.scope.draws
    source = generator("en_US")
    source.seed_instance(draws.bits(draws.numbered("faker"), 64))
    return plain(getattr(source, provider)(*arguments, **named))


def faker(options: Options, name: Any, *arguments: Any) -> Any:
    provider = _provider(name)
    limits = {**(arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}), **options.named}
    if provider in {"random_int", "pyfloat"}:
        low = arguments[0] if arguments and isinstance(arguments[0], int) else 0
        first, last = number(limits.get("min", low)), number(limits.get("max", 99_999))
        return int_(options, first, last) if provider == "random_int" else float_(options, first, last)
    if provider in {"past_datetime", "future_datetime", "date_of_birth"}:
        # Faker would ask the machine's clock
        days = 365 * int_(options, 18, 80) if provider == "date_of_birth" else int_(options, 1, 364)
        sign = "+" if provider == "future_datetime" else "-"
        return pattern_text(
            moved(options.scope.now, f"{sign}{days} days", None), "yyyy-MM-dd'T'HH:mm:ss.SSSX"
        )
    return _made(options, provider)


def _provider(name: Any) -> str:
    text = script_text(name)
    found = FAKER.get(text.lower())
    if found is None:
        near = get_close_matches(text.lower(), FAKER, 1)
        raise ValueError(f"there is no made-up {text!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return found


def check_faker(name: Any = "", *arguments: Any) -> None:
    _provider(name)


def provided(provider: str) -> Helper:
    def made(options: Options) -> Any:
        return _made(options, provider)

    return Helper(made)
