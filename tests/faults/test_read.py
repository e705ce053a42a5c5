import pytest

from understudy.faults import ALIASES
from understudy.faults.read import ELSEWHERE, OTHER_NAMES, plain_kinds, read_fault
from understudy.load.fault import Fault as Mistake
from understudy.model.faults import KINDS, Error, Latency, Reset
from understudy.model.schedule import When


def mistakes(written):
    found = read_fault(written, ("faults", 0))
    assert isinstance(found, list)
    assert found
    return found


def only(written):
    (mistake,) = mistakes(written)
    return mistake


def test_a_name_or_an_object():
    assert read_fault("reset") == Reset()
    assert read_fault({"kind": "latency", "ms": 300, "probability": 0.1}) == Latency(
        ms=300.0, probability=0.1
    )
    assert read_fault({"kind": "error", "when": {"first": 2}}) == Error(when=When(first=2))


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("CONNECTION_RESET", '"reset"'),
        ("rst", '"reset"'),
        ("Reset", '"reset"'),
        ("empty-reply", '"empty_reply"'),
        ("empty_response", '"EMPTY_RESPONSE"'),
        ("delay", '"latency"'),
        ("latncy", '"latency"'),
        ("timeout_ms", '"hang"'),
        ("packet_loss", '"stall"'),
        ("throttle", '"bandwidth"'),
        ({"kind": "throttled", "rate": 1}, '"bandwidth"'),
    ],
)
def test_a_kind_that_does_not_exist(written, suggestion):
    mistake = only(written)
    name = written if isinstance(written, str) else written["kind"]

    assert mistake.message == f'there is no fault "{name}"'
    assert mistake.suggestion == suggestion
    assert mistake.keys == (("faults", 0) if isinstance(written, str) else ("faults", 0, "kind"))


def test_a_kind_that_is_like_none():
    mistake = only("zzzz")

    assert mistake.suggestion is None
    assert "latency, " in mistake.accepted
    assert "EMPTY_RESPONSE" not in mistake.accepted


def test_what_is_no_fault_of_a_request():
    assert only("refuse").message.endswith("top of the config, as no request is known yet")
    assert only({"kind": "rate-limit"}).message.endswith("this is the key `rate_limit` of the endpoint")


def test_a_kind_that_needs_more():
    assert only("slicer") == Mistake(
        '"slicer" needs more than its name: the key "average_size" is missing',
        ("faults", 0),
        accepted="an object with `kind`, `average_size`, `size_variation`, `delay`",
    )
    assert only("latency").message.endswith("a latency has `ms`, or Toxiproxy's `latency`")
    assert only({"kind": "latency"}).message == "a latency has `ms`, or Toxiproxy's `latency`"


def test_no_kind():
    assert only({}).message == only({"ms": 3}).message == 'the key "kind" is missing'
    assert only({"latency": {"ms": 3}}).suggestion == "{kind: latency, …}"
    assert only({"type": "latency", "ms": 3}) == Mistake(
        'the key "kind" is missing, which says what goes wrong: it is not "type"',
        ("faults", 0, "type"),
        suggestion='"kind"',
    )
    toxic = only({"type": "timeout", "attributes": {"timeout": 1}, "toxicity": 1})
    assert toxic.message.endswith("Toxiproxy's `attributes` stand here, beside it")


@pytest.mark.parametrize("written", [None, 5, True, ["reset"]])
def test_neither_text_nor_object(written):
    assert only(written).message == "expected text or an object"
    assert only({"kind": written}).message == "expected text"
    assert only({"kind": written}).keys == ("faults", 0, "kind")


def test_all_mistakes_at_once():
    found = mistakes(
        {"kind": "error", "zz": 1, "status": "503", "mix": {"99": 1}, "when": {"frist": 2}, "toxicity": 1}
    )

    assert [(mistake.keys[2:], mistake.suggestion) for mistake in found] == [
        (("zz",), None),
        (("status",), "503"),
        (("mix", "99"), None),
        (("when", "frist"), '"first"'),
        (("toxicity",), '"probability"'),
    ]


def test_what_follows_from_another_mistake_is_not_said():
    assert [mistake.suggestion for mistake in mistakes({"kind": "latency", "delay": 3})] == ['"ms"']
    assert only({"kind": "latency", "ms": "300ms"}).suggestion == "300"
    assert only({"kind": "latency", "ms": [50, 200]}).suggestion == '{"uniform": [50, 200]}'
    both = mistakes({"kind": "truncate", "fraction": 0.5, "after_bytes": 1, "zz": 1})
    assert [mistake.message for mistake in both] == [
        'unknown key "zz"',
        "`after_bytes` and `fraction` exclude each other",
    ]


def test_the_kind_is_no_unknown_key():
    (mistake,) = mistakes({"kind": "reset", "first": 2})

    assert mistake.message == 'unknown key "first" here: it belongs into `when`'


def test_plain_kinds():
    plain = plain_kinds()

    assert {"reset", "hang", "EMPTY_RESPONSE"} <= set(plain)
    assert set(KINDS) - set(plain) == {"latency", "bandwidth", "slow_read", "slicer", "limit_data"}
    for kind in plain:
        assert read_fault(kind) == KINDS[kind]()


def test_other_names_lead_to_kinds_of_ours():
    assert set(OTHER_NAMES.values()) <= set(KINDS) - set(ALIASES)
    assert not (set(OTHER_NAMES) | set(ELSEWHERE)) & {kind.lower() for kind in KINDS}
    assert not set(OTHER_NAMES) & set(ELSEWHERE)
