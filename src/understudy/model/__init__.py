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
from understudy.model.cache import Cache
from understudy.model.callbacks import Callback, CallbackWhen, Retries, Signature, each_callback
from understudy.model.capacity import Capacity, Overflow
from understudy.model.chaos import Outage
from understudy.model.config import Config, Cors, Limits, Log, Static
from understudy.model.content import BodyFile, Content
from understudy.model.duration import duration_s
from understudy.model.endpoint import (
    Behaviour,
    Choice,
    Endpoint,
    Failure,
    RegexPath,
    Responses,
)
from understudy.model.latency import Latency, Lognormal, Normal
from understudy.model.match import (
    BodyConditions,
    Condition,
    GraphqlConditions,
    Match,
    Operators,
    PartConditions,
)
from understudy.model.openapi import OpenApi, each_openapi
from understudy.model.parts import Headers
from understudy.model.proxy import ForwardProxy, Proxy, Tls
from understudy.model.python import functions
from understudy.model.rate_limit import LimitHeaderNames, LimitHeaders, LimitReply, RateLimit, each_limit
from understudy.model.record import MODES, Record, RecordMatch, Redact, mode_of
from understudy.model.report import Expect, ReportSettings
from understudy.model.resource import RESOURCE_METHODS, WHOLE_DATABASE, Resource
from understudy.model.schedule import When
from understudy.model.state import INITIAL_STATE, Scenario, State, StateChange
from understudy.model.templating import Templating, templating
from understudy.model.validate import Refusal, Validate

__all__ = [
    "INITIAL_STATE",
    "MODES",
    "RESOURCE_METHODS",
    "WHOLE_DATABASE",
    "Access",
    "ApiKey",
    "Auth",
    "Bearer",
    "Behaviour",
    "BodyConditions",
    "BodyFile",
    "Cache",
    "Callback",
    "CallbackWhen",
    "Capacity",
    "Choice",
    "Client",
    "Condition",
    "Config",
    "Content",
    "Cors",
    "Endpoint",
    "Expect",
    "Failure",
    "ForwardProxy",
    "GraphqlConditions",
    "Headers",
    "Jwt",
    "Latency",
    "LimitHeaderNames",
    "LimitHeaders",
    "LimitReply",
    "Limits",
    "Log",
    "Lognormal",
    "Match",
    "Model",
    "Normal",
    "OpenApi",
    "Operators",
    "Outage",
    "Overflow",
    "PartConditions",
    "Provider",
    "Proxy",
    "RateLimit",
    "Record",
    "RecordMatch",
    "Redact",
    "Refusal",
    "RegexPath",
    "ReportSettings",
    "Resource",
    "Responses",
    "Retries",
    "Scenario",
    "Scheme",
    "Session",
    "Signature",
    "State",
    "StateChange",
    "Static",
    "Templating",
    "Tls",
    "User",
    "Users",
    "Validate",
    "When",
    "duration_s",
    "each_callback",
    "each_limit",
    "each_openapi",
    "functions",
    "mode_of",
    "templating",
]
