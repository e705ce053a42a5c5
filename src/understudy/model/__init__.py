"""The config language: frozen, typed models that are its only source of types, defaults and help."""

from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.endpoint import (
    Behaviour,
    BodyFile,
    Endpoint,
    Failure,
    Headers,
    Model,
    RegexPath,
    Uniform,
)

__all__ = [
    "Behaviour",
    "BodyFile",
    "Config",
    "Cors",
    "Endpoint",
    "Failure",
    "Headers",
    "Limits",
    "Log",
    "Model",
    "RegexPath",
    "Static",
    "Uniform",
]
