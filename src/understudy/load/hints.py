"""What people write when they mean something else: foreign key names, units, quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

FOREIGN: dict[str, dict[str, str]] = {
    # model, or kind of fault → key in other tools (lower case, without _ and -) → ours
    "Endpoint": {
        **dict.fromkeys(("url", "uri", "route", "endpoint", "urlpath", "urlpattern"), "path"),
        **dict.fromkeys(("methods", "verb", "verbs", "httpmethod"), "method"),
        **dict.fromkeys(("statuscode", "code", "httpstatus", "responsestatus"), "status"),
        **dict.fromkeys(("json", "data", "jsonbody", "reply", "payload", "responsebody"), "response"),
        **dict.fromkeys(("text", "content", "plain"), "body"),
        **dict.fromkeys(("bodyfilename", "filepath", "bodyfile"), "file"),
        **dict.fromkeys(("base64body", "binary"), "base64"),
        **dict.fromkeys(("id", "title", "label"), "name"),
        **dict.fromkeys(
            ("webhook", "webhooks", "callback", "hooks", "notify", "postserveactions"), "callbacks"
        ),
        **dict.fromkeys(("conditions", "condition", "when", "request", "rules"), "match"),
        **dict.fromkeys(("sequence", "choices", "variants", "replies"), "responses"),
        **dict.fromkeys(("collection", "crud", "crudkey", "entity"), "resource"),
        **dict.fromkeys(("scenario", "scenarios"), "state"),
        **dict.fromkeys(("function", "python", "app"), "handler"),
        **dict.fromkeys(("engine", "template", "templating", "language", "transformers"), "templates"),
        **dict.fromkeys(("repeat", "maxcalls", "remainingtimes"), "times"),
        **dict.fromkeys(("lifetime", "timetolive", "expiresin"), "ttl"),
    },
    "Behaviour": {  # and Endpoint, which has these keys too
        **dict.fromkeys(
            ("delay", "latency", "delayms", "sleep", "wait", "fixeddelaymilliseconds"), "latency_ms"
        ),
        **dict.fromkeys(("errorrate", "failrate", "failureprobability", "failurepercentage"), "failure_rate"),
        **dict.fromkeys(("error", "failurestatus", "errorstatus"), "failure"),
        **dict.fromkeys(("header", "responseheaders"), "headers"),
        **dict.fromkeys(("authentication", "authorization", "security"), "auth"),
        **dict.fromkeys(("validation", "schema", "jsonschema", "contract"), "validate"),
        **dict.fromkeys(("caching", "cachecontrol"), "cache"),
        **dict.fromkeys(("concurrency", "maxconcurrency", "workers", "bulkhead", "pool"), "capacity"),
        **dict.fromkeys(("fault", "toxics", "chaos"), "faults"),
        **dict.fromkeys(("groups", "tag", "tags"), "group"),
        "outages": "outage",
        **dict.fromkeys(("throttle", "throttling", "ratelimiting", "ratelimiter", "quota"), "rate_limit"),
    },
    "Config": {
        **dict.fromkeys(("routes", "mocks", "stubs", "mappings", "apis", "rules"), "endpoints"),
        **dict.fromkeys(("db", "data", "records"), "database"),
        **dict.fromkeys(("bind", "address", "hostname", "listen", "ip"), "host"),
        **dict.fromkeys(("imports", "import", "files", "includes"), "include"),
        **dict.fromkeys(("public", "assets", "staticfiles"), "static"),
        **dict.fromkeys(("logs", "logging", "journal"), "log"),
        **dict.fromkeys(("reload", "autoreload", "livereload"), "watch"),
        **dict.fromkeys(("expectations", "expected", "expects"), "expect"),
        **dict.fromkeys(("reports", "reporting", "resilience"), "report"),
        **dict.fromkeys(("authentication", "security"), "auth"),
        "outage": "outages",
        **dict.fromkeys(("limiters", "ratelimiters", "quotas"), "rate_limits"),
    },
    "When": {
        **dict.fromkeys(("failfirst", "firstn", "failcount", "failrequestcount"), "first"),
        **dict.fromkeys(("nth", "everynth"), "every"),
        **dict.fromkeys(("after", "succeedfirst", "from"), "from_n"),
        **dict.fromkeys(("to", "until"), "to_n"),
        **dict.fromkeys(("gilbertelliott", "bursts"), "burst"),
        **dict.fromkeys(("windows", "outage", "schedule"), "window"),
        **dict.fromkeys(("degradation", "brownout"), "ramp"),
    },
    "Chaos": {
        **dict.fromkeys(("profile", "presets", "experiments"), "profiles"),
        **dict.fromkeys(("on", "enabled", "default"), "active"),
        **dict.fromkeys(("scenario", "schedule", "steps", "phases"), "stages"),
        **dict.fromkeys(("repeat", "cycle"), "loop"),
        **dict.fromkeys(("header", "showheader"), "reveal"),
        **dict.fromkeys(("headers", "headerfaults"), "request_headers"),
        **dict.fromkeys(("maxactivefaults", "maxconcurrent"), "max_active"),
    },
    "Profile": {
        **dict.fromkeys(("endpoint", "path", "paths", "routes"), "endpoints"),
        **dict.fromkeys(("group", "tag", "tags"), "groups"),
        **dict.fromkeys(("delay", "delayms", "latency"), "latency_ms"),
        **dict.fromkeys(("errorrate", "errorprobability", "failrate", "probability"), "failure_rate"),
        **dict.fromkeys(("error", "errorstatus", "status"), "failure"),
        **dict.fromkeys(("fault", "toxics"), "faults"),
    },
    "LiveRule": {
        **dict.fromkeys(("profiles", "preset"), "profile"),
        **dict.fromkeys(("duration", "fors", "ttls", "expiresin"), "ttl"),
        **dict.fromkeys(("id", "title", "label"), "name"),
    },
    "Stage": {
        **dict.fromkeys(("duration", "durations", "for", "length", "seconds"), "for_s"),
        **dict.fromkeys(("profiles", "active", "use"), "profile"),
    },
    "RequestHeaders": {
        **dict.fromkeys(("faults", "allow", "allowed", "kind"), "kinds"),
        **dict.fromkeys(("probability", "maxpercentage", "percentage"), "max_probability"),
        **dict.fromkeys(("maxdelayms", "maxlatency", "maxdelay"), "max_latency_ms"),
    },
    "Outage": dict.fromkeys(("toxicity", "percentage", "rate"), "probability") | {"fault": "faults"},
    "Failure": {
        **dict.fromkeys(("statuscode", "code"), "status"),
        **dict.fromkeys(("response", "json", "message", "error"), "body"),
    },
    "Expect": {
        **dict.fromkeys(("attempts", "maxretries", "retrylimit", "maxtries"), "max_attempts"),
        **dict.fromkeys(("retryafter", "respectsretryafter", "honorretryafter"), "honors_retry_after"),
        "timeout": "timeout_s",
        **dict.fromkeys(("circuitbreaker", "breakers"), "breaker"),
        **dict.fromkeys(("idempotencykey", "idempotent"), "idempotency_keys"),
        **dict.fromkeys(("concurrency", "maxconcurrency"), "max_in_flight"),
    },
    "ReportSettings": {
        **dict.fromkeys(("per", "clients", "clientby"), "client"),
        **dict.fromkeys(("timeouts", "slow"), "slow_s"),
        **dict.fromkeys(("safe", "safepaths", "idempotentpaths"), "idempotent"),
    },
    "Occasion": dict.fromkeys(("toxicity", "chance", "percentage", "rate", "likelihood"), "probability")
    | {"schedule": "when", "condition": "when", "conditions": "when"},
    "latency": dict.fromkeys(
        ("delay", "delayms", "latencyms", "fixeddelaymilliseconds", "forms", "duration"), "ms"
    ),
    "hang": dict.fromkeys(("ms", "timeout", "timeoutms", "delay", "duration"), "for_ms"),
    "stall": {
        **dict.fromkeys(("after", "bytes", "at"), "after_bytes"),
        **dict.fromkeys(("ms", "delay", "duration"), "for_ms"),
    },
    "dribble": {
        **dict.fromkeys(("numberofchunks", "count", "pieces"), "chunks"),
        **dict.fromkeys(("totalduration", "ms", "duration"), "over_ms"),
    },
    "bandwidth": dict.fromkeys(("bytespersecond", "bps", "limit", "speed"), "bytes_per_s"),
    "error": {
        **dict.fromkeys(("statuscode", "code", "httpstatus", "errorstatus"), "status"),
        **dict.fromkeys(("response", "json", "message", "error"), "body"),
        **dict.fromkeys(("statuses", "weights"), "mix"),
        **dict.fromkeys(("retryafter", "retryafterseconds"), "retry_after_s"),
    },
    "truncate": {
        **dict.fromkeys(("after", "bytes", "at"), "after_bytes"),
        **dict.fromkeys(("share", "percent", "ratio", "truncatebodyatfraction"), "fraction"),
    },
    "reset": dict.fromkeys(("after", "bytes", "at"), "after_bytes"),
    "content_length": dict.fromkeys(("add", "delta", "bytes"), "add_bytes"),
    "garbage": dict.fromkeys(("size", "count", "length"), "bytes"),
    "corrupt": dict.fromkeys(("size", "count"), "bytes"),
    "fragment": dict.fromkeys(("size", "bytes"), "chunk_bytes") | dict.fromkeys(("ms", "delay"), "gap_ms"),
    "slow_close": dict.fromkeys(("ms", "duration"), "for_ms"),
    "stale_connection": dict.fromkeys(("ms", "after", "delay"), "after_ms"),
    "Static": {
        **dict.fromkeys(("dir", "directory", "root"), "folder"),
        **dict.fromkeys(("url", "prefix"), "path"),
    },
    "Callback": dict.fromkeys(("json", "data", "payload"), "response"),
    "RateLimit": {
        **dict.fromkeys(("requests", "max", "rate", "quota", "count", "use", "calls"), "limit"),
        **dict.fromkeys(("window", "period", "interval", "seconds", "resettimewindowseconds"), "window_s"),
        **dict.fromkeys(("key", "keyby", "by", "partition"), "per"),
        **dict.fromkeys(("type", "kind", "strategy"), "algorithm"),
        **dict.fromkeys(("bucket", "capacity", "bucketsize"), "burst"),
        **dict.fromkeys(("weight", "costperrequest"), "cost"),
    },
    "StateChange": dict.fromkeys(("requires", "from", "in"), "required") | {"to": "next"},
    "Validate": dict.fromkeys(("schema", "jsonschema", "json"), "body"),
    "Verification": dict.fromkeys(("times", "count", "calls"), "exactly"),
    "BodyFile": dict.fromkeys(("file", "name", "filename"), "path"),
    "RegexPath": dict.fromkeys(("pattern", "re", "regexp"), "regex"),
    "Latency": {
        **dict.fromkeys(("range", "between"), "uniform"),
        **dict.fromkeys(("gaussian", "gauss", "bell"), "normal"),
        **dict.fromkeys(("quantiles", "histogram"), "percentiles"),
        **dict.fromkeys(("file", "samples", "empirical", "trace"), "recorded"),
        **dict.fromkeys(("min", "minimum", "lower"), "min_ms"),
        **dict.fromkeys(("max", "maximum", "upper"), "max_ms"),
    },
    "Capacity": {
        **dict.fromkeys(("workers", "threads", "servers", "maxconcurrent", "maxconcurrency"), "concurrency"),
        **dict.fromkeys(("queuesize", "maxqueue", "backlog", "waiting"), "queue"),
        **dict.fromkeys(("service", "servicetime", "latencyms", "latency", "delayms"), "service_ms"),
        **dict.fromkeys(("shed", "reject", "rejection", "onfull", "full"), "overflow"),
    },
    "Overflow": {
        **dict.fromkeys(("statuscode", "code"), "status"),
        **dict.fromkeys(("response", "json", "message", "error"), "body"),
    },
    "Normal": {
        **dict.fromkeys(("mu", "average", "meanms"), "mean"),
        **dict.fromkeys(("sd", "std", "sigma", "deviation", "standarddeviation"), "stddev"),
    },
    "Lognormal": {**dict.fromkeys(("sd", "std", "stddev"), "sigma"), "medianms": "median"},
    "Cors": {**dict.fromkeys(("origin", "alloworigins"), "origins"), "maxage": "max_age_s"},
}
_OF_A_DOCUMENT = ("info", "paths", "components", "servers", "webhooks", "definitions", "swagger", "basePath")
DEEPER: dict[str, dict[str, str]] = {  # model → key → where it is to stand
    "Config": dict.fromkeys(
        _OF_A_DOCUMENT,
        "an OpenAPI document, a file of its own that begins with `openapi: 3.1.0`; a config names it, as in"
        " `openapi: api.yaml`",
    )
    | dict.fromkeys(
        ("interactions", "http_interactions"), "a cassette of VCR's: `understudy replay FILE` answers from it"
    ),
    "OpenApi": dict.fromkeys(
        ("openapi", *_OF_A_DOCUMENT),
        "the document itself, a file of its own, as in `openapi: {spec: api.yaml}`",
    ),
    "Auth": dict.fromkeys(
        ("api_key", "basic", "bearer", "jwt", "session", "oauth"),
        "a scheme, as in `auth: {schemes: {main: {…}}}`",
    ),
    "Validate": dict.fromkeys(
        ("type", "required", "properties", "items", "additionalProperties", "$ref"),
        "a schema, as in `validate: {body: {…}}`",
    ),
    "Expected": dict.fromkeys(
        ("query", "headers", "cookies", "body", "form", "jwt"), "conditions, as in `match: {query: {…}}`"
    ),
    "Connections": dict.fromkeys(
        ("slow_accept", "silent", "close", "reset", "refuse", "refused", "black_hole", "down"),
        "`faults`, as in `connections: {faults: [{kind: reset}]}`",
    ),
}
DATA = {"BodyConditions": "the body's JSON, as in `body: {json: {…}}`"}
"""What keys belong to that are a client's data rather than ours."""
PARAMETER_ALIASES = {
    **dict.fromkeys(("integer", "number", "num", "long"), "int"),
    **dict.fromkeys(("string", "text", "any"), "str"),
    **dict.fromkeys(("double", "decimal"), "float"),
    **dict.fromkeys(("guid", "id"), "uuid"),
    **dict.fromkeys(("rest", "all", "wildcard"), "path"),
    **dict.fromkeys(("datetime", "day"), "date"),
}

