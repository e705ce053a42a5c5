import argparse
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.cli import init, schema
from understudy.errors import ConfigError
from understudy.faults.read import plain_kinds
from understudy.load import load
from understudy.load.syntax import parse
from understudy.model import Config
from understudy.model.faults import KINDS

SCHEMA = schema.schema()


def run(*arguments):
    parser = argparse.ArgumentParser()
    schema.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = schema.run(parser.parse_args(list(arguments)), out, err)
    return code, out.getvalue(), err.getvalue()


def valid(value, rule):
    """Whether a value fits a schema, as far as our schema goes; an unknown keyword is an error."""
    if "$ref" in rule:
        return valid(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")])
    checks = {
        "type": lambda kind: is_type(value, kind),
        "enum": lambda choices: value in choices,
        "const": lambda only: value == only,
        "anyOf": lambda rules: any(valid(value, inner) for inner in rules),
        "properties": lambda known: all(valid(value[key], known[key]) for key in known if key in value),
        "required": lambda names: all(name in value for name in names),
        "additionalProperties": lambda inner: all(
            inner is not False and valid(item, inner)
            for key, item in value.items()
            if key not in rule.get("properties", {})
        ),
        "items": lambda inner: inner is False or all(valid(item, inner) for item in value),
        "prefixItems": lambda rules: all(map(valid, value, rules)),
        "minProperties": lambda low: len(value) >= low,
        "minItems": lambda low: len(value) >= low,
        "maxItems": lambda high: len(value) <= high,
        "minLength": lambda low: len(value) >= low,
        "maxLength": lambda high: len(value) <= high,
        "pattern": lambda pattern: re.search(pattern, value) is not None,
        "minimum": lambda low: value >= low,
        "maximum": lambda high: value <= high,
        "exclusiveMinimum": lambda low: value > low,
        **dict.fromkeys(("title", "description", "default", "examples", "$schema", "$defs"), lambda _: True),
    }
    order = sorted(rule, key=lambda keyword: keyword != "type")
    return all(checks[keyword](rule[keyword]) for keyword in order)


def is_type(value, kind):
    if isinstance(value, bool):
        return kind == "boolean"
    types = {
        "integer": int,
        "number": (int, float),
        "string": str,
        "array": list,
        "object": dict,
        "null": type(None),
        "boolean": bool,
    }
    return isinstance(value, types[kind])


def rules(schema_):
    if isinstance(schema_, dict):
        yield schema_
        for inner in schema_.values():
            yield from rules(inner)
    elif isinstance(schema_, list):
        for inner in schema_:
            yield from rules(inner)


def test_it_prints_the_schema():
    code, out, err = run()

    assert (code, err) == (0, "")
    assert json.loads(out) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_writes_the_schema(tmp_path):
    file = tmp_path / "s.json"

    assert run("--output", str(file)) == (0, f"wrote {file}\n", "")
    assert file.read_text() == schema.schema_text()
    code, _, err = run("--output", str(tmp_path / "none" / "s.json"))
    assert code == 1
    assert "cannot be written" in err


def test_every_key_is_described():
    for rule in [SCHEMA, *SCHEMA["$defs"].values()]:
        for name, value in rule.get("properties", {}).items():
            assert value["description"], name
    assert set(SCHEMA["properties"]) == set(Config.__struct_encode_fields__)


def test_every_reference_leads_somewhere():
    for rule in rules(SCHEMA):
        if isinstance(rule.get("$ref"), str):
            assert rule["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_examples_and_defaults_fit():
    for rule in [SCHEMA, *SCHEMA["$defs"].values()]:
        for name, value in rule.get("properties", {}).items():
            for example in [*value.get("examples", []), *([value["default"]] if "default" in value else [])]:
                assert valid(example, value), (name, example)


def test_the_starter_fits():
    assert valid(parse(init.starter(".yaml"), ".yaml")[0], SCHEMA)


@pytest.mark.parametrize(
    "config", [{"port": "${PORT}"}, {"cors": "${CORS:-true}", "host": "${HOST}"}, {"seed": None}]
)
def test_what_loads_fits(config):
    load(config, environ={"PORT": "1", "HOST": "h"})

    assert valid(config, SCHEMA)


def test_faults_are_told_by_their_kinds():
    made = schema._with_faults(
        {"description": "x", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}
    )
    plain, *longer = made["items"]["anyOf"]

    assert made["description"] == "x"
    assert plain["enum"] == plain_kinds()
    assert longer == [{"$ref": f"#/$defs/{model.__name__}Fault"} for model in KINDS.values()]
    for place in [SCHEMA["$defs"]["Endpoint"], SCHEMA["$defs"]["Behaviour"], SCHEMA["$defs"]["Outage"]]:
        assert place["properties"]["faults"]["items"] == made["items"]
    own = {"items": {"$ref": "#/$defs/ConnectionFault"}}
    assert schema._with_faults(own) == own


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_definition(kind):
    definition = SCHEMA["$defs"][f"{KINDS[kind].__name__}Fault"]

    assert definition["title"] == kind
    assert definition["properties"]["kind"]["const"] == kind
    assert set(definition["properties"]) == {"kind", *KINDS[kind].__struct_encode_fields__}
    assert definition["additionalProperties"] is False


@pytest.mark.parametrize(
    "fault", ["reset", {"kind": "reset"}, {"kind": "latency", "ms": {"uniform": [1, 2]}}]
)
def test_faults_that_fit(fault):
    assert valid({"path": "/", "faults": [fault]}, SCHEMA["$defs"]["Endpoint"])


@pytest.mark.parametrize(
    "fault", ["rst", "latency", {}, {"kind": "rst"}, {"kind": "reset", "ms": 1}, {"kind": "slicer"}, 3]
)
def test_faults_that_do_not_fit(fault):
    assert not valid({"path": "/", "faults": [fault]}, SCHEMA["$defs"]["Endpoint"])


values = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -1,
        0.5,
        250,
        1e9,
        "",
        "/a",
        "GET",
        [],
        ["/a"],
        [1, 2],
        {},
        {"uniform": [1, 2]},
        {"a": 1},
    ]
)
names = st.sampled_from(
    ["path", "name", "method", "status", "priority", "latency_ms", "failure_rate", "failure", "zzz"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_what_does_not_fit_does_not_load(endpoint):
    config = {"endpoints": [endpoint]}
    if not valid(config, SCHEMA):
        with pytest.raises(ConfigError):
            load(config)
