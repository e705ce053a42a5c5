"""A value with templates in it → one compiled template that renders the whole reply.

All leaves of a JSON value become one minijinja template, with the constant JSON between them as its text: one
call into the engine per reply. Long runs of constant JSON stay outside, as bytes. minijinja, and with it the
helpers, are imported when the first template is compiled; a config without templates never pays for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, AnyStr

from understudy.model import Templating
from understudy.render.direct import DirectBuilder
from understudy.render.errors import Rejected, RenderError, TemplateProblem
from understudy.render.lexer import is_template
from understudy.render.scope import Scope
from understudy.render.spans import Span
from understudy.render.values import as_json, json_bytes

if TYPE_CHECKING:
    from understudy.render.handlebars.compile import HandlebarsTemplate
    from understudy.render.handlebars.templates import Handlebars, HandlebarsJson
    from understudy.render.rewrite import Leaf, Rewriter
    from understudy.render.sandbox import Sandbox

MAX_RENDERED_BYTES = 32 * 1024 * 1024
"""Largest rendered reply: what a runaway template may cost in memory and traffic."""

LONG_RUN = 4096
"""Characters from which a run of constant JSON stays outside the template, as joining beats copying."""

JINJA = Templating(language="jinja")
"""The language of templates that say nothing else."""

_SEPARATOR = "\x1e"  # never stands unescaped in JSON
_OPENER_IN_STRING = re.compile(r"\{(?=[{%#])")


class _Template:
    """What both kinds of template share: the engine, and finding out what failed."""

    __slots__ = ("_context", "_name", "_names", "_render", "_sandbox", "_spans", "_where")

    def __init__(self, sandbox: Sandbox, name: str, where: str, builder: _Builder) -> None:
        self._sandbox = sandbox
        self._name = name
        self._where = where
        self._spans = builder.spans
        self._names = builder.names
        self._context = sandbox.context(builder.names)
        self._render = sandbox.render

    def _engine(self) -> str:
        return self._checked(self._render(self._name, **self._context()))

    def _failed(self, error: BaseException) -> BaseException:
        """What to raise for an error of a render."""
        # a panic inside the engine is no Exception, yet it must not end the server
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            return error
        return self._sandbox.explain(error, self._where, self._spans, self._names)

    def _checked(self, output: AnyStr) -> AnyStr:
        if len(output) > MAX_RENDERED_BYTES:
            message = f"the result is larger than {MAX_RENDERED_BYTES} bytes"
            raise RenderError(self._where, self._spans[0].expression if self._spans else "", message)
        return output


class JsonTemplate(_Template):
    """JSON with templates in its leaves."""

    __slots__ = ("_constants", "_direct")

    def __init__(self, sandbox: Sandbox, name: str, where: str, builder: _JsonBuilder) -> None:
        super().__init__(sandbox, name, where, builder)
        self._constants = builder.constants
        self._direct = builder.direct.finish_json()

    def render(self) -> bytes:
        """The JSON for the scope's current request, compact UTF-8. Raises RenderError."""
        try:
            return self._checked(self._assembled() if self._direct is None else self._direct())
        except RenderError:
            raise
        except BaseException as error:
            raise self._failed(error) from error

    def _assembled(self) -> bytes:
        """The engine's output, with the long constants that it never saw."""
        data = self._engine().encode()
        if not self._constants:
            return data
        rendered = data.split(b"\x1e")
        parts = [rendered[0]]
        for constant, part in zip(self._constants, rendered[1:], strict=True):
            parts += constant, part
        return b"".join(parts)


class TextTemplate(_Template):
    """Text with templates in it."""

    __slots__ = ("_direct",)

    def __init__(self, sandbox: Sandbox, name: str, where: str, builder: _Builder) -> None:
        super().__init__(sandbox, name, where, builder)
        self._direct = builder.direct.finish_text()

    def render(self) -> str:
        """The text for the scope's current request. Raises RenderError."""
        try:
            return self._checked(self._engine() if self._direct is None else self._direct())
        except RenderError:
            raise
        except BaseException as error:
            raise self._failed(error) from error


