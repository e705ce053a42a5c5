"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.auth import (
    Access,
    ApiKey,
    Auth,
    Bearer,
    Client,
    Jwt,
    Provider,
    Scheme,
    Session,
    User,
    Users,
)
from understudy.model.base import Model
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.duration import duration_s
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
)
from understudy.model.match import BodyConditions, Condition, Match, Operators
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange

__all__ = [
    "INITIAL_STATE",
    "Access",
    "ApiKey",
    "Auth",
    "Bearer",
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Choice",
    "Client",
    "Condition",
    "Config",
    "Content",
    "Cors",
    "Endpoint",
    "Failure",
    "Headers",
    "Jwt",
    "Limits",
    "Log",
    "Match",
    "Model",
    "Operators",
    "Provider",
    "RegexPath",
    "Responses",
    "Scenario",
    "Scheme",
    "Session",
    "State",
    "StateChange",
    "Static",
    "Uniform",
    "User",
    "Users",
    "duration_s",
]
