"""Files that are made to break whoever reads them: too large, too deep, in circles, in the wrong encoding."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import NamedTuple

LEVELS = 100_000
MANY = 200_000


class Hostile(NamedTuple):
    """A file by its name, and what writes it to a binary stream."""

    name: str
    write: Callable[[object], None]


def _bytes(data: bytes) -> Callable[[object], None]:
    return lambda file: file.write(data)


def _json(value: object) -> Callable[[object], None]:
    return lambda file: file.write(json.dumps(value).encode())


def _sparse(head: bytes, size: int) -> Callable[[object], None]:
    def write(file):
        file.write(head)
        file.truncate(size)

    return write


def _repeated(head: bytes, piece: bytes, count: int, end: bytes) -> Callable[[object], None]:
    def write(file):
        file.write(head)
        block = piece * 1000
        for _ in range(count // 1000):
            file.write(block)
        file.write(end)

    return write


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 50))

PLAIN: dict[str, Hostile] = {
    "100 MB of nothing": Hostile("a.json", _sparse(b"{", 100 * 2**20)),
    "100 MB of nothing in YAML": Hostile("a.yaml", _sparse(b"a: ", 100 * 2**20)),
    "100 MB of text": Hostile("a.txt", _repeated(b"", b"GET https://example.com/a\n", 4_000_000, b"")),
    "60 MB of YAML": Hostile("a.yaml", _repeated(b"a: |\n", b"  text that goes on\n", 3_000_000, b"")),
    "deep lists": Hostile("a.json", _bytes(b"[" * LEVELS + b"]" * LEVELS)),
    "deep objects": Hostile("a.json", _bytes(b'{"a":' * LEVELS + b"1" + b"}" * LEVELS)),
    "deep and open": Hostile("a.json", _bytes(b"[" * LEVELS)),
    "deep YAML": Hostile("a.yaml", _bytes(b"[" * LEVELS + b"]" * LEVELS)),
    "deep YAML by indentation": Hostile("a.yaml", _bytes(b"".join(b" " * n + b"a:\n" for n in range(1000)))),
    "a billion laughs": Hostile("a.yaml", _bytes(LAUGHS.encode())),
    "an alias of itself": Hostile("a.yaml", _bytes(b"openapi: 3.0.0\npaths: &a\n  /a: *a\n")),
    "UTF-16": Hostile("a.json", _bytes('{"openapi": "3.0.0"}'.encode("utf-16"))),
    "UTF-16 without a mark": Hostile("a.json", _bytes('{"openapi": "3.0.0"}'.encode("utf-16-le"))),
    "Latin-1": Hostile("a.json", _bytes('{"openapi": "é"}'.encode("latin-1"))),
    "NUL": Hostile("a.yaml", _bytes(b"openapi: 3.0.0\npaths:\n  /a\0: {}\n")),
    "half a character": Hostile("a.json", _bytes(b'{"openapi": "\\ud800", "paths": {}}')),
    "a number of 200,000 digits": Hostile("a.json", _bytes(b'{"openapi": ' + b"1" * MANY + b"}")),
    "a number of 200,000 digits in YAML": Hostile("a.yaml", _bytes(b"openapi: " + b"1" * MANY)),
    "a number that is too large": Hostile("a.json", _bytes(b'{"openapi": 1e999}')),
    "a million keys": Hostile(
        "a.json", lambda file: file.write(json.dumps({f"key{n}": n for n in range(1_000_000)}).encode())
    ),
    "one key a million times": Hostile(
        "a.json", lambda file: file.write(b"{" + b'"a":1,' * 1_000_000 + b'"a":1}')
    ),
    "a blown-up file": Hostile("a.json", _bytes(gzip.compress(b"0" * 10_000_000))),
    "nothing": Hostile("a.json", _bytes(b"")),
    "white space": Hostile("a.yaml", _bytes(b" \n" * 1_000_000)),
}
"""Files that look like no format, or like any."""


def openapi(paths: object = None, **schemas: object) -> Callable[[object], None]:
    """A document whose operations answer with these schemas, each at a path of its name."""
    made = {
        f"/{name}": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                    }
                },
            }
        }
        for name in schemas
    }
    info = {"title": "t", "version": "1"}
    return _json(
        {"openapi": "3.1.0", "info": info, "paths": made | (paths or {}), "components": {"schemas": schemas}}
    )


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def _bomb(required: bool) -> dict:
    """Schemas that are 2^40 if they are written out."""
    found: dict = {"b40": {"type": "string"}}
    for number in range(40):
        below = _ref(f"b{number + 1}")
        found[f"b{number}"] = {"type": "object", "properties": {"a": below, "b": below}}
        if required:
            found[f"b{number}"]["required"] = ["a", "b"]
    return found


def _deep_schema(levels: int) -> dict:
    schema: dict = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "required": ["a"], "properties": {"a": schema}}
    return schema


OPENAPI: dict[str, Hostile] = {
    "references that multiply": Hostile("a.json", openapi(**_bomb(False))),
    "required references that multiply": Hostile("a.json", openapi(**_bomb(True))),
    "a reference to itself": Hostile("a.json", openapi(a=_ref("a"))),
    "references to what is no address": Hostile(
        "a.json", openapi(a={"$ref": "http://["}, b={"example": {"externalValue": "//[x/a.json"}})
    ),
    "a circle of references": Hostile("a.json", openapi(a=_ref("b"), b=_ref("c"), c=_ref("a"))),
    "a long chain": Hostile(
        "a.json", openapi(**{f"c{n}": _ref(f"c{n + 1}") for n in range(500)}, c500={"type": "string"})
    ),
    "a circle that must be": Hostile(
        "a.json", openapi(a={"required": ["a"], "properties": {"a": _ref("a")}})
    ),
    "all of itself": Hostile("a.json", openapi(a={"allOf": [_ref("a"), {"type": "object"}]})),
    "any of itself": Hostile("a.json", openapi(a={"anyOf": [_ref("a"), {"not": _ref("a")}]})),
    "a path that is itself": Hostile("a.json", openapi({"/p": {"$ref": "#/paths/~1p"}})),
    "paths in a circle": Hostile(
        "a.json", openapi({"/p": {"$ref": "#/paths/~1q"}, "/q": {"$ref": "#/paths/~1p"}})
    ),
    "the whole document as a schema": Hostile("a.json", openapi(a={"$ref": "#"})),
    "a deep schema": Hostile("a.json", openapi(a=_deep_schema(60))),
    "huge data": Hostile(
        "a.json",
        openapi(
            items={"type": "array", "minItems": 10**12, "items": {"type": "string"}},
            most={"type": "array", "maxItems": 10**12, "items": {"type": "string"}},
            grid={
                "type": "array",
                "minItems": 1000,
                "items": {"type": "array", "minItems": 1000, "items": {}},
            },
            text={"type": "string", "minLength": 10**12},
            longest={"type": "string", "maxLength": 10**12},
            names={"type": "object", "minProperties": 10**9},
            pattern={"type": "string", "pattern": "^((a{1000}){1000}){1000}$"},
            number={"type": "integer", "minimum": 10**400},
            step={"type": "number", "multipleOf": 1e-300, "minimum": 1},
            some={"type": "array", "contains": {"type": "integer"}, "minContains": 10**9},
            apart={"type": "array", "uniqueItems": True, "minItems": 1500, "items": {"type": "integer"}},
        ),
    ),
    "patterns that step back": Hostile(
        "a.json",
        openapi(
            plus={"type": "string", "pattern": "^(a+)+$", "minLength": 30},
            ahead={"type": "string", "pattern": "^(?=.*x)(?=.*y)(a|a)*$"},
            back={"type": "string", "pattern": r"^(a*)*\1b$"},
            names={"type": "object", "patternProperties": {"^(a+)+$": {"type": "integer"}}},
        ),
    ),
    "many branches": Hostile(
        "a.json",
        openapi(
            a={
                "allOf": [
                    {"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}, {"required": [f"c{n}"]}]}
                    for n in range(40)
                ]
            },
            b={"oneOf": [{"properties": {f"p{n}": {"type": "integer"}}} for n in range(200)]},
        ),
    ),
    "many properties": Hostile(
        "a.json", openapi(a={"properties": {f"p{n}": {"type": "string"} for n in range(20_000)}})
    ),
    "many operations": Hostile(
        "a.json",
        openapi({f"/p{n}": {"get": {"responses": {"200": {"description": ""}}}} for n in range(60_000)}),
    ),
    "many parameters": Hostile(
        "a.json",
        openapi(
            {
                "/p": {
                    "get": {
                        "parameters": [{"name": f"q{n}", "in": "query", "schema": {}} for n in range(20_000)],
                        "responses": {"200": {"description": ""}},
                    }
                }
            }
        ),
    ),
    "a long path": Hostile("a.json", openapi({"/" + "{a}/" * 20_000: {"get": {"responses": {}}}})),
    "many braces": Hostile("a.json", openapi({"/" + "{" * 20_000: {"get": {"responses": {}}}})),
    "servers that multiply": Hostile(
        "a.json",
        _json(
            {
                "openapi": "3.0.0",
                "info": {},
                "servers": [{"url": "/{a}" * 1000, "variables": {"a": {"default": "x" * 1000}}}] * 1000,
                "paths": {"/a": {"get": {"responses": {"200": {"description": ""}}}}},
            }
        ),
    ),
    "wrong everywhere": Hostile(
        "a.json",
        _json(
            {
                "openapi": "3.1.0",
                "info": [],
                "servers": {"url": 5},
                "paths": {"/a": {"get": {"parameters": [[], 5, None], "responses": {"200": 7, "x": {}}}}},
                "components": {"schemas": [1], "securitySchemes": {"a": None}},
                "security": {"a": 1},
            }
        ),
    ),
}
"""Documents that are OpenAPI at first sight."""

_BLOB = base64.b64encode(gzip.compress(b"0" * 50_000_000)).decode()


def _nested_items(levels: int) -> dict:
    item: dict = {"name": "r", "request": {"url": "http://a.test/", "method": "GET"}}
    for _ in range(levels):
        item = {"name": "f", "item": [item]}
    return item


_POSTMAN = {"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}


def _mapping(request: dict, response: dict) -> dict:
    return {"request": {"method": "GET", **request}, "response": {"status": 200, **response}}


def _entry(n: int, **content: object) -> dict:
    return {
        "request": {"method": "GET", "url": f"https://a.test/{n}?a={n}", "headers": [], "queryString": []},
        "response": {"status": 200, "headers": [], "content": {"mimeType": "text/plain", **content}},
    }


def _route(**more: object) -> dict:
    return {
        "uuid": "r",
        "method": "get",
        "endpoint": "a",
        "responses": [{"uuid": "s", "statusCode": 200, "body": "", "headers": [], "rules": [], **more}],
    }


_COPY = {"from": "body", "into": "a", "using": {"method": "regex", "selector": "((a+)+)+$"}}


def _imposter(*predicates: list) -> dict:
    stubs = [{"predicates": one, "responses": [{"is": {"body": "x"}}]} for one in predicates]
    return {"protocol": "http", "port": 4545, "stubs": stubs}


def _nested(name: str, levels: int) -> dict:
    predicate: dict = {"equals": {"path": "/a"}}
    for _ in range(levels):
        predicate = {name: predicate if name == "not" else [predicate]}
    return predicate


FOREIGN: dict[str, dict[str, Hostile]] = {
    "openapi": OPENAPI,
    "mockoon": {
        "a template that repeats": Hostile(
            "a.json",
            _json(
                {
                    "lastMigration": 30,
                    "name": "m",
                    "port": 3000,
                    "routes": [
                        _route(body="{{#repeat 1000000000}}x{{/repeat}}"),
                        _route(body="{{#if a}}" * 50_000),
                        _route(headers=[{"key": "a" * 100_000, "value": "b" * 100_000}]),
                        _route(rules=[{"target": "body", "modifier": "a." * 20_000, "value": "(a+)+$"}]),
                    ],
                }
            ),
        ),
        "many routes": Hostile(
            "a.json", _json({"lastMigration": 30, "name": "m", "port": 3000, "routes": [_route()] * 20_000})
        ),
    },
    "mountebank": {
        "patterns that step back": Hostile(
            "a.json",
            _json(
                _imposter(
                    [{"matches": {"path": "/(a+)+$" * 200, "method": "(A+)+$", "body": "^(a|a)*$"}}],
                    [{"equals": {"body": "a" * 5000}, "except": "(a+)+"}],
                    [{"contains": {"body": "a" * 1500}, "except": "(a*)*b" * 20}],
                )
            ),
        ),
        "predicates that multiply": Hostile(
            "a.json",
            _json(
                _imposter(
                    [{"or": [{"equals": {"method": "GET", "path": f"/{n}"}} for n in range(30)]}] * 12,
                    [{"or": [{"equals": {"path": f"/{n}"}} for n in range(5000)]}],
                    [_nested("not", 80)],
                    [_nested("and", 80)],
                )
            ),
        ),
        "an answer that repeats": Hostile(
            "a.json",
            _json(
                {
                    "protocol": "http",
                    "port": 1,
                    "stubs": [
                        {"responses": [{"is": {"body": "a"}, "repeat": 10**12}, {"fault": "a" * MANY}]},
                        {"responses": [{"is": {"body": "{{#if a}}" * 20_000}, "behaviors": {"copy": _COPY}}]},
                        {"responses": [{"is": {"_mode": "binary", "body": "a" * MANY}}]},
                    ],
                }
            ),
        ),
        "many stubs": Hostile(
            "a.json", _json(_imposter(*([{"equals": {"path": f"/a{n}"}}] for n in range(5_000))))
        ),
    },
    "postman": {
        "deep folders": Hostile("a.json", _json({"info": _POSTMAN, "item": [_nested_items(80)]})),
        "variables that multiply": Hostile(
            "a.json",
            _json(
                {
                    "info": _POSTMAN,
                    "variable": [
                        {"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}{{{{v{n + 1}}}}}"} for n in range(60)
                    ],
                    "item": [{"name": "r", "request": {"method": "GET", "url": "http://a.test/{{v0}}"}}],
                }
            ),
        ),
        "many requests": Hostile(
            "a.json",
            _json(
                {
                    "info": _POSTMAN,
                    "item": [
                        {"name": f"r{n}", "request": {"method": "GET", "url": f"http://a.test/a?b={n}"}}
                        for n in range(10_000)
                    ],
                }
            ),
        ),
    },
    "wiremock": {
        "what is no address": Hostile(
            "a.json",
            _json({"mappings": [_mapping({"url": url}, {"body": "x"}) for url in ("http://[", "//[")]}),
        ),
        "patterns that step back": Hostile(
            "a.json",
            _json({"mappings": [_mapping({"urlPathPattern": "/(a+)+$" * 200}, {"body": "x"})] * 200}),
        ),
        "templates without end": Hostile(
            "a.json",
            _json(
                _mapping(
                    {"url": "/a"}, {"body": "{{#each a}}" * 20_000, "transformers": ["response-template"]}
                )
            ),
        ),
        "a body that blows up": Hostile("a.json", _json(_mapping({"url": "/a"}, {"base64Body": _BLOB}))),
        "many mappings": Hostile(
            "a.json",
            _json({"mappings": [_mapping({"url": f"/a?b={n}"}, {"body": str(n)}) for n in range(20_000)]}),
        ),
    },
    "har": {
        "many entries": Hostile("a.har", _json({"log": {"entries": [_entry(n) for n in range(20_000)]}})),
        "one answer many times": Hostile(
            "a.har", _json({"log": {"entries": [_entry(1, text=f"x{n}") for n in range(5_000)]}})
        ),
        "bodies that blow up": Hostile(
            "a.har", _json({"log": {"entries": [_entry(1, text=_BLOB, encoding="base64")] * 20}})
        ),
    },
    "recordings": {
        "many of one": Hostile(
            "a.json",
            _json(
                [{"method": "GET", "path": "/a", "status": 200, "response": {"n": n}} for n in range(20_000)]
            ),
        ),
    },
    "http": {
        "variables that multiply": Hostile(
            "a.http",
            _bytes(
                "".join(f"@v{n} = {{{{v{n + 1}}}}}{{{{v{n + 1}}}}}\n" for n in range(60)).encode()
                + b"GET https://a.test/{{v0}}\n"
            ),
        ),
        "many requests": Hostile("a.http", _repeated(b"", b"###\nGET https://a.test/a\n\n", 20_000, b"")),
        "a long line": Hostile("a.http", _bytes(b"GET https://a.test/" + b"a" * 10_000_000)),
    },
    "curl": {
        "quotes that never end": Hostile("a.curl", _bytes(b"curl 'https://a.test/" + b"a" * 5_000_000)),
        "many commands": Hostile("a.curl", _repeated(b"", b"curl https://a.test/a\n", 20_000, b"")),
        "lines that go on": Hostile("a.curl", _bytes(b"curl https://a.test/a " + b"\\\n" * 500_000)),
        "escapes": Hostile("a.curl", _bytes(b"curl $'" + b"\\x41\\u0041" * 200_000 + b"' https://a.test/")),
    },
    "json_server": {
        "many records": Hostile("a.json", _json({"a": [{"id": n, "b": n} for n in range(100_000)]})),
        "many collections": Hostile("a.json", _json({f"c{n}": [{"id": 1}] for n in range(20_000)})),
        "the same id": Hostile("a.json", _json({"a": [{"id": 1}] * 20_000})),
    },
}
"""Files by the format that they look like."""
