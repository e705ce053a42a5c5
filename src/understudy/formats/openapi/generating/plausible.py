"""Values that look right for a property of a certain name, where the schema says nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.formats.openapi.generating.base import Lots


class Numbers(NamedTuple):
    """Plausible numbers: their bounds, and how many decimals they have."""

    low: int
    high: int
    digits: int = 0


class Plausible(NamedTuple):
    """What a property may hold: a text, by the name of a format or from a list, and numbers."""

    text: str | tuple[str, ...] | None = None
    number: Numbers | None = None


FIRST = ("Alice", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Kim", "Lena",
         "Marc", "Nora", "Oscar", "Paula")  # fmt: skip
LAST = ("Adams", "Baker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanov", "Jensen",
        "Keller", "Larsen", "Martin", "Novak", "Olsen", "Peters")  # fmt: skip
_NAMES = tuple(
    f"{first} {LAST[(place * 5 + more) % 16]}" for place, first in enumerate(FIRST) for more in (0, 7)
)
_CITIES = ("Amsterdam", "Berlin", "Chicago", "Dublin", "Geneva", "Kyoto", "Lisbon", "Madrid", "Oslo", "Paris")
_COUNTRIES = (
    "Brazil",
    "Canada",
    "France",
    "Germany",
    "India",
    "Japan",
    "Kenya",
    "Norway",
    "Spain",
    "Vietnam",
)
_STREETS = tuple(f"{number} {name} Street" for number, name in enumerate(LAST, 3))

PLAUSIBLE: dict[str, Plausible] = {
    "id": Plausible("id", Numbers(1, 1000)),
    "uuid": Plausible("uuid"),
    "guid": Plausible("uuid"),
    "name": Plausible(_NAMES),
    "fullname": Plausible(_NAMES),
    "author": Plausible(_NAMES),
    "firstname": Plausible(FIRST),
    "givenname": Plausible(FIRST),
    "lastname": Plausible(LAST),
    "surname": Plausible(LAST),
    "familyname": Plausible(LAST),
    "username": Plausible(tuple(f"{name.lower()}{number}" for number, name in enumerate(FIRST, 10))),
    "login": Plausible(tuple(f"{name.lower()}{number}" for number, name in enumerate(FIRST, 10))),
    "email": Plausible("email"),
    "mail": Plausible("email"),
    "phone": Plausible("phone"),
    "mobile": Plausible("phone"),
    "phonenumber": Plausible("phone"),
    "fax": Plausible("phone"),
    "url": Plausible("uri"),
    "uri": Plausible("uri"),
    "link": Plausible("uri"),
    "href": Plausible("uri"),
    "website": Plausible("uri"),
    "homepage": Plausible("uri"),
    "image": Plausible("uri"),
    "avatar": Plausible("uri"),
    "host": Plausible("hostname"),
    "hostname": Plausible("hostname"),
    "domain": Plausible("hostname"),
    "ip": Plausible("ipv4"),
    "date": Plausible("date"),
    "birthday": Plausible("date"),
    "birthdate": Plausible("date"),
    "datetime": Plausible("date-time"),
    "timestamp": Plausible("date-time", Numbers(1_577_836_800, 1_767_225_599)),
    "time": Plausible("date-time"),
    "at": Plausible("date-time", Numbers(1_577_836_800, 1_767_225_599)),
    "created": Plausible("date-time", Numbers(1_577_836_800, 1_767_225_599)),
    "updated": Plausible("date-time", Numbers(1_577_836_800, 1_767_225_599)),
    "modified": Plausible("date-time", Numbers(1_577_836_800, 1_767_225_599)),
    "status": Plausible(("active", "inactive", "pending")),
    "state": Plausible(("active", "inactive", "pending")),
    "role": Plausible(("admin", "editor", "viewer")),
    "gender": Plausible(("female", "male", "other")),
    "color": Plausible(("red", "green", "blue", "yellow", "black", "white")),
    "colour": Plausible(("red", "green", "blue", "yellow", "black", "white")),
    "city": Plausible(_CITIES),
    "country": Plausible(_COUNTRIES),
    "countrycode": Plausible(("BR", "CA", "FR", "DE", "IN", "JP", "KE", "NO", "ES", "VN")),
    "street": Plausible(_STREETS),
    "address": Plausible(_STREETS),
    "zip": Plausible("zip"),
    "zipcode": Plausible("zip"),
    "postcode": Plausible("zip"),
    "postalcode": Plausible("zip"),
    "currency": Plausible(("EUR", "USD", "GBP", "JPY", "CHF")),
    "language": Plausible(("en", "de", "fr", "es", "ja")),
    "lang": Plausible(("en", "de", "fr", "es", "ja")),
    "locale": Plausible(("en-US", "de-DE", "fr-FR", "es-ES", "ja-JP")),
    "timezone": Plausible(("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")),
    "company": Plausible(tuple(f"{name} Ltd" for name in LAST)),
    "title": Plausible("title"),
    "subject": Plausible("title"),
    "description": Plausible("sentence"),
    "summary": Plausible("sentence"),
    "message": Plausible("sentence"),
    "comment": Plausible("sentence"),
    "text": Plausible("sentence"),
    "content": Plausible("sentence"),
    "version": Plausible(("1.0.0", "1.2.0", "2.0.1", "2.3.4")),
    "slug": Plausible("slug"),
    "code": Plausible("code", Numbers(1, 1000)),
    "sku": Plausible("code"),
    "token": Plausible("token"),
    "key": Plausible("token"),
    "password": Plausible("password"),
    "price": Plausible(("9.99", "19.90", "49.00"), Numbers(1, 200, 2)),
    "amount": Plausible(("9.99", "19.90", "49.00"), Numbers(1, 500, 2)),
    "total": Plausible(None, Numbers(1, 500, 2)),
    "cost": Plausible(None, Numbers(1, 200, 2)),
    "age": Plausible(None, Numbers(18, 80)),
    "year": Plausible(("2021", "2023", "2025"), Numbers(1990, 2025)),
    "month": Plausible(None, Numbers(1, 12)),
    "day": Plausible(None, Numbers(1, 28)),
    "quantity": Plausible(None, Numbers(1, 10)),
    "count": Plausible(None, Numbers(1, 100)),
    "page": Plausible(None, Numbers(1, 5)),
    "limit": Plausible(None, Numbers(10, 100)),
    "offset": Plausible(None, Numbers(0, 100)),
    "rating": Plausible(None, Numbers(1, 5, 1)),
    "score": Plausible(None, Numbers(0, 100, 1)),
    "percent": Plausible(None, Numbers(0, 100, 1)),
    "percentage": Plausible(None, Numbers(0, 100, 1)),
    "latitude": Plausible(None, Numbers(-90, 90, 5)),
    "lat": Plausible(None, Numbers(-90, 90, 5)),
    "longitude": Plausible(None, Numbers(-180, 180, 5)),
    "lng": Plausible(None, Numbers(-180, 180, 5)),
    "lon": Plausible(None, Numbers(-180, 180, 5)),
    "width": Plausible(None, Numbers(10, 1000)),
    "height": Plausible(None, Numbers(10, 1000)),
    "port": Plausible(None, Numbers(1024, 65_535)),
}
"""By the name in lower case, without what separates its words; else by its last word."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_GENERIC = frozenset({"name", "text", "state", "key", "address"})
"""Last words that say little of themselves: `file_name` is nobody's name."""


def plausible_for(name: str) -> str | None:
    """The entry of the TABLE that a property's name leads to; None without one."""
    words: list[str] = [word.lower() for word in _WORDS.findall(name[:100])]
    if (whole := "".join(words)) in PLAUSIBLE:
        return whole
    if words and (last := words[-1]) in PLAUSIBLE and last not in _GENERIC:
        return last
    if whole.endswith("s") and whole[:-1] in PLAUSIBLE:
        return whole[:-1]
    return None


def chosen(values: tuple[str, ...]) -> Callable[[Lots, str], Any]:
    """Chooses one of some texts."""
    last = len(values) - 1
    return lambda lots, at: values[lots.integer(at, 0, last)]
