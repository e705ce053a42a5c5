"""Writes the reference pages that are made from the code: run by `make docs`.

A generator returns the whole text of its file; `tests/test_generated.py` compares it with the committed one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from msgspec import NODEFAULT, UNSET, Struct, inspect

from understudy.cli.schema import schema_text
from understudy.contract.diff.checks import CHECKS as DIFF_CHECKS
from understudy.contract.findings import CONTRACT
from understudy.load.limits import MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, MAX_INCLUDE_DEPTH
from understudy.load.words import describe
from understudy.model import (
    Access,
    ApiKey,
    Auth,
    Bearer,
    Behaviour,
    BodyConditions,
    BodyFile,
    Cache,
    Callback,
    CallbackWhen,
    Capacity,
    Choice,
    Client,
    Config,
    Cors,
    Endpoint,
    Expect,
    Failure,
    ForwardProxy,
    GraphqlConditions,
    Jwt,
    Latency,
    LimitHeaderNames,
    LimitHeaders,
    LimitReply,
    Limits,
    Log,
    Lognormal,
    Match,
    Normal,
    OpenApi,
    Operators,
    Overflow,
    PartConditions,
    Provider,
    Proxy,
    RateLimit,
    Record,
    RecordMatch,
    Redact,
    Refusal,
    RegexPath,
    ReportSettings,
    Resource,
    Responses,
    Retries,
    Scenario,
    Scheme,
    Session,
    Signature,
    State,
    StateChange,
    Static,
    Templating,
    Tls,
    User,
    Users,
    Validate,
)
from understudy.model.chaos import Chaos, Outage, Profile, RequestHeaders, Stage
from understudy.model.connections import ConnectionFault, Connections
from understudy.model.endpoint import PARAMETER_TYPES
from understudy.model.proxy import Reaching
from understudy.model.schedule import Burst, Cron, Ramp, When, Window
from understudy.report.checks import CHECKS

DOCS = Path(__file__).parent

SECTIONS: tuple[tuple[type[Struct], str, str, str], ...] = (  # model, heading, where it stands, example
    (
        Config,
        "The config",
        "The top of the file.",
        "port: 8000\ncors: true\nendpoints:\n  - path: /hello\n    response: { message: Hello }\n",
    ),
    (
        Endpoint,
        "An endpoint",
        "An element of `endpoints`. It has one of `response`, `body`, `file`, `base64`, `responses`,"
        " `resource` and `handler`; with"
        " none of them it answers `{}`.",
        "path: /users/{id:int}\nmethod: GET\nstatus: 200\nheaders: { Cache-Control: no-store }\n"
        'response: { id: "{{ params.id }}", name: Ada }\nlatency_ms: 100\nfailure_rate: 0.1\n',
    ),
    (
        Behaviour,
        "Defaults",
        "The long form of `defaults`. In an included file it holds for the endpoints of that file, before"
        " those of the file that includes it.",
        "defaults:\n  latency_ms: 20\n  headers: { X-Served-By: understudy }\n",
    ),
    (
        OpenApi,
        "An OpenAPI document",
        "The long form of `openapi`, or of an element of it.",
        "openapi:\n  spec: petstore.yaml\n  prefix: /api\n  stateful: true\n  validate: warn\n"
        "  operations:\n    listPets: { latency_ms: 300 }\n",
    ),
    (
        RegexPath,
        "A path as a regular expression",
        "The long form of `path`.",
        'path: { regex: "^/v[12]/x$" }\n',
    ),
    (
        Match,
        "Conditions on a request",
        "The long form of `match`; also an element of its `all` and `any`, and its `not`.",
        "match:\n  query: { page: { gt: 1 } }\n  headers: { X-Tenant: acme }\n"
        "  body: { json: { kind: gift } }\n",
    ),
    (
        Operators,
        "Conditions on a value",
        "The long form of a condition; the short form is the value itself.",
        'match:\n  query:\n    q: { starts_with: "ab", ignore_case: true }\n    debug: { absent: true }\n',
    ),
    (
        BodyConditions,
        "Conditions on a body",
        "The long form of `body` in `match`; the short form is the whole body as text.",
        'match:\n  body:\n    json: { customer: { name: "#string" } }\n'
        '    json_path: { "$.total": { gte: 10 } }\n',
    ),
    (
        PartConditions,
        "Conditions on a part",
        "The value of `multipart` in `match`, or an element of it.",
        "match:\n  multipart:\n    - { name: avatar, filename: { ends_with: .png } }\n"
        "    - { name: profile, body: { json: { public: true } } }\n",
    ),
    (
        GraphqlConditions,
        "Conditions on a GraphQL call",
        "The value of `graphql` in `match`.",
        "match:\n  graphql: { operation: GetUser, type: query, variables: { id: 7 } }\n",
    ),
    (
        Responses,
        "Several responses",
        "The long form of `responses`; the short form is the list alone.",
        "responses:\n  mode: sequence\n  then: cycle\n  choices:\n    - { status: 503 }\n"
        "    - { response: { ok: true } }\n",
    ),
    (
        Choice,
        "One of several responses",
        "An element of `responses`.",
        "responses:\n  - status: 503\n    headers: { Retry-After: 1 }\n    response: { error: try later }\n"
        "    weight: 2\n",
    ),
    (
        Resource,
        "A resource",
        "The long form of `resource`; the short form is the name of the collection.",
        "resource:\n  collection: users\n  id_type: uuid\n  schema: { required: [name] }\n",
    ),
    (
        StateChange,
        "State of an endpoint",
        "The value of an endpoint's `state`.",
        "path: /checkout\nmethod: POST\nstate:\n  scenario: checkout\n  required: filled\n  next: paid\n"
        '  set: { last_order: "{{ body.id }}" }\n  add: { orders: 1 }\n',
    ),
    (
        State,
        "State",
        "The value of `state` at the top of the config.",
        "state:\n  store: state.db\n  per: cookie:session\n  variables: { cart: [] }\n",
    ),
    (
        Scenario,
        "A scenario",
        "A value in `scenarios`; the short form is its initial state.",
        "state:\n  scenarios:\n    checkout: { initial: empty, states: [empty, filled, paid] }\n",
    ),
    (
        Validate,
        "Validation",
        "The long form of `validate`; the short form is the path of the body's schema.",
        "validate:\n  body: { type: object, required: [id] }\n"
        "  query: { properties: { page: { type: integer } } }\n  mode: warn\n",
    ),
    (
        Refusal,
        "The reply to an invalid request",
        "The value of `response` in `validate`.",
        "validate:\n  query: { required: [key] }\n"
        '  response: { status: 400, response: { errors: "{{ violations }}" } }\n',
    ),
    (
        Cache,
        "A cached reply",
        "The long form of `cache`; the short form is `max_age_s` alone.",
        "cache: { max_age_s: 60, visibility: public, vary: [Accept-Language] }\n",
    ),
    (
        RateLimit,
        "A rate limit",
        "The long form of `rate_limit`, and a value in `rate_limits`; the short form is a rate or a name.",
        "rate_limit:\n  limit: 100\n  window_s: 60\n  algorithm: token_bucket\n  burst: 20\n"
        "  per: header:X-Api-Key\n",
    ),
    (
        LimitHeaders,
        "Headers of a rate limit",
        "The long form of `headers` of a rate limit; the short form is the style.",
        "rate_limit:\n  limit: 10/s\n  headers: { style: x-ratelimit, reset: epoch, show_from: 0.8 }\n",
    ),
    (
        LimitHeaderNames,
        "Names of these headers",
        "The value of `names` in `headers` of a rate limit.",
        "rate_limit:\n  limit: 10/s\n  headers:\n    style: x-ratelimit\n"
        "    names: { limit: X-Quota, remaining: X-Quota-Left, reset: X-Quota-Reset }\n",
    ),
    (
        LimitReply,
        "The reply above a rate limit",
        "The value of `response` in a rate limit.",
        "rate_limit:\n  limit: 10/s\n  response:\n    status: 503\n"
        '    response: { error: slow down, again_in_s: "{{ rate_limit.retry_after_s }}" }\n',
    ),
    (
        Auth,
        "Auth",
        "The value of `auth` at the top of the config.",
        "auth:\n  schemes:\n    main: { bearer: t-123 }\n",
    ),
    (
        Access,
        "Who may ask",
        "The long form of an endpoint's `auth`; the short forms are a name, several, `true` and `false`.",
        "auth:\n  schemes:\n    main: { bearer: { tokens: { t-1: { scope: write } } } }\nendpoints:\n"
        "  - path: /orders\n    auth: { use: main, scopes: [write] }\n",
    ),
    (
        Scheme,
        "A scheme",
        "A value in `schemes` of `auth`.",
        "auth:\n  schemes:\n    main: { api_key: k-123, realm: shop }\n",
    ),
    (
        ApiKey,
        "An API key",
        "The long form of `api_key`; the short form is a key, or a list of them.",
        "auth:\n  schemes:\n    main:\n      api_key: { cookie: key, keys: [k-1, k-2] }\n",
    ),
    (
        Users,
        "User names and passwords",
        "The value of `basic`.",
        "auth:\n  schemes:\n    main:\n      basic: { users: { ada: secret } }\n",
    ),
    (
        User,
        "A user",
        "A value in `users`; the short form is the password.",
        "auth:\n  schemes:\n    main:\n      basic:\n        users:\n"
        "          ada: { password: secret, claims: { role: admin } }\n",
    ),
    (
        Bearer,
        "Fixed tokens",
        "The long form of `bearer`; the short form is a token, or a list of them.",
        "auth:\n  schemes:\n    main:\n      bearer: { tokens: { t-1: { sub: ada } } }\n",
    ),
    (
        Jwt,
        "Signed tokens",
        "The long form of `jwt`; the short form is `own`.",
        'auth:\n  schemes:\n    main:\n      jwt: { secret: "${JWT_SECRET:-secret}", audience: api }\n',
    ),
    (
        Session,
        "Sessions",
        "The value of `session`.",
        "auth:\n  schemes:\n    web:\n      session: { users: { ada: secret }, ttl: 30m }\n",
    ),
    (
        Provider,
        "A provider of tokens",
        "The value of `provider` in `auth`.",
        "auth:\n  provider:\n    clients: { shop: s3cret }\n    users: { ada: secret }\n    login: form\n",
    ),
    (
        Client,
        "A client",
        "A value in `clients` of a provider; the short form is its secret.",
        "auth:\n  provider:\n    clients:\n"
        '      app: { public: true, redirect_uris: ["http://127.0.0.1/callback"] }\n',
    ),
    (
        Latency,
        "A drawn latency",
        "The long form of `latency_ms`, and of every other time that may be drawn.",
        "latency_ms: { lognormal: { median: 80, p99: 900 }, max_ms: 5000 }\n",
    ),
    (
        Normal,
        "A normal distribution",
        "The value of `normal` in a drawn latency.",
        "latency_ms: { normal: { mean: 100, stddev: 20 } }\n",
    ),
    (
        Lognormal,
        "A lognormal distribution",
        "The value of `lognormal` in a drawn latency.",
        "latency_ms: { lognormal: { median: 80, sigma: 0.4 } }\n",
    ),
    (
        Capacity,
        "Capacity",
        "The long form of `capacity`, and a value in `capacities`; the short form is `concurrency` alone.",
        "capacity: { concurrency: 10, queue: 50, service_ms: { exponential: 80 } }\n",
    ),
    (
        Overflow,
        "A reply to what is shed",
        "The long form of `overflow`; the short form is its status.",
        "capacity:\n  concurrency: 10\n  service_ms: 80\n"
        "  overflow: { status: 503, headers: { Retry-After: 2 }, body: { error: busy } }\n",
    ),
    (
        Failure,
        "A failure",
        "The long form of `failure`; the short form is its status.",
        "failure_rate: 0.2\nfailure:\n  status: 503\n  headers: { Retry-After: 1 }\n"
        "  body: { error: try later }\n",
    ),
    (
        Templating,
        "A language of templates",
        "The long form of `templates`.",
        "path: /hello\ntemplates: { language: wiremock, parameters: { greeting: Hello } }\n"
        'body: "{{parameters.greeting}} {{request.query.name}}"\n',
    ),
    (
        Callback,
        "A callback",
        "An element of `callbacks`; the short form is its `url`.",
        "callbacks:\n  - url: http://localhost:3000/hook\n    delay_ms: 500\n"
        '    response: { event: paid, id: "{{ reply.body.id }}" }\n',
    ),
    (
        CallbackWhen,
        "When a callback is sent",
        "The value of `when` of a callback.",
        "callbacks:\n  - { url: /hook, when: { status: 2xx } }\n",
    ),
    (
        Retries,
        "Retries of a callback",
        "The long form of `retries`; the short form is how often it is sent again.",
        "callbacks:\n  - { url: /hook, retries: { attempts: 5, backoff_ms: 200, on: [5xx, error] } }\n",
    ),
    (
        Signature,
        "A signature",
        "The value of `sign` of a callback.",
        "callbacks:\n  - { url: /hook, response: 1, sign: { secret: whsec, scheme: stripe } }\n",
    ),
    (
        BodyFile,
        "A body file",
        "The long form of `file`.",
        "file: { path: bodies/hello.html, template: true }\n",
    ),
    (
        When,
        "When a fault strikes",
        "The value of `when` of a fault, an outage or a fault of connections.",
        "faults:\n  - { kind: reset, when: { first: 2, per: client } }\n",
    ),
    (
        Burst,
        "Bursts",
        "The value of `burst` in `when`.",
        "faults:\n  - { kind: error, when: { burst: { good: 50, bad: 5 } } }\n",
    ),
    (
        Window,
        "A window of time",
        "The value of `window` in `when`, or an element of it.",
        "faults:\n  - { kind: error, when: { window: { after_s: 30, for_s: 10, every_s: 60 } } }\n",
    ),
    (
        Cron,
        "Times of the day",
        "The value of `cron` in `when`, or an element of it.",
        'faults:\n  - { kind: error, when: { cron: { at: "*/10 * * * *", for_s: 30 } } }\n',
    ),
    (
        Ramp,
        "A ramp",
        "The value of `ramp` in `when`.",
        "faults:\n  - { kind: error, when: { ramp: { end: 0.5, over_s: 60 } } }\n",
    ),
    (
        Outage,
        "An outage",
        "A value of `outages`. Endpoints name it by `outage`.",
        "outages:\n  database: { when: { window: { after_s: 60, for_s: 10 } }, faults: [reset] }\n"
        "endpoints:\n  - { path: /orders, outage: database }\n",
    ),
    (
        Chaos,
        "Faults that are switched on and off",
        "The value of `chaos`.",
        "chaos:\n  profiles:\n    slow: { latency_ms: 800 }\n  active: slow\n",
    ),
    (
        Profile,
        "A profile",
        "A value of `profiles` in `chaos`.",
        "chaos:\n  profiles:\n"
        "    flaky: { groups: orders, failure_rate: 0.2, faults: [{ kind: reset, probability: 0.1 }] }\n"
        "endpoints:\n  - { path: /orders, group: orders }\n",
    ),
    (
        Stage,
        "A stage",
        "An element of `stages` in `chaos`.",
        "chaos:\n  profiles:\n    slow: { latency_ms: 800 }\n"
        "  stages: [{ for_s: 60 }, { for_s: 30, profile: slow }]\n",
    ),
    (
        RequestHeaders,
        "What clients may ask for",
        "The long form of `request_headers` in `chaos`.",
        "chaos:\n  request_headers: { kinds: [error], max_probability: 0.5 }\n",
    ),
    (
        Connections,
        "Connections",
        "The value of `connections`.",
        "connections:\n  max_requests: 100\n  faults: [{ kind: reset, probability: 0.1 }]\n",
    ),
    (
        ConnectionFault,
        "A fault of connections",
        "An element of `faults` in `connections`.",
        "connections:\n  faults: [{ kind: slow_accept, for_ms: 2000, when: { first: 3 } }]\n",
    ),
    (
        Cors,
        "Cross-origin requests",
        "The long form of `cors`.",
        'cors: { origins: ["http://localhost:3000"] }\n',
    ),
    (Static, "A static folder", "The long form of `static`.", "static: { folder: public, path: /assets }\n"),
    (Log, "The log", "The value of `log`.", "log: { max_entries: 1000 }\n"),
    (
        ReportSettings,
        "The report",
        "The value of `report`.",
        'report: { client: "header:X-Client", idempotent: [/graphql] }\n',
    ),
    (
        Expect,
        "Expectations",
        "The value of `expect`. What stands in a call of `/__report` goes before it.",
        "expect: { max_attempts: 4, backoff: exponential, jitter: true, timeout_s: [0.5, 5] }\n",
    ),
    (
        Proxy,
        "A proxy",
        "The long form of `proxy`, in an endpoint or at the top.",
        "proxy: { target: https://api.example.com, headers: { X-Forwarded-By: understudy } }\n",
    ),
    (
        Tls,
        "TLS of other servers",
        "The value of `tls` in `proxy`.",
        "proxy: { target: https://localhost:8443, tls: { verify: false } }\n",
    ),
    (
        ForwardProxy,
        "Being a proxy",
        "The long form of `forward_proxy`.",
        "forward_proxy: { hosts: [api.example.com], others: refuse }\nrecord: recordings\n",
    ),
    (
        Record,
        "Recordings",
        "The long form of `record`, in an endpoint or at the top.",
        "proxy: https://api.example.com\nrecord: { folder: recordings, mode: once, latency: recorded }\n",
    ),
    (
        RecordMatch,
        "What counts when a recording is looked for",
        "The value of `match` in `record`.",
        "proxy: https://api.example.com\n"
        "record: { match: { headers: [Accept], ignore_query: [_], ignore_body: [request_id] } }\n",
    ),
    (
        Redact,
        "What is secret",
        "The long form of `redact` in `record`.",
        "proxy: https://api.example.com\nrecord: { redact: { fields: [ssn], keep: [page_token] } }\n",
    ),
    (Limits, "Limits", "The value of `limits`.", "limits: { max_body_bytes: 1048576, idle_timeout_s: 5 }\n"),
)
LINKS = {model: heading.lower().replace(" ", "-") for model, heading, _, _ in SECTIONS}


def configuration() -> str:
    """The reference of the config language: one table per object, from the models."""
    parts = [_introduction()]
    for model, heading, where, example in SECTIONS:
        parts += [f"## {heading}\n", f"{model.__doc__} {where}\n", f"```yaml\n{example}```\n", _table(model)]
    parts.append(_more())
    return "\n".join(parts)


def _introduction() -> str:
    return """# Configuration

