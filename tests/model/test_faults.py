import re

import msgspec
import pytest
from msgspec import inspect

from understudy.faults import ALIASES, FAULTS
from understudy.faults.read import plain_kinds
from understudy.load.diagnose import diagnose
from understudy.model.faults import KINDS, AnyFault, Latency, Reset, SlowClose, fault_of

CASES = {  # how a kind is written that needs more than its name
    "latency": {"ms": 300},
    "bandwidth": {"bytes_per_s": 1000},
    "slow_read": {"bytes_per_s": 1000},
    "slicer": {"average_size": 16},
    "limit_data": {"bytes": 100},
}


def written(kind):
    return {"kind": kind, **CASES.get(kind, {})}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_by_its_name(kind):
    fault = msgspec.convert(written(kind), AnyFault)

    assert type(fault) is KINDS[kind]
    assert msgspec.convert(msgspec.to_builtins(fault), AnyFault) == fault
    assert (kind in CASES) != (kind in plain_kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_is_in_one_sentence(kind):
    first = KINDS[kind].__doc__.split("\n")[0]

    assert re.fullmatch(r"[A-Z].*\.", first)
    assert len(first) <= 100


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described_and_its_examples_fit(kind):
    model = KINDS[kind]
    for field in inspect.type_info(model).fields:
        extra = field.type.extra_json_schema
        assert extra["description"][-1] in ".`", field.name
        for example in extra.get("examples", []):
            needed = {} if field.name in {"ms", "latency", "rate"} else CASES.get(kind, {})
            msgspec.convert({**needed, field.encode_name: example}, model)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_refuses_what_it_does_not_know(kind):
    (fault,) = diagnose({**written(kind), "zzzz": 1}, KINDS[kind])

    assert fault.message == 'unknown key "zzzz"'


def test_kinds_in_their_long_form():
    assert fault_of("reset") == Reset()
    assert fault_of(SlowClose()) == SlowClose()
    with pytest.raises(ValueError, match="there is no fault 'nope'; there are latency, "):
        fault_of("nope")
    with pytest.raises(ValueError, match="'latency' needs more than its name"):
        fault_of("latency")


def test_aliases_stand_for_kinds_of_ours():
    assert set(ALIASES) | set(ALIASES.values()) <= set(KINDS) == set(FAULTS)
    assert not set(ALIASES) & set(ALIASES.values())
    for kind, ours in ALIASES.items():
        assert FAULTS[kind].family in {FAULTS[ours].family, "integrity"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kind": "latency"}, "`ms`, or Toxiproxy's `latency`"),
        ({"kind": "latency", "ms": 1, "latency": 1}, "`ms`, or Toxiproxy's `latency`"),
        ({"kind": "latency", "ms": 1, "jitter": 1}, "`jitter` belongs to Toxiproxy's `latency`"),
        ({"kind": "bandwidth"}, "`bytes_per_s`, or Toxiproxy's `rate`"),
        ({"kind": "truncate", "after_bytes": 1, "fraction": 0.5}, "exclude each other"),
        ({"kind": "content_length", "missing": True, "add_bytes": 1}, "exclude each other"),
        ({"kind": "slicer", "average_size": 4, "size_variation": 4}, "less than `average_size`"),
        ({"kind": "slow_close", "for_ms": 1, "delay": 1}, "leave one out"),
        ({"kind": "early_reply", "headers": {"a b": 1}}, "cannot be a header name"),
    ],
)
def test_contradictions(keys, message):
    with pytest.raises(ValueError, match=message):
        msgspec.convert(keys, AnyFault)


def test_a_rate_either_way():
    assert msgspec.convert({"kind": "bandwidth", "rate": 2}, AnyFault).limit_bytes_per_s == 2000
    assert msgspec.convert({"kind": "bandwidth", "bytes_per_s": 2}, AnyFault).limit_bytes_per_s == 2
    assert Latency(latency=1, jitter=1).jitter == 1
