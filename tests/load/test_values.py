import datetime
import enum
import types

import pytest
from msgspec import Struct, inspect

from understudy import model as models
from understudy.load.limits import MAX_FAULTS
from understudy.load.values import TEXT_KEYS, Environment, Values

ENVIRON = {"PORT": "9000", "RATE": "0.5", "YES": "true", "WORD": "hunter22", "EMPTY": "", "ZERO": "007"}


def clean(value):
    values = Values(Environment(ENVIRON))
    return values.clean(value), [(fault.keys, fault.message) for fault in values.faults]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${PORT}", 9000),
        ("${RATE}", 0.5),
        ("${YES}", True),
        ("${NONE:-1e3}", 1000.0),
        ("${EMPTY:-false}", False),
        ("${EMPTY}", ""),
        ("${WORD}", "hunter22"),
        ("${ZERO}", "007"),
        ("${NONE:-}", ""),
        (":${PORT}", ":9000"),
        ("${PORT}${RATE}", "90000.5"),
        ("$${PORT}", "${PORT}"),
        ("$$${PORT}", "$${PORT}"),
        ("${{ price }}", "${{ price }}"),
        ("$${{ price }}", "$${{ price }}"),
        ("costs $5 {x}", "costs $5 {x}"),
        ("${NONE:-a:-b}", "a:-b"),
    ],
)
def test_variables(written, expected):
    value, faults = clean({"port": written})

    assert faults == []
    assert value == {"port": expected}
    assert type(value["port"]) is type(expected)


def test_what_stays_text():
    config = {
        "endpoints": [
            {"response": {"port": "${PORT}"}, "failure": {"body": ["${YES}"], "status": "${PORT}"}}
        ],
        "database": [{"id": "${PORT}"}],
    }

    assert clean(config)[0] == {
        "endpoints": [{"response": {"port": "9000"}, "failure": {"body": ["true"], "status": 9000}}],
        "database": [{"id": "9000"}],
    }


def test_keys_are_left_alone():
    assert clean({"${PORT}": 1}) == ({"${PORT}": 1}, [])


MODELS = [
    each
    for name, each in vars(models).items()
    if isinstance(each, type)
    and issubclass(each, Struct)
    and name not in {"Model", "Operators", "BodyConditions"}  # conditions stand below keys that accept text
    and name != "RecordMatch"  # its keys are those of requests, which accept text elsewhere
]


def test_text_keys_are_those_of_the_model_that_accept_text():
    for model in MODELS:
        for field in inspect.type_info(model).fields:
            if (model, field.encode_name) == (models.Match, "state"):
                continue  # the other `state` accepts none: where it stands decides
            if field.encode_name in {"auth", "callbacks", "status", "on", "faults", "endpoints", "reveal"}:
                continue  # no name, address, kind or class such as 5xx looks like a number or a boolean
            if field.encode_name in {"capacity", "overflow"}:
                continue  # nor do these names
            if field.encode_name in {"rate_limit", "rate_limits", "limit"}:
                continue  # nor do rates
            if field.encode_name in {"proxy", "record", "rewrite_location"}:
                continue  # nor do addresses; and what stands below has numbers
            if (model, field.encode_name) in {(models.Validate, "response"), (models.RateLimit, "response")}:
                continue  # other ones accept text: what is below stays text, and numbers are written as such
            assert (field.encode_name in TEXT_KEYS) == accepts_text(field.type), field.encode_name


def test_variables_in_conditions_are_text_and_settings_are_not():
    config = {"state": {"max_rows": "${PORT}"}, "endpoints": [{"match": {"state": {"a": "${PORT}"}}}]}
    assert clean(config)[0] == {
        "state": {"max_rows": 9000},
        "endpoints": [{"match": {"state": {"a": "9000"}}}],
    }


def accepts_text(kind):
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    parts = kind.types if isinstance(kind, inspect.UnionType) else [kind]
    for part in parts:
        if isinstance(part, inspect.ListType | inspect.DictType):
            inner = part.item_type if isinstance(part, inspect.ListType) else part.value_type
            if not isinstance(inner, inspect.StructType) and accepts_text(inner):
                return True
        if isinstance(part, inspect.StrType | inspect.LiteralType | inspect.AnyType):
            return True
    return False


@pytest.mark.parametrize("written", ["${NONE}", "${", "${a b}", "a ${} b", "${NONE-x}"])
def test_bad_variables(written):
    value, faults = clean({"a": [written]})

    assert [keys for keys, _ in faults] == [("a", 0)]
    assert value == {"a": [written]}


def test_secrets_are_remembered_and_hidden():
    environment = Environment({"WORD": "hunter22", "SHORT": "abc"})
    Values(environment).clean(["${WORD} ${SHORT} ${NONE:-default}"])

    assert environment.redact("no hunter22, no HUNTER22, but abc") == "no ${WORD}, no ${WORD}, but abc"


def test_data_has_no_variables():
    values = Values(None)

    assert values.clean(["${NONE}"]) == ["${NONE}"]
    assert values.faults == []


def test_unchanged_values_are_the_same_objects():
    config = {"a": [{"b": 1}], "c": ["${PORT}"]}

    value, _ = clean(config)

    assert value["a"] is config["a"]
    assert config["c"] == ["${PORT}"]


def test_what_a_program_may_hand_over():
    class Colour(str, enum.Enum):  # noqa: UP042 - its str() is not its value
        RED = "red"

    class Number(float):
        pass

    value, faults = clean(
        types.MappingProxyType({"a": (1, datetime.date(2024, 1, 2)), "b": [Colour.RED, Number(2)]})
    )

    assert faults == []
    assert value == {"a": [1, "2024-01-02"], "b": ["red", 2.0]}


class Thing(Struct):
    pass


@pytest.mark.parametrize(
    "odd", [float("nan"), float("-inf"), b"x", {None: 2}, {1, 2}, Thing(), "\ud800", {"\udfff": 1}]
)
def test_what_json_does_not_have(odd):
    _, faults = clean({"a": [1, odd]})

    assert [keys for keys, _ in faults] == [("a", 1)]


def test_whole_numbers_as_keys_are_text():
    values = Values(None)
    assert values.clean({"mix": {503: 1, 500: (2,)}, True: 1}) == {"mix": {"503": 1, "500": [2]}, True: 1}
    assert [fault.message for fault in values.faults] == ["a key must be text"], "of True"


def test_depth():
    value = "end"
    for _ in range(201):
        value = [value]

    assert clean(value[0])[1] == []
    assert clean(value)[1] == [((0,) * 8, "nested deeper than 200 levels")]


def test_a_circle():
    circle = []
    circle.append(circle)

    assert clean(circle)[1] == [((0,) * 8, "nested deeper than 200 levels")]


def test_mistakes_without_end_are_not_all_told():
    assert len(clean([float("inf")] * (3 * MAX_FAULTS))[1]) == MAX_FAULTS