_UNITS = {"ms": 1, "s": 1000, "sec": 1000, "m": 60_000, "min": 60_000}
_IN_MS = frozenset({"ms", "uniform", "exponential", "mean", "stddev", "median", "p99"})
_SHARES = frozenset({"probability", "max_probability"})
_QUANTITY = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-z%]*)", re.IGNORECASE)


def nearest(word: str, words: Collection[str], cutoff: float = 0.6) -> str | None:
    """The one of `words` that is spelled most like `word`."""
    matches = get_close_matches(word[:100], list(words), 1, cutoff)
    return matches[0] if matches else None


def nearest_all(word: str, words: Collection[str], most: int = 3) -> list[str]:
    """Those of `words` that are spelled most like `word`, the likeliest first."""
    return get_close_matches(word[:100], list(words)[:10_000], most, 0.5)


def foreign_key(key: str, models: Collection[str], keys: Collection[str]) -> str | None:
    """The one of `keys` that other tools, or other habits, call `key`."""
    bare = re.sub(r"[_\-\s]", "", key).lower()
    for model in models:
        ours = FOREIGN.get(model, {}).get(bare)
        if ours in keys:
            return ours
    return {re.sub(r"[_$]", "", ours): ours for ours in keys}.get(bare)


def deeper(key: str, models: Collection[str]) -> str | None:
    """What a key belongs to that stands one level too high."""
    return next((DEEPER[model][key] for model in models if key in DEEPER.get(model, ())), None)


