"""`x-faker: name.firstName`: values from Faker, where it is installed.

The names are those of Faker for JavaScript, which other mock servers use; a name of Faker for Python is
understood as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from understudy.formats.openapi.generating.base import Lots, Make
from understudy.render.helpers.fakes import DEFAULT_LOCALE, generator, plain, providers

PROVIDERS = {
    "firstname": "first_name",
    "lastname": "last_name",
    "fullname": "name",
    "findname": "name",
    "name.name": "name",
    "jobtitle": "job",
    "username": "user_name",
    "internet.email": "email",
    "exampleemail": "safe_email",
    "url": "url",
    "domainname": "domain_name",
    "ip": "ipv4",
    "avatar": "image_url",
    "streetaddress": "street_address",
    "street": "street_name",
    "zipcode": "postcode",
    "statename": "state",
    "companyname": "company",
    "phonenumber": "phone_number",
    "phone.number": "phone_number",
    "lines": "paragraph",
    "words": "sentence",
    "uuid": "uuid4",
    "past": "past_datetime",
    "future": "future_datetime",
    "recent": "past_datetime",
    "accountnumber": "bban",
    "currencycode": "currency_code",
    "productname": "catch_phrase",
    "number": "random_int",
    "boolean": "pybool",
}
"""Names of Faker for JavaScript that are called otherwise in Python: the whole, or its last part."""


def build_fake(
    written: Any, check: Callable[[Any], bool], place: str, notes: list[tuple[str, str]]
) -> Make | None:
    """A generator for an `x-faker`; None, with a note why, if there is none that the schema allows."""
    name = next(iter(written), None) if isinstance(written, dict) else written
    try:
        if not isinstance(name, str):
            raise ValueError("x-faker is not the name of a provider")
        known = providers(DEFAULT_LOCALE)
        provider = next((one for one in _spellings(name) if one in known), None)
        if provider is None:
            raise ValueError(f"Faker has no provider for x-faker: {name}")
        made = _made(provider)
        if not any(check(made(_Probe(number), "#")) for number in range(4)):
            raise ValueError(f"what x-faker: {name} gives is not allowed by the schema")
    except ValueError as error:
        notes.append((place, str(error)))
        return None
    except (TypeError, AttributeError):
        notes.append((place, f"Faker's {name} needs arguments"))
        return None
    return made


def _spellings(name: str) -> list[str]:
    last = name.rsplit(".", 1)[-1]
    found = [PROVIDERS.get(name.lower()), PROVIDERS.get(last.lower())]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()
    return [one for one in (*found, snake, last.lower()) if one]


def _made(provider: str) -> Make:
    source = generator(DEFAULT_LOCALE)
    call = getattr(source, provider)

    def make(lots: Lots, at: str) -> Any:
        source.seed_instance(int.from_bytes(lots.raw(at, 8), "big"))
        return plain(call())

    return make


class _Probe:
    """Draws for trying a provider out."""

    def __init__(self, number: int) -> None:
        self._number = number

    def unit(self, purpose: str, /) -> float:
        return self._number / 8

    def integer(self, purpose: str, low: int, high: int, /) -> int:
        return low

    def raw(self, purpose: str, size: int, /) -> bytes:
        return bytes([self._number]) * size
