"""Handlebars nodes → closures, so that nothing is looked up by name at a request that could be before.

A render is bounded in steps, in the size of what helpers make and in the size of its result. What a helper
raises becomes a RenderError that names the expression.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from understudy.render.compile import MAX_RENDERED_BYTES
from understudy.render.errors import Rejected, RenderError, TemplateProblem
from understudy.render.handlebars.nodes import (
    Block,
    Call,
    Expression,
    Literal,
    Mustache,
    Nodes,
    Path,
    Text,
)
from understudy.render.handlebars.parse import parse
from understudy.render.handlebars.values import Safe, checked, get, has, is_true
from understudy.render.scope import Scope

MAX_STEPS = 200_000
"""Nodes and helpers that a render may run: some 100 ms."""

_VARIADIC = 0x04  # code flag: takes *args


class Run:
    """One render: the scope, what it may still cost, and what it has remembered."""

    __slots__ = ("scope", "size", "steps", "variables", "where")

    def __init__(self, scope: Scope, where: str) -> None:
        self.scope = scope
        self.where = where
        self.steps = 0
        self.size = 0
        self.variables: dict[str, Any] = {}

    def step(self, count: int, source: str) -> None:
        """Count steps. Raises RenderError when there were too many."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise RenderError(self.where, source, f"the template takes more than {MAX_STEPS} steps")

    def grow(self, count: int, source: str) -> None:
        """Count characters, each block's anew. Raises RenderError when there were too many."""
        self.size += count
        if self.size > MAX_RENDERED_BYTES:
            raise RenderError(self.where, source, f"the result is larger than {MAX_RENDERED_BYTES} bytes")


class Frame:
    """Where a template is: the context, the frames around it, `@data`, and names that blocks gave."""

    __slots__ = ("context", "data", "names", "parent", "run")

    def __init__(
        self, run: Run, context: Any, parent: Frame | None, data: dict[str, Any], names: dict[str, Any]
    ) -> None:
        self.run = run
        self.context = context
        self.parent = parent
        self.data = data
        self.names = names


Render = Callable[[Frame], str]
Value = Callable[[Frame], Any]


class Options:
    """What a helper sees of its call: the frame, named arguments, and the bodies if it is a block."""

    __slots__ = ("_body", "_inverse", "_names", "frame", "is_block", "named", "source")

    def __init__(
        self,
        frame: Frame,
        named: dict[str, Any],
        source: str,
        body: Render | None,
        inverse: Render | None,
        names: tuple[str, ...],
    ) -> None:
        self.frame = frame
        self.named = named
        self.source = source
        self.is_block = body is not None
        self._body = body
        self._inverse = inverse
        self._names = names

    @property
    def scope(self) -> Scope:
        """What templates see of the request."""
        return self.frame.run.scope

    def fn(
        self, context: Any = None, data: Mapping[str, Any] | None = None, names: Iterable[Any] = ()
    ) -> str:
        """The body; about another context, with more `@data`, and values for its `as |names|`, if given."""
        return self._rendered(self._body, context, data, names)

    def here(self) -> str:
        """The body, about the same context."""
        return "" if self._body is None else self._body(self.frame)

    def inverse(self) -> str:
        """What stands behind `else`."""
        return "" if self._inverse is None else self._inverse(self.frame)

    def _rendered(
        self, body: Render | None, context: Any, data: Mapping[str, Any] | None, names: Iterable[Any]
    ) -> str:
        if body is None:
            return ""
        frame = self.frame
        frame.run.step(1, self.source)
        given = dict(zip(self._names, names, strict=False)) if self._names else {}
        inner = Frame(
            frame.run,
            context,
            frame,
            frame.data if data is None else {**frame.data, **data},
            {**frame.names, **given} if given else frame.names,
        )
        return body(inner)


class Helper(NamedTuple):
    """A helper: a function of its Options and arguments.

    `named` are the arguments that it takes by name, None for any. `block` says whether it may, or must, be a
    block. `check` raises ValueError for literal arguments that can never work.
    """

    function: Callable[..., Any]
    named: tuple[str, ...] | None = ()
    block: bool | None = False
    check: Callable[..., None] | None = None


class Dialect(NamedTuple):
    """What differs between tools: helpers, white space, escaping, how values look, what templates see.

    `looks_up` says whether a name that the context has not is looked for in those around it. `root` makes the
    outermost context. `roots` are what the engine has to know of: see `Templates.roots`.
    """

    helpers: Mapping[str, Helper]
    text: Callable[[Any], str]
    root: Callable[[Scope, Mapping[str, Any]], Any]
    escapes: bool
    standalone: bool
    looks_up: bool
    roots: Callable[[str], frozenset[str]] = lambda text: frozenset()


