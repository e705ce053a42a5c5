"""Data buckets as the `database`: values that are made once, when the environment is read."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.formats.spot import Spot
from understudy.model import Templating
from understudy.render import RenderError, TemplateProblem
from understudy.render.handlebars.templates import Handlebars
from understudy.render.scope import Scope


class Buckets:
    """The buckets of an environment. `names` has the name of each by its id, in Mockoon's spelling."""

    def __init__(self, written: Any, made_at: float, spot: Spot) -> None:
        self.database: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        for number, one in enumerate(spot.sequence(written)):
            inner = spot.at(number)
            bucket = inner.mapping(one)
            name = self._free(str(bucket.get("name") or bucket.get("id") or f"bucket {number}"))
            for key in ("id", "uuid"):
                if bucket.get(key):
                    self.names[str(bucket[key])] = name
            self.database[name] = _value(
                inner.at("value").text(bucket.get("value", "")), made_at, name, inner
            )

    def _free(self, name: str) -> str:
        free, number = name, 2
        while free in self.database:
            free, number = f"{name} {number}", number + 1
        return free

    @property
    def schemas(self) -> dict[str, Any]:
        """The values by name and by id."""
        return {**self.database, **{id_: self.database[name] for id_, name in self.names.items()}}


def _value(text: str, made_at: float, name: str, spot: Spot) -> Any:
    if "{{" in text:
        text = _rendered(text, made_at, name, spot)
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _rendered(text: str, made_at: float, name: str, spot: Spot) -> str:
    """What a bucket's template gives, with the lots of seed 0 and the time of the file (unix seconds)."""
    scope = Scope()
    try:
        template = Handlebars(scope, set(), Templating(language="mockoon")).compile_text(text, "value")
        scope.begin(scope.request, 0, name, 0, made_at)
        made = template if isinstance(template, str) else template.render()
    except (TemplateProblem, RenderError) as problem:
        spot.at("value").warn(
            f"the template is kept as it is written: {problem.expression}: {problem.message}"
        )
        return text
    spot.at("value").warn("the template was run once: its values are the same at each start")
    return made
