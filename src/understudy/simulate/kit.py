"""What the compilers of features work with: the config, templates, and a place for problems.

A mistake does not raise; it is added, so that all of them are told at once. Whatever a compiler returns after
one is never used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from collections.abc import Collection as Names
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import UNSET, UnsetType

from understudy.cors import CorsPolicy
from understudy.errors import ConfigError, Problem
from understudy.model import Config, Templating, templating
from understudy.model.templating import Language

if TYPE_CHECKING:
    from understudy.load import Loaded
    from understudy.load.fault import Fault
    from understudy.render import TemplateProblem, Templates
    from understudy.simulate.auth.setup import Setup
    from understudy.simulate.exchange import Services
    from understudy.simulate.python.modules import Workspace

Place = tuple[str | int, ...]
"""Keys that lead to a part of the config, such as `("endpoints", 3, "auth")`."""


class Collection(Protocol):
    """Records in a table of the store. `is_single`: it is one object, in one row. `file` may be shared."""

    table: str
    is_single: bool

    @property
    def file(self) -> object | None: ...

    def key(self, record: Any, number: int) -> str:
        """The row of a record that is the `number`th, from 1. Raises ValueError for one that has no place."""

    async def fill(self, services: Services, space: str) -> None:
        """Put the records of the config into a space that has had none yet."""

    async def keep(self, services: Services) -> None:
        """Write `file`, which it is kept in, if there is one."""


class Kit:
    """The tools of one compilation."""

    def __init__(self, loaded: Loaded, environ: dict[str, str]) -> None:
        from understudy.render import Templates

        self.loaded = loaded
        self.config: Config = loaded.config
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.born: dict[str, float] = {}
        """When each endpoint began to answer, in unix seconds; the server fills it in."""
        self.collections: dict[str, Collection] = {}
        """What is kept as records, by name, for the control endpoints."""
        self.files: list[Path] = []
        """Files that were read and have to be watched, beyond those that loading found."""
        self.apps: list[Any] = []
        """ASGI applications that the config mounts."""
        self.tapes: list[Any] = []
        """The recordings that endpoints answer from, or add to: `record.tape.Tape`."""
        self._python: Workspace | None = None
        self.has_resources = any(endpoint.resource is not UNSET for endpoint in self.config.endpoints)
        self.shared: dict[type, object] = {}
        """What the compilers of a feature keep from endpoint to endpoint."""
        self.templates: Templates = Templates(loaded.database, environ)
        self._templating = Templating(language="jinja")
        self.auth: Setup | None = None
        """The schemes and the provider, compiled when they are first needed: see `auth.setup`."""
        self.cors = CorsPolicy.of(self.config.cors)
        self.constant_headers = self.cors.constant_headers if self.cors else ()

    @property
    def python(self) -> Workspace:
        """The user's modules."""
        if self._python is None:
            from understudy.simulate.python.modules import Workspace

            self._python = Workspace(Path(os.path.realpath(self.loaded.folder)))
        return self._python

    @property
    def has_python(self) -> bool:
        """Whether any of the user's modules were asked for."""
        return self._python is not None

    def problem(
        self, place: Place, message: str, *, found: str | None = None, suggestion: str | None = None
    ) -> None:
        """Add a mistake."""
        self.problems.append(self.loaded.problem(place, message, found=found, suggestion=suggestion))

    def mistake(self, place: Place, fault: Fault) -> None:
        """Add a mistake that was found in a value that stands at `place`."""
        self.problems.append(
            self.loaded.problem(
                place,
                fault.message,
                found=fault.found,
                accepted=fault.accepted,
                suggestion=fault.suggestion,
            )
        )

    def warning(self, place: Place, message: str) -> None:
        """Add something that is allowed, but hardly meant."""
        self.warnings.append(self.loaded.problem(place, message))

    @contextmanager
    def speaking(self, written: Language | Templating | UnsetType) -> Iterator[None]:
        """Take texts for templates in this language until the end of the block, if one was written."""
        before = self._templating
        self._templating = templating(written) or before
        try:
            yield
        finally:
            self._templating = before

    def json(
        self, value: Any, where: str, place: Place, names: Names[str] = ()
    ) -> bytes | Callable[[], bytes]:
        """A JSON value that may have templates: finished bytes, or a renderer (which may raise RenderError).

        `where` names the value in errors and leads to it from `place`. `names` are further variables, which
        are in `scope.extra` when it is rendered.
        """
        from understudy.render import TemplateProblem

        try:
            compiled = self.templates.compile_json(value, where, names, self._templating)
        except TemplateProblem as problem:
            self.template_problem(problem, place)
            return b"null"
        return compiled if isinstance(compiled, bytes) else compiled.render

    def text(self, text: str, where: str, place: Place, names: Names[str] = ()) -> str | Callable[[], str]:
        """A text that may be a template: the text, or a renderer (which may raise RenderError).

        `names` are as for `json`.
        """
        from understudy.render import TemplateProblem

        try:
            compiled = self.templates.compile_text(text, where, names, self._templating)
        except TemplateProblem as problem:
            self.template_problem(problem, place)
            return text
        return compiled if isinstance(compiled, str) else compiled.render

    def template_problem(self, problem: TemplateProblem, place: Place) -> None:
        """Add a template that cannot be used."""
        self.problem(
            (*place, *where_path(problem.where)),
            f"the template cannot be used: {problem.message}",
            found=problem.expression,
            suggestion=problem.suggestion,
        )

    def path(self, relative: str, place: Place) -> Path | None:
        """The absolute path of a file below the config's folder, to be watched; None after a problem."""
        try:
            path = self.loaded.resolve(relative)
        except ConfigError as error:
            self.problem(place, error.problems[0].message)
            return None
        self.files.append(path)
        return path

    def read(self, relative: str, place: Place) -> bytes | None:
        """The content of a file below the config's folder; None after a problem."""
        path = self.path(relative, place)
        if path is None:
            return None
        try:
            return path.read_bytes()
        except OSError as error:
            self.problem(place, f"the file cannot be read: {error.strerror or error}", found=relative)
            return None


def where_path(where: str) -> Place:
    """`response.users[0].name` as the keys that lead there."""
    path: list[str | int] = []
    for part in where.replace("[", ".[").split("."):
        if part.startswith("[") and part.endswith("]") and part[1:-1].isdigit():
            path.append(int(part[1:-1]))
        elif part:
            path.append(part)
    return tuple(path)