class HandlebarsTemplate:
    """A compiled template."""

    __slots__ = ("_parameters", "_render", "_root", "_scope", "_where")

    def __init__(
        self, text: str, where: str, scope: Scope, dialect: Dialect, parameters: Mapping[str, Any]
    ) -> None:
        """Compile a template. Raises TemplateProblem."""
        try:
            self._render = _Compiler(dialect, where).nodes(parse(text, standalone=dialect.standalone), ())
        except Rejected as reason:
            raise TemplateProblem(where, reason.expression, reason.message, reason.suggestion) from None
        self._where = where
        self._scope = scope
        self._root = dialect.root
        self._parameters = parameters

    def render(self) -> str:
        """The text for the scope's current request. Raises RenderError."""
        run = Run(self._scope, self._where)
        context = self._root(self._scope, self._parameters)
        return str(self._render(Frame(run, context, None, {"root": context}, {})))


def is_handlebars(text: str) -> bool:
    """Whether there is anything in a text that Handlebars would change."""
    return "{{" in text


class _Compiler:
    def __init__(self, dialect: Dialect, where: str) -> None:
        self._dialect = dialect
        self._where = where

    def nodes(self, nodes: Nodes, names: tuple[str, ...]) -> Render:
        """What renders nodes one after the other. `names` are those that blocks around them have given."""
        parts = [self._node(node, names) for node in nodes]
        count = len(parts)
        if not parts:
            return lambda frame: ""
        if count == 1 and isinstance(parts[0], str):
            constant = parts[0]
            return lambda frame: constant

        def render(frame: Frame) -> str:
            run = frame.run
            run.step(count, "")
            found = "".join([part if isinstance(part, str) else part(frame) for part in parts])
            run.grow(len(found), "")
            return found

        return render

    def _node(self, node: Text | Mustache | Block, names: tuple[str, ...]) -> str | Render:
        if isinstance(node, Text):
            return node.text
        if isinstance(node, Block):
            return self._block(node, names)
        value, text = self._call(node.call, names), self._guarded_text(node.call.source)
        if not (node.escaped and self._dialect.escapes):
            return lambda frame: text(frame, value(frame))

        def render(frame: Frame) -> str:
            found = value(frame)
            shown = text(frame, found)
            return shown if isinstance(found, Safe) else escaped(shown)

        return render

    def _guarded_text(self, source: str) -> Callable[[Frame, Any], str]:
        convert = self._dialect.text

        def text(frame: Frame, value: Any) -> str:
            if isinstance(value, str):
                return value
            try:
                return convert(value)
            except (ValueError, RecursionError) as error:
                raise RenderError(frame.run.where, source, str(error)) from None

        return text

    # ---- blocks

    def _block(self, block: Block, names: tuple[str, ...]) -> Render:
        body = self.nodes(block.body, (*names, *block.names))
        inverse = self.nodes(block.inverse, names) if block.inverse else None
        helper = self._helper(block.call, names)
        text = self._guarded_text(block.call.source)
        if helper is not None:
            value = self._run(helper, block.call, names, body, inverse, block.names)
            return lambda frame: text(frame, value(frame))
        if block.raw:
            return body
        self._need_no_arguments(block.call)
        find = self._call(block.call, names)
        source = block.call.source

        def render(frame: Frame) -> str:
            value = find(frame)
            options = Options(frame, {}, source, body, inverse, block.names)
            if value is True:
                return options.here()
            if value is False or (not is_true(value) and value != 0):
                return options.inverse()
            if isinstance(value, list | tuple):
                return "".join(_each(options, value))
            return options.fn(value, None, (value,))

        return render

    # ---- values

    def _call(self, call: Call, names: tuple[str, ...]) -> Value:
        helper = self._helper(call, names)
        if helper is not None:
            return self._run(helper, call, names, None, None, ())
        self._need_no_arguments(call)
        assert isinstance(call.target, Path)
        return self._path(call.target, names)

    def _expression(self, expression: Expression, names: tuple[str, ...]) -> Value:
        if isinstance(expression, Literal):
            constant = expression.value
            return lambda frame: constant
        if isinstance(expression, Call):
            if self._helper(expression, names) is None and isinstance(expression.target, Path):
                self._need_no_arguments(expression)
            return self._call(expression, names)
        # a name alone is a value before it is a helper, so that `{{#each items}}` may be about `size`
        return self._path(expression, names, or_helper=self._helper_alone(expression, names))

    def _helper_alone(self, path: Path, names: tuple[str, ...]) -> Value | None:
        call = Call(path, (), (), path.source)
        helper = self._helper(call, names)
        if helper is None or helper.block or _arity(helper.function)[0] > 0:
            return None
        return self._run(helper, call, names, None, None, ())

    def _helper(self, call: Call, names: tuple[str, ...]) -> Helper | None:
        target = call.target
        if not isinstance(target, Path) or target.scoped or target.is_data or len(target.parts) != 1:
            return None
        if target.parts[0] in names and not call.arguments and not call.named:
            return None
        return self._dialect.helpers.get(target.parts[0])

    def _need_no_arguments(self, call: Call) -> None:
        if call.arguments or call.named:
            name = call.target.source if isinstance(call.target, Path) else ""
            near = get_close_matches(name, self._dialect.helpers, 1)
            raise Rejected(call.source, f"there is no helper {name!r}", near[0] if near else None)

    def _run(
        self,
        helper: Helper,
        call: Call,
        names: tuple[str, ...],
        body: Render | None,
        inverse: Render | None,
        block_names: tuple[str, ...],
    ) -> Value:
        self._check(helper, call, body is not None)
        arguments = [self._expression(one, names) for one in call.arguments]
        named = [(name, self._expression(one, names)) for name, one in call.named]
        function, source = helper.function, call.source

        def run(frame: Frame) -> Any:
            frame.run.step(1, source)
            options = Options(
                frame, {name: value(frame) for name, value in named}, source, body, inverse, block_names
            )
            try:
                return checked(function(options, *[value(frame) for value in arguments]))
            except RenderError:
                raise
            except Exception as error:  # whatever a helper makes of values that nobody foresaw
                message = str(error) or type(error).__name__
                raise RenderError(frame.run.where, source, message) from error

        return run

    def _check(self, helper: Helper, call: Call, is_block: bool) -> None:
        """Refuse a call that can never work."""
        name = call.target.source if isinstance(call.target, Path) else ""
        if is_block and helper.block is False:
            raise Rejected(call.source, f"{name} is no block: write {{{{{name} …}}}}")
        if not is_block and helper.block is True:
            raise Rejected(call.source, f"{name} is a block: write {{{{#{name} …}}}}…{{{{/{name}}}}}")
        least, most = _arity(helper.function)
        count = len(call.arguments)
        if count < least:
            raise Rejected(call.source, f"{name} needs {least} argument{'s' * (least != 1)}")
        if most is not None and count > most:
            raise Rejected(call.source, f"{name} takes at most {most} argument{'s' * (most != 1)}")
        for key, _ in call.named:
            if helper.named is not None and key not in helper.named:
                known = ", ".join(helper.named) or "none"
                raise Rejected(call.source, f"{name} has no argument {key!r}; it has {known}")
        if helper.check is not None and all(isinstance(one, Literal) for one in call.arguments):
            try:
                helper.check(*[one.value for one in call.arguments if isinstance(one, Literal)])
            except ValueError as error:
                raise Rejected(call.source, str(error)) from None

    # ---- paths

    def _path(self, path: Path, names: tuple[str, ...], or_helper: Value | None = None) -> Value:
        parts = path.parts
        if path.is_data:
            return _data_path(path)
        if not path.scoped and parts and parts[0] in names:
            first, rest = parts[0], parts[1:]
            return lambda frame: _dig(frame.names.get(first), rest)
        up = path.up

        def find(frame: Frame) -> Any:
            current: Frame | None = frame
            for _ in range(up):
                current = None if current is None else current.parent
            return None if current is None else _dig(current.context, parts)

        if path.scoped or not parts:
            return find
        looks_up = self._dialect.looks_up

        def find_anywhere(frame: Frame) -> Any:
            first = parts[0]
            current: Frame | None = frame
            while current is not None:
                if has(current.context, first):
                    return _dig(current.context, parts)
                current = current.parent if looks_up else None
            if first in frame.run.variables:
                return _dig(frame.run.variables[first], parts[1:])
            return None if or_helper is None else or_helper(frame)

        return find_anywhere