def near_key(key: str, keys: Collection[str]) -> str | None:
    """The one of `keys` that is spelled most like `key`."""
    plain = {re.sub(r"[_$]", "", ours): ours for ours in keys}
    bare = re.sub(r"[_\-\s]", "", key).lower()
    return nearest(key.lower(), keys, 0.65) or plain.get(nearest(bare, plain, 0.75) or "")


def instead(value: Any, key: str) -> Iterator[Any]:
    """Values that may be meant by `value` under `key`, likeliest first. The caller keeps those that fit."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "yes", "on", "y", "enabled", "1"):
            yield True
        if word in ("false", "no", "off", "n", "disabled", "0"):
            yield False
        if key == "faults":
            yield {"kind": value}
        match = _QUANTITY.fullmatch(word)
        if match:
            amount, unit = float(match[1]), match[2]
            if unit == "%":
                amount /= 100
            elif unit in _UNITS and (key.endswith("_ms") or key in _IN_MS):
                amount *= _UNITS[unit]
            elif unit in _UNITS and key.endswith("_s"):
                amount *= _UNITS[unit] / 1000
            elif unit:
                return
            yield int(amount) if amount.is_integer() else amount
    elif isinstance(value, bool):
        yield "true" if value else "false"
        if key == "failure_rate":
            yield int(value)
    elif isinstance(value, int | float):
        if isinstance(value, float) and value.is_integer():
            yield int(value)
        if value in (0, 1):
            yield bool(value)
        if (key.endswith("_rate") or key in _SHARES) and 1 < value <= 100:
            yield value / 100
        if key == "rate_limit":
            yield f"{value}/minute"
        yield json.dumps(value)
    elif isinstance(value, list):
        if len(value) == 2 and (key.endswith("_ms") or key == "ms"):
            yield {"uniform": value}
        if len(value) == 1:
            yield value[0]
    if not isinstance(value, list):
        yield [value]
