import msgspec
from hypothesis import given, settings

from understudy.load.diagnose import diagnose
from understudy.load.values import Values
from understudy.model import Config, Endpoint

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


def test_a_missing_key_is_not_missed_twice():
    (fault,) = diagnose({"url": "/x"}, Endpoint)

    assert fault.suggestion == '"path"'
