"""Texts of other tools that are templates there, or not, as texts of a config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from understudy.formats.imported import literal, literal_json
from understudy.formats.spot import Spot
from understudy.model import Callback, Templating
from understudy.model.convert import convert
from understudy.model.templating import Language
from understudy.render import TemplateProblem
from understudy.render.handlebars.compile import is_handlebars
from understudy.render.handlebars.templates import Handlebars
from understudy.render.scope import Scope
from understudy.simulate.callbacks import url_fault


class Texts:
    """The texts of one answer or callback. `language` is None where they are no templates."""

    def __init__(self, language: Language | None, parameters: Mapping[str, Any] | None = None) -> None:
        self.language: Language | None = language
        self.parameters = dict(parameters or {})

    def text(self, text: str) -> str:
        """A text that says the same in a config with `key`."""
        return text if self.language else literal(text)

    def json(self, value: Any) -> Any:
        """The same for the texts in a JSON value."""
        return value if self.language else literal_json(value)

    def fault(self, *values: Any) -> str | None:
        """Why the first of these, or of the texts in them, cannot be a template; None if all can."""
        if self.language is None:
            return None
        templates = Handlebars(Scope(), set(), Templating(language=self.language, parameters=self.parameters))
        for text in each_text(values):
            try:
                templates.compile_text(text, "")
            except TemplateProblem as problem:
                hint = f" (did you mean {problem.suggestion}?)" if problem.suggestion else ""
                return f"{problem.expression}: {problem.message}{hint}"
        return None

    def needed_by(self, *values: Any) -> Texts:
        """These, or texts that are no templates if none of the values, or of the texts in them, is one."""
        return self if any(map(is_handlebars, each_text(values))) else Texts(None)

    def key(self, *values: Any) -> dict[str, Any]:
        """`templates`, if any of these values needs it."""
        if self.language is None or not any(map(is_handlebars, each_text(values))):
            return {}
        if self.parameters:
            return {"templates": {"language": self.language, "parameters": self.parameters}}
        return {"templates": self.language}


def each_text(value: Any) -> Iterator[str]:
    """All texts in a value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from each_text(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from each_text(item)


def has_template_key(value: Any) -> bool:
    """Whether a key in a JSON value is a template."""
    if isinstance(value, Mapping):
        return any(is_handlebars(str(key)) or has_template_key(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_template_key, value))


def check_callback(written: dict[str, Any], spot: Spot) -> None:
    """Refuse a callback that a config would not take. Raises LeftOut."""
    try:
        callback = convert(written, Callback)
    except msgspec.ValidationError as error:
        spot.leave(str(error))
    if not is_handlebars(callback.url) and (fault := url_fault(callback.url)):
        spot.leave(fault)