One file says what is served: JSON, YAML or TOML, which are the same language. Only `path` is required,
in each endpoint. An unknown key is an error that names the nearest known one.

- `understudy check FILE` lists every mistake with its line.
  [`understudy.schema.json`](understudy.schema.json), or `understudy schema`, lets your editor do so
  while you type.
- `understudy init` writes a commented file to start from.
- Many values have a short and a long form: `latency_ms: 100` or `latency_ms: {uniform: [50, 200]}`.

<!-- made by `make docs` from src/understudy/model: edit the descriptions there -->
"""


def _more() -> str:
    types = ", ".join(f"`{name}`" for name in PARAMETER_TYPES)
    return f"""## Paths

| written | takes |
| --- | --- |
| `/api/users` | this path |
| `/users/{{id}}` | any one segment, which templates see as `params.id` |
| `/users/{{id:int}}` | a segment of a type: {types} |
| `/files/{{rest:path}}` | the rest of the path, slashes included |
| `/v*/ping` | `*` stands for any text within a segment |
| `/static/**` | the rest of the path, without a name |
| `{{regex: "^/v[12]/x$"}}` | what the expression matches as a whole |

Of several endpoints that match, the highest `priority` answers; then the more specific path: literal, typed
parameter, parameter, wildcard; then the first in the file.