class Templates:
    """All the templates of one Program: one sandboxed environment, one Scope."""

    def __init__(self, database: Any = None, environ: Mapping[str, str] | None = None) -> None:
        self.scope = Scope(database, environ)
        self.roots: set[str] = set()
        """The roots that the templates since the last `clear` of this set look at."""
        self._sandbox: Sandbox | None = None
        self._count = 0

    def compile_json(
        self, value: Any, where: str, names: Collection[str] = (), templating: Templating = JINJA
    ) -> JsonTemplate | HandlebarsJson | bytes:
        """Compile a JSON value; finished compact JSON if nothing in it is a template.

        `names` are further variables its templates may use, found in `scope.extra` at each render.
        Raises TemplateProblem.
        """
        try:
            if templating.language != "jinja":
                return self._handlebars(templating).compile_json(value, where)
            if not has_template(value):
                return json_bytes(value)
            sandbox, name = self._next("j")
            builder = _JsonBuilder(sandbox, names)
            builder.add(value, where)
        except RecursionError:
            raise TemplateProblem(where, "…", "the value is nested too deeply") from None
        except UnicodeEncodeError:
            raise TemplateProblem(where, "…", "a text in it has half of a surrogate pair") from None
        sandbox.add(name, builder.finish(), where)
        self.roots.update(path.root for path in builder.names)
        return JsonTemplate(sandbox, name, where, builder)

    def compile_text(
        self, text: str, where: str, names: Collection[str] = (), templating: Templating = JINJA
    ) -> TextTemplate | HandlebarsTemplate | str:
        """Compile a text; the text itself if there is no template in it. Raises TemplateProblem."""
        if templating.language != "jinja":
            return self._handlebars(templating).compile_text(text, where)
        if not is_template(text):
            return text
        sandbox, name = self._next("t")
        builder = _Builder(sandbox, names)
        builder.leaf(text, where, typed=False)
        sandbox.add(name, "".join(builder.chunks), where)
        self.roots.update(path.root for path in builder.names)
        return TextTemplate(sandbox, name, where, builder)

    def _handlebars(self, templating: Templating) -> Handlebars:
        from understudy.render.handlebars.templates import Handlebars

        return Handlebars(self.scope, self.roots, templating)

    def _next(self, kind: str) -> tuple[Sandbox, str]:
        """The sandbox, and a new template name; names in `j…` are escaped as JSON."""
        if self._sandbox is None:
            from understudy.render.sandbox import Sandbox

            self._sandbox = Sandbox(self.scope)
        self._count += 1
        return self._sandbox, f"{kind}{self._count}"


def has_template(value: Any) -> bool:
    """Whether any leaf string in the value is a template."""
    if isinstance(value, str):
        return is_template(value)
    if isinstance(value, dict):
        return any(has_template(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_template(item) for item in value)
    return False


class _Builder:
    """Gathers the source of one template, and which line of it is which expression."""

    def __init__(self, sandbox: Sandbox, names: Collection[str]) -> None:
        self.sandbox = sandbox
        self.rewriter: Rewriter = sandbox.rewriter(names)
        self.names = self.rewriter.known.variables.names
        self.chunks: list[str] = []
        self.spans: list[Span] = []
        self._line = 1
        self.direct = DirectBuilder(sandbox.scope, sandbox.functions)

    def put(self, source: str) -> None:
        self.chunks.append(source)
        self._line += source.count("\n")

    def leaf(self, text: str, where: str, typed: bool) -> None:
        """Add a leaf. Raises TemplateProblem."""
        leaf = self._rewritten(text, where, typed)
        if leaf.typed:
            self.direct.typed(leaf.parts[0].source, self.names)
        else:
            sources = [(part.source, bool(part.expression)) for part in leaf.parts]
            self.direct.text(sources, self.names, quoted=typed)
        if leaf.typed:
            (part,) = leaf.parts
            self._mark(where, part.expression, part.source)
            self.put(f"{{{{\n{part.source}\n}}}}")
        elif not typed:
            self._parts(leaf, where)
        else:
            # the leaf renders as plain text into a variable, which then is escaped as one JSON string
            self.put("{% with %}{% autoescape false %}{% set _t %}")
            self._parts(leaf, where)
            if self.chunks[-1].endswith("{"):  # which would begin something together with what follows
                self.chunks[-1] = self.chunks[-1][:-1] + "{{ '{' }}"
            self.put("{% endset %}{% endautoescape %}{{ _t }}{% endwith %}")

    def _parts(self, leaf: Leaf, where: str) -> None:
        for part in leaf.parts:
            if part.expression:
                self._mark(where, part.expression, part.source)
            self.put(part.source)

    def _mark(self, where: str, expression: str, source: str) -> None:
        # the expression itself begins behind a line break
        self.spans.append(Span(self._line + 1, where, expression, source))

    def _rewritten(self, text: str, where: str, typed: bool) -> Leaf:
        try:
            text = self.sandbox.checked(text)
            return self.rewriter.leaf(text, typed)
        except Rejected as reason:
            raise TemplateProblem(where, reason.expression, reason.message, reason.suggestion) from None


class _JsonBuilder(_Builder):
    """Gathers the source of a JSON template, and the long runs of constant JSON that stay outside of it."""

    def __init__(self, sandbox: Sandbox, names: Collection[str]) -> None:
        super().__init__(sandbox, names)
        self.constants: list[bytes] = []
        self._run: list[str] = []

    def add(self, value: Any, where: str) -> None:
        """Add a JSON value. Raises TemplateProblem."""
        if isinstance(value, str) and is_template(value):
            self._flush()
            self.leaf(value, where, typed=True)
        elif not has_template(value):
            self._run.append(as_json(value))
        elif isinstance(value, dict):
            for index, (key, item) in enumerate(value.items()):
                name = as_json({key: 0})[1:-3]
                self._run += "," if index else "{", name, ":"
                self.add(item, f"{where}.{key}")
            self._run.append("}")
        else:
            for index, item in enumerate(value):
                self._run.append("," if index else "[")
                self.add(item, f"{where}[{index}]")
            self._run.append("]")

    def finish(self) -> str:
        """The whole source."""
        self._flush()
        return "".join(self.chunks)

    def _flush(self) -> None:
        run = "".join(self._run)
        self._run.clear()
        self.direct.constant(run)
        if len(run) >= LONG_RUN:
            self.constants.append(run.encode())
            self.put(_SEPARATOR)
        else:
            # an opener of template syntax in constant JSON can only stand in the string of a key
            self.put(_OPENER_IN_STRING.sub(r"\\u007b", run))
