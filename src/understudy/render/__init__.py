"""Replies made from templates: constant JSON is prebuilt bytes, only the expressions in it run."""

from __future__ import annotations

from understudy.render.compile import JsonTemplate, Templates, TextTemplate
from understudy.render.errors import RenderError, TemplateProblem

__all__ = ["JsonTemplate", "RenderError", "TemplateProblem", "Templates", "TextTemplate"]