## More files

`include` adds files, relative to the file it stands in and below the main config's folder.
`endpoints/*.yaml` takes all files that match in the order of their names, and notices new ones. An
included file is a list of endpoints, one endpoint, or an object with `endpoints`, `defaults`,
`database` (named collections) and `include`. Its endpoints come after those of the file that includes
it. Every other key stands in the main file.

`database` may be a file as well: a list of records, or an object of named lists. It is looked for in
the config's folder, then in the working directory. The files of `file` and `static` are below the
config's folder.

## Environment variables

Any text may hold `${{NAME}}`, or `${{NAME:-default}}` for a variable that is not set or is empty.
`$${{` is a literal `${{`, and `${{{{` is a dollar sign before a template. A text that is nothing but
one variable becomes a number or a boolean where no text is accepted: `port: "${{PORT:-8000}}"`. Values
do not appear in messages.

## Formats

- **JSON** has no comments, and a key may stand once.
- **YAML** is read as the JSON it looks like: `yes`, `no`, `on`, `off`, dates and numbers with leading
  zeros are text, keys are always text, and only plain data is read. Templates are put in quotes.
- **TOML** dates and times become text.

The suffix says which it is; other names are told by their content. Files are UTF-8 of at most
{MAX_FILE_BYTES // 2**20} MB, nested at most {MAX_DEPTH} deep; at most {MAX_FILES:,} files include each
other over at most {MAX_INCLUDE_DEPTH} levels.
"""


SHARED: dict[type[Struct], type[Struct]] = {Endpoint: Behaviour, Proxy: Reaching, ForwardProxy: Reaching}
"""Models and what they share with others."""


def _table(model: type[Struct], names: list[str] | None = None, root: str = "") -> str:
    """The keys of a model, or those with some names; `root` leads to docs/ from a page elsewhere."""
    links = f"{root}reference/configuration.md" if root else ""
    lines = ["| key | value | default | what it does |", "| --- | --- | --- | --- |"]
    info = inspect.type_info(model)
    assert isinstance(info, inspect.StructType)
    base = SHARED.get(model)
    inherited = () if base is None else base.__struct_fields__
    # What a model is about comes before what it shares with others.
    fields = sorted(info.fields, key=lambda field: field.name in inherited)
    for field in fields:
        if names is not None and field.encode_name not in names:
            continue
        description, examples = _about(field.type)
        example = ", ".join(f"`{json.dumps(item, ensure_ascii=False)}`" for item in examples)
        cells = (
            f"`{field.encode_name}`",
            _value(field.type, links),
            _default(field),
            description + (f" For example {example}." if example else ""),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _about(kind: inspect.Type) -> tuple[str, list[Any]]:
    extra = (kind.extra_json_schema or {}) if isinstance(kind, inspect.Metadata) else {}
    return extra.get("description", ""), extra.get("examples", [])


def _value(kind: inspect.Type, page: str = "") -> str:
    bare = kind.type if isinstance(kind, inspect.Metadata) else kind
    if isinstance(bare, inspect.ListType) and isinstance(bare.item_type, inspect.StructType):
        return f"a list of [objects]({page}#{LINKS[bare.item_type.cls]})"
    models = [
        f"[an object]({page}#{LINKS[part.cls]})"
        for part in _parts(kind)
        if isinstance(part, inspect.StructType)
    ]
    text = describe(kind)
    if not models:
        return text
    plain = [describe((part,)) for part in _parts(kind) if not isinstance(part, inspect.StructType)]
    lists = [part for part in _parts(kind) if isinstance(part, inspect.ListType)]
    if lists:
        plain = [text for text in plain if not text.startswith("a list of")]
        models.append("a list of these")
    return _joined([*plain, *models])


def _parts(kind: inspect.Type) -> Iterator[inspect.Type]:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    for part in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
        yield part.type if isinstance(part, inspect.Metadata) else part


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " or " + parts[-1]


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**required**"
    if field.default_factory is not NODEFAULT:
        made = field.default_factory()
        return "" if isinstance(made, Struct) else f"`{json.dumps(made)}`"
    if field.default is NODEFAULT or field.default is UNSET or field.default is None:
        return ""
    return f"`{json.dumps(field.default)}`"


def contract_checks() -> str:
    """The reference of what `check --against` and `diff` may find, from the code's own tables."""
    lines = [
        "# Contract checks",
        "",
        "What [contract checks](../contract-checks.md) may find.",
        "",
        "<!-- made by `make docs` from src/understudy/contract: edit the texts there -->",
        "",
        "## `understudy check --against`",
        "",
        "| check | level | what is found |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {check.level} | {check.sentence} |" for name, check in CONTRACT.items()),
        "",
        "`missing-operation` is an error with `--complete`.",
        "",
        "## `understudy diff`",
        "",
        "| check | level | what has changed |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {check.level} | {check.sentence} |" for name, check in DIFF_CHECKS.items()),
        "",
    ]
    return "\n".join(lines)


