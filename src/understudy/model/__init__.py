"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.base import Model
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.endpoint import (
    Behaviour,
    BodyFile,
    Endpoint,
    Failure,
    Headers,
    RegexPath,
    Uniform,
)
from understudy.model.match import (
    BodyConditions,
    Condition,
    GraphqlConditions,
    Match,
    Operators,
    PartConditions,
)

__all__ = [
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Condition",
    "Config",
    "Cors",
    "Endpoint",
    "Failure",
    "GraphqlConditions",
    "Headers",
    "Limits",
    "Log",
    "Match",
    "Model",
    "Operators",
    "PartConditions",
    "RegexPath",
    "Static",
    "Uniform",
]
