"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.base import Model
from understudy.model.callbacks import Callback, CallbackWhen, Retries, Signature, each_callback
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.endpoint import (
    Behaviour,
    BodyFile,
    Choice,
    Content,
    Endpoint,
    Failure,
    RegexPath,
    Responses,
    duration_s,
)
from understudy.model.match import BodyConditions, Condition, Match, Operators
from understudy.model.parts import Headers, Uniform
from understudy.model.python import functions
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange

__all__ = [
    "INITIAL_STATE",
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Callback",
    "CallbackWhen",
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
    "Responses",
    "Retries",
    "Scenario",
    "Signature",
    "State",
    "StateChange",
    "Static",
    "Uniform",
    "duration_s",
    "each_callback",
    "functions",
]