def _neighbour(name: str) -> Any:
    """A module beside this file, which is no package."""
    specification = spec_from_file_location(name, DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


FAULT_PAGES = _neighbour("generate_faults")


def report_checks() -> str:
    """The reference of the report's checks: one table, from the code's own."""
    lines = [
        "# Checks of the report",
        "",
        "What [the report on the client](../report.md) may find, and what to do about it. A finding says it"
        " with numbers.",
        "",
        "<!-- made by `make docs` from src/understudy/report/checks.py: edit the texts there -->",
        "",
        "| check | severity | the client … | advice |",
        "| --- | --- | --- | --- |",
    ]
    for name, check in CHECKS.items():
        lines.append(f"| `{name}` | {check.severities} | {check.about} | {check.advice or '–'} |")
    lines += [
        "",
        "Where several alike operations were under way at once, and which requests belong together is a"
        " guess, a finding is one degree less severe, and says so.",
        "",
        "Each [expectation](../report.md#expectations) is a check as well: `expect-max-attempts` and so on,"
        " an error if it is not met, a warning if nothing has put it to the test.",
        "",
    ]
    return "\n".join(lines)


def _neighbour(name: str) -> Any:
    """A module beside this file, which is no package."""
    specification = spec_from_file_location(name, DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


FAULT_PAGES = _neighbour("generate_faults")

GENERATED: tuple[tuple[str, Callable[[], str]], ...] = (  # path below docs/, generator
    ("reference/configuration.md", configuration),
    ("reference/understudy.schema.json", schema_text),
    ("reference/report-checks.md", report_checks),
    ("reference/contract-checks.md", contract_checks),
    *FAULT_PAGES.pages(_table),
)


def main() -> None:
    """Write every generated file that differs."""
    for name, generate in GENERATED:
        path = DOCS / name
        text = generate()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
