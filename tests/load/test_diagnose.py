import msgspec
import pytest
from hypothesis import given, settings

from understudy.load.diagnose import diagnose
from understudy.load.limits import MAX_FAULTS
from understudy.load.values import Values
from understudy.model import Config, Endpoint, OpenApi
from understudy.model.chaos import Chaos, Profile
from understudy.model.connections import ConnectionFault, Connections
from understudy.model.schedule import Window

from .test_fuzz import configs


@settings(max_examples=120, deadline=None)
@given(configs)
def test_a_config_has_faults_exactly_if_it_does_not_convert(config):
    config = Values(None).clean(config)
    try:
        msgspec.convert(config, Config)
        converts = True
    except msgspec.ValidationError:
        converts = False

    faults = diagnose(config, Config)

    assert bool(faults) != converts
    for fault in faults:
        assert not fault.message.startswith("expected `"), "that is msgspec's own message"


def test_nothing_wrong():
    assert diagnose({"path": "/x"}, Endpoint) == []


def test_faults_are_in_the_order_of_the_document():
    faults = diagnose(
        {"statuss": 1, "latency_ms": "x", "path": "x", "name": "", "body": 1}, Endpoint, ("e", 0)
    )

    assert [fault.keys for fault in faults] == [
        ("e", 0, "statuss"),
        ("e", 0, "latency_ms"),
        ("e", 0, "path"),
        ("e", 0, "name"),
        ("e", 0, "body"),
    ]


def test_own_rules_are_checked_beside_wrong_types():
    written = {"path": "/x", "headers": {"a b": 1, "ok": {}, "c": "\n"}, "status": "x"}

    assert [fault.keys for fault in diagnose(written, Endpoint)] == [
        ("headers", "ok"),
        ("headers", "a b"),
        ("headers", "c"),
        ("status",),
    ]


def test_rules_over_several_keys_belong_to_the_object():
    (fault,) = diagnose({"path": "/x", "response": 1, "file": "x"}, Endpoint)

    assert fault.keys == ()
    assert "response and file" in fault.message


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        (ConnectionFault, {"kind": "slow_accept", "for_ms": 3}, {"probabilty": 0.1}),
        (ConnectionFault, {"kind": "refuse", "when": {"window": {"for_s": 3}}}, {"probabilty": 0.1}),
        (Profile, {"failure": 503, "failure_rate": 0.1}, {"latncy_ms": 3}),
        (Profile, {"failure": 503}, {"failure_rat": 0.1}),
        (Profile, {"failure": 503}, {"failure_rate": 10}),
        (Window, {"every_s": 60, "for_s": 10}, {"after": 3}),
        (Chaos, {"loop": True, "stages": [{"for_s": 3}]}, {"revael": True}),
    ],
)
def test_keys_that_need_each_other_are_not_accused_for_another_mistake(model, right, wrong):
    (fault,) = diagnose({**right, **wrong}, model)

    assert fault.keys == tuple(wrong)


def test_what_a_key_lacks_is_told_beside_another_mistake():
    faults = diagnose({"kind": "slow_accept", "probabilty": 0.1}, ConnectionFault)

    assert [fault.keys for fault in faults] == [("kind",), ("probabilty",)]


def test_a_missing_key_is_not_missed_twice():
    (fault,) = diagnose({"url": "/x"}, Endpoint)

    assert fault.suggestion == '"path"'


@pytest.mark.parametrize(
    ("key", "value", "message", "suggestion"),
    [
        ("required", "paid", 'unknown key "required" here: it belongs into `state`', None),
        ("max_age_s", 5, 'unknown key "max_age_s" here: it belongs into `cache`', None),
        ("scenraio", "x", 'unknown key "scenraio"', None),
        ("authentication", "main", 'unknown key "authentication"', '"auth"'),
        ("webhooks", [], 'unknown key "webhooks"', '"callbacks"'),
        ("cahce", 60, 'unknown key "cahce"', '"cache"'),
    ],
)
def test_an_unknown_key_is_told_where_it_belongs(key, value, message, suggestion):
    (fault,) = diagnose({"path": "/a", key: value}, Endpoint)
    assert (fault.message, fault.suggestion) == (message, suggestion)


def test_a_document_that_is_pasted_into_a_config_is_told_where_it_belongs():
    (fault,) = diagnose({"paths": {}}, Config)
    assert "it belongs to an OpenAPI document, a file of its own" in fault.message
    faults = diagnose({"openapi": "3.0.0", "info": {}}, OpenApi)
    assert any("it belongs to the document itself" in fault.message for fault in faults)


def test_a_text_that_lacks_a_slash_is_told_so():
    (fault,) = diagnose({"spec": "a.yaml", "prefix": "shop"}, OpenApi)
    assert (fault.message, fault.suggestion) == ("the text begins with a slash", '"/shop"')


def test_a_fault_of_connections_is_told_where_it_belongs():
    (fault,) = diagnose({"refuse": 0.5}, Connections)
    assert "it belongs to `faults`, as in `connections: {faults: [{kind: reset}]}`" in fault.message
    (fault,) = diagnose({"faults": ["reset"]}, Connections)
    assert fault.suggestion == '{"kind": "reset"}'


def test_what_is_no_object_is_told_its_keys():
    (fault,) = diagnose({"path": "/a", "state": "paid"}, Endpoint)
    assert (fault.message, fault.accepted) == (
        "expected an object",
        "an object with `scenario`, `required`, `next`, `set`, `add`, `push`, `delete`, `per`",
    )
    (fault,) = diagnose(["a"], Endpoint)
    assert fault.accepted is None, "which has too many"


def test_mistakes_without_end_are_counted_and_not_told():
    faults = diagnose({f"key{number}": 1 for number in range(3 * MAX_FAULTS)}, Config)
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].message == "there are more mistakes than these 1,000"
