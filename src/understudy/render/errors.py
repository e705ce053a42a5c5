"""What can be wrong with a template: known at load, or only while it renders."""

from __future__ import annotations

from understudy.errors import UnderstudyError


class TemplateProblem(UnderstudyError):
    """A template that cannot be compiled. Raised at load, never for a request.

    `where` is the place in the endpoint (`response.users[0].name`), `expression` the part of the template
    that is wrong, `suggestion` the nearest spelling that would work.
    """

    def __init__(self, where: str, expression: str, message: str, suggestion: str | None = None) -> None:
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        super().__init__(f"{where}: {expression}: {message}{hint}")
        self.where = where
        self.expression = expression
        self.message = message
        self.suggestion = suggestion


class RenderError(UnderstudyError):
    """A template that failed for one request, with the leaf (`where`) and the expression that failed."""

    def __init__(self, where: str, expression: str, message: str) -> None:
        super().__init__(f"{where}: {expression}: {message}")
        self.where = where
        self.expression = expression
        self.message = message


class Rejected(Exception):
    """An expression that will not do, before it is known which leaf it stands in."""

    def __init__(self, expression: str, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.expression = expression
        self.message = message
        self.suggestion = suggestion
