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
from understudy.model.match import BodyConditions, Condition, Match, Operators
from understudy.model.resource import RESOURCE_METHODS, WHOLE_DATABASE, Resource
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange

__all__ = [
    "INITIAL_STATE",
    "RESOURCE_METHODS",
    "WHOLE_DATABASE",
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
    "Headers",
    "Limits",
    "Log",
    "Match",
    "Model",
    "Operators",
    "RegexPath",
    "Resource",
    "Responses",
    "Scenario",
    "State",
    "StateChange",
    "Static",
    "Uniform",
    "duration_s",
]