def _data_path(path: Path) -> Value:
    if not path.parts:
        return lambda frame: None
    first, rest, up = path.parts[0], path.parts[1:], path.up

    def find(frame: Frame) -> Any:
        data = frame.data
        for _ in range(up):  # to the data of the next frame that has others
            while frame.parent is not None and frame.data is data:
                frame = frame.parent
            data = frame.data
        return _dig(data.get(first), rest)

    return find


def _dig(value: Any, parts: tuple[str, ...]) -> Any:
    for part in parts:
        if value is None:
            return None
        value = get(value, part)
    return value


def _each(options: Options, values: list[Any] | tuple[Any, ...]) -> list[str]:
    last = len(values) - 1
    return [
        options.fn(value, {"index": number, "first": number == 0, "last": number == last}, (value, number))
        for number, value in enumerate(values)
    ]


def _arity(function: Callable[..., Any]) -> tuple[int, int | None]:
    """How many arguments a helper needs and takes, None for any number."""
    code = function.__code__
    most = code.co_argcount - 1
    least = most - len(function.__defaults__ or ())
    return least, None if code.co_flags & _VARIADIC else most


def escaped(text: str) -> str:
    """Text with what HTML would take for more, as Handlebars escapes it."""
    return (
        html.escape(text, quote=False)
        .replace('"', "&quot;")
        .replace("'", "&#x27;")
        .replace("`", "&#x60;")
        .replace("=", "&#x3D;")
    )
