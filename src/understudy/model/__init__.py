"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.base import Model
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.endpoint import (
    Behaviour,
    BodyFile,
    Choice,
    Content,
    Endpoint,
    Failure,
    Headers,
    RegexPath,
    Responses,
    Uniform,
    duration_s,
)
from understudy.model.match import (
    BodyConditions,
    Condition,
    GraphqlConditions,
    Match,
    Operators,
    PartConditions,
)
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange

__all__ = [
    "INITIAL_STATE",
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Choice",
    "Condition",
    "Config",
    "Content",
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
    "Responses",
    "Scenario",
    "State",
    "StateChange",
    "Static",
    "Uniform",
    "duration_s",
]
