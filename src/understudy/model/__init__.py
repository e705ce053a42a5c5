"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.base import Model
from understudy.model.cache import Cache
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.content import BodyFile, Content
from understudy.model.endpoint import (
    Behaviour,
    Choice,
    Endpoint,
    Failure,
    RegexPath,
    Responses,
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
from understudy.model.parts import Headers, Uniform
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange
from understudy.model.validate import Refusal, Validate

__all__ = [
    "INITIAL_STATE",
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Cache",
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
    "Refusal",
    "RegexPath",
    "Responses",
    "Scenario",
    "State",
    "StateChange",
    "Static",
    "Uniform",
    "Validate",
    "duration_s",
]
