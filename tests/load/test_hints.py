import msgspec
import pytest

import understudy.model
from understudy.admin.verify import Verification
from understudy.load import hints
from understudy.model import Behaviour, Endpoint
from understudy.model.chaos import Chaos, LiveRule, Profile, RequestHeaders, Stage
from understudy.model.endpoint import PARAMETER_TYPES
from understudy.model.faults import KINDS
from understudy.model.occasion import Occasion

ENDPOINT = ("Endpoint", "Behaviour")
OTHERS = (Chaos, LiveRule, Occasion, Profile, RequestHeaders, Stage, Verification)
MODELS = {**vars(understudy.model), **KINDS, **{model.__name__: model for model in OTHERS}}


@pytest.mark.parametrize("model", hints.FOREIGN)
def test_foreign_names_lead_to_keys_that_exist(model):
    keys = MODELS[model].__struct_encode_fields__

    assert set(hints.FOREIGN[model].values()) <= set(keys)
    assert not {name.replace("_", "") for name in keys} & set(hints.FOREIGN[model])


def test_parameter_aliases_lead_to_types_that_exist():
    assert set(hints.PARAMETER_ALIASES.values()) <= set(PARAMETER_TYPES)


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("statusCode", "status"),
        ("latencyMs", "latency_ms"),
        ("fixed-delay-milliseconds", "latency_ms"),
        ("URL", "path"),
    ],
)
def test_foreign_key(written, ours):
    assert hints.foreign_key(written, ENDPOINT, Endpoint.__struct_encode_fields__) == ours


def test_a_foreign_key_leads_only_to_a_key_that_is_possible():
    assert hints.foreign_key("url", ENDPOINT, Behaviour.__struct_encode_fields__) is None


@pytest.mark.parametrize(
    ("written", "ours"), [("statuss", "status"), ("latancy_ms", "latency_ms"), ("xyzzy", None)]
)
def test_near_key(written, ours):
    assert hints.near_key(written, Endpoint.__struct_encode_fields__) == ours


@pytest.mark.parametrize(
    ("value", "key", "kind", "meant"),
    [
        ("yes", "cors", bool, True),
        ("Off", "watch", bool, False),
        ("8000", "port", int, 8000),
        ("1.5", "x", float, 1.5),
        ("2s", "latency_ms", int, 2000),
        ("150 ms", "uniform", int, 150),
        ("5s", "idle_timeout_s", int, 5),
        ("10%", "failure_rate", float, 0.1),
        (30, "failure_rate", float, 0.3),
        (200.0, "status", int, 200),
        (7, "host", str, "7"),
        (True, "host", str, "true"),
        (1, "watch", bool, True),
        ([50, 200], "latency_ms", dict, {"uniform": [50, 200]}),
        ([50, 200], "delay_ms", dict, {"uniform": [50, 200]}),
        ("2s", "exponential", int, 2000),
        (["/a"], "path", str, "/a"),
        ("x", "origins", list, ["x"]),
    ],
)
def test_instead(value, key, kind, meant):
    assert meant in [guess for guess in hints.instead(value, key) if type(guess) is kind]


@pytest.mark.parametrize("value", ["5 bananas", "9" * 400, "", None, {}, float("1e300")])
def test_guesses_are_plain_data(value):
    for guess in hints.instead(value, "latency_ms"):
        msgspec.json.encode(guess)
