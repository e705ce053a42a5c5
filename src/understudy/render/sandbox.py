"""The template engine of one Program: minijinja, locked down, with the helpers bound to the Scope."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import CodeType, TracebackType
from typing import Any

import minijinja

from understudy.render.colon import rewrite_colon_forms
from understudy.render.context import MISSING, Getter, Path, getter
from understudy.render.errors import Rejected, RenderError, TemplateProblem
from understudy.render.helpers import HELPERS
from understudy.render.helpers.encoding import json_text
from understudy.render.lexer import pieces
from understudy.render.names import FUNCTIONS
from understudy.render.rewrite import JSON_FILTER, TEXT_FILTER, Rewriter
from understudy.render.scope import NoCounters, Scope
from understudy.render.spans import Span, span_at
from understudy.render.values import as_text, json_markup

FUEL = 500_000
"""Steps a template may take: some 20 ms of loops; a list of 10,000 records needs about 150,000."""

Context = Callable[[], dict[str, Any]]
"""Builds the variables of one template for the current request."""

_SHOWN_CHARACTERS = 120
_VARIABLE = re.compile(r"`?\b_v(\d+)\b`?")


class Sandbox:
    """One sandboxed environment. Templates named `j…` print values as JSON, others as they are."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.functions = {name: helper.make(scope) for name, helper in HELPERS.items()}
        self._codes = {function.__code__: name for name, function in self.functions.items()}
        self._environment = environment = minijinja.Environment(
            debug=True,  # costs nothing until a render fails, and then tells which value was undefined
            fuel=FUEL,
            undefined_behavior="chainable",
            auto_escape_callback=lambda name: "json" if name.startswith("j") else False,
            keep_trailing_newline=True,
        )
        self.render = environment.render_template
        for name in set(environment.globals) - FUNCTIONS:
            environment.remove_global(name)
        for name, function in self.functions.items():
            environment.add_global(name, function)
            if HELPERS[name].filter:
                environment.add_filter(name, function)
        environment.add_filter(TEXT_FILTER, as_text)
        environment.add_filter(JSON_FILTER, json_markup)
        # the built-in ones mark their result as not to be escaped, which would break the JSON around it
        environment.add_filter("safe", lambda value: value if not isinstance(value, str) else str(value))
        environment.add_filter("escape", _escape)
        environment.add_filter("e", _escape)
        environment.add_filter("tojson", json_text)

    def rewriter(self, names: Collection[str]) -> Rewriter:
        """A rewriter for one new template that may also use these variables."""
        return Rewriter(self.functions, names)

    def checked(self, text: str) -> str:
        """The template without colon forms, if its syntax is right. Raises Rejected."""
        text = rewrite_colon_forms(text)
        try:
            self._environment.add_template("?", text)
        except minijinja.TemplateError as error:
            raise Rejected(_faulty_part(text, error), error.detail or error.message) from None
        self._environment.remove_template("?")
        return text

    def add(self, name: str, source: str, where: str) -> None:
        """Compile a rewritten template under the name. Raises TemplateProblem."""
        try:
            self._environment.add_template(name, source)
        except minijinja.TemplateError as error:
            raise TemplateProblem(where, _shown(source), error.detail or error.message) from None

    def context(self, names: Mapping[Path, str]) -> Context:
        """What builds a template's variables at each render."""
        getters: list[tuple[str, Getter]] = [(name, getter(path, self.scope)) for path, name in names.items()]
        if not getters:
            return dict

        def context() -> dict[str, Any]:
            values = {}
            for name, get in getters:
                value = get()
                if value is not MISSING:
                    values[name] = value
            return values

        return context

    # ---- after a failure

    def explain(
        self, error: BaseException, where: str, spans: list[Span], names: Mapping[Path, str]
    ) -> RenderError:
        """The error that names the leaf and expression which failed."""
        if isinstance(error, minijinja.TemplateError):
            span = span_at(spans, error.line)
            message = error.detail or error.message
            if error.kind == "OutOfFuel":
                message = f"the template takes more than {FUEL} steps"
        else:
            span = self._blame(error, spans, names)
            message = str(error) or type(error).__name__
        shown = {name: path for path, name in names.items()}
        message = _VARIABLE.sub(lambda match: _spelled(shown.get(f"_v{match[1]}")), message)
        if span is None:
            return RenderError(where, "", message)
        return RenderError(span.where, span.expression, message)

    def _blame(self, error: BaseException, spans: list[Span], names: Mapping[Path, str]) -> Span | None:
        """The span whose helper raised. Where several use the helper, each is tried alone."""
        helper = _raiser(error.__traceback__, self._codes) or ""
        using = [span for span in spans if re.search(rf"\b{helper}\b", span.source)] or spans
        if len(using) > 1:
            using = [span for span in using if self._fails(span, names)] or using
        return using[0] if using else None

    def _fails(self, span: Span, names: Mapping[Path, str]) -> bool:
        source = span.source if span.source.startswith("{") else f"{{{{ {span.source} }}}}"
        counters, self.scope.counters = self.scope.counters, NoCounters()
        try:
            self._environment.render_str(source, "t", **self.context(names)())
        except Exception as error:
            return not isinstance(error, minijinja.TemplateError)
        finally:
            self.scope.counters = counters
        return False


def _escape(value: Any) -> str:
    from html import escape

    return escape(as_text(value))


def _raiser(traceback: TracebackType | None, codes: Mapping[CodeType, str]) -> str | None:
    """The helper that the traceback went through."""
    while traceback is not None:
        if name := codes.get(traceback.tb_frame.f_code):
            return name
        traceback = traceback.tb_next
    return None


def _faulty_part(text: str, error: minijinja.TemplateError) -> str:
    """The expression or block in which a syntax error stands."""
    at = error.range[0] if error.range else 0
    try:
        found = pieces(text)
    except ValueError:
        return _shown(text)
    for piece in found:
        at -= len(piece.source.encode("utf-8", "replace"))
        if at < 0:
            return _shown(piece.inner.strip() if piece.kind == "expression" else piece.source)
    return _shown(text)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _spelled(path: Path | None) -> str:
    """A path as its author would write it."""
    if path is None:
        return "the value"
    keys = "".join(
        f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]" for key in path.keys
    )
    return path.root + keys
