"""The names by which collections refer to each other: the `posts` of a user have a `userId`."""

from __future__ import annotations

import re

FOREIGN_KEY_SUFFIX = "Id"

_IRREGULAR = {
    "children": "child",
    "criteria": "criterion",
    "data": "datum",
    "feet": "foot",
    "geese": "goose",
    "indices": "index",
    "matrices": "matrix",
    "media": "medium",
    "men": "man",
    "mice": "mouse",
    "oxen": "ox",
    "people": "person",
    "teeth": "tooth",
    "women": "woman",
}
_SAME = frozenset({"news", "series", "species", "sheep", "fish", "equipment", "information", "feedback"})
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(ss|us|is)$", r"\1"),
        (r"(movie|cookie|zombie|selfie|calorie|(?:^|[_-])(?:tie|pie|lie|die))s$", r"\1"),
        (r"([^aeiou])ies$", r"\1y"),
        (r"(analy|diagno|cri|the|hypothe|synop)ses$", r"\1sis"),
        (r"(kni|wi|li)ves$", r"\1fe"),
        (r"(ar|l|ea|eo|oa|hoo)ves$", r"\1f"),
        (r"(status|bus|virus|alias|gas|campus|bonus|lens|canvas)es$", r"\1"),
        (r"(ss|sh|ch|x|zz)es$", r"\1"),
        (r"(tomato|potato|hero|echo)es$", r"\1"),
        (r"s$", ""),
    )
)


def singular(name: str) -> str:
    """The singular of an English plural, as json-server forms it for the common words."""
    head, last = _split(name)
    lower = last.lower()
    if lower in _SAME:
        return name
    if lower in _IRREGULAR:
        found = _IRREGULAR[lower]
        return head + (found.capitalize() if last[:1].isupper() else found)
    for pattern, replacement in _RULES:
        if pattern.search(last):
            return head + pattern.sub(replacement, last)
    return name


def foreign_key(collection: str) -> str:
    """The key under which records of other collections name a record of this one."""
    return singular(collection) + FOREIGN_KEY_SUFFIX


def _split(name: str) -> tuple[str, str]:
    """What stands before the last word of a name such as `blog_posts` or `blogPosts`, and that word."""
    found = re.search(r"(?:[A-Z]?[a-z0-9]+|[A-Z]+|[^A-Za-z]*)$", name)
    start = found.start() if found and found[0] else 0
    return name[:start], name[start:]
