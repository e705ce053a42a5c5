import pytest
from msgspec import ValidationError, convert

from understudy.model.connections import ConnectionFault


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"kind": "slow_accept"}, "needs `for_ms`"),
        ({"kind": "refuse"}, "needs a time"),
        ({"kind": "down", "when": {"first": 3}}, "needs a time"),
        ({"kind": "refuse", "probability": 0.5, "when": {"window": {"for_s": 1}}}, "for all clients"),
        ({"kind": "reset", "when": {"match": {"query": {"a": 1}}}}, "no request yet"),
        ({"kind": "reset", "when": {"per": "header:X"}}, "only be `client`"),
        ({"kind": "refuse", "when": {"window": {"for_s": 1}, "first": 2}}, "a matter of time"),
        ({"kind": "refuse", "when": {"window": {"for_s": 1}, "ramp": {"over_s": 2}}}, "a matter of time"),
        ({"kind": "refuse", "when": {"window": {"for_s": 1}, "per": "client"}}, "a matter of time"),
        ({"kind": "refuse", "for_ms": 100, "when": {"window": {"for_s": 1}}}, "`refuse` has none"),
        ({"kind": "close", "for_ms": 100}, "`close` has none"),
    ],
)
def test_what_makes_no_sense_is_refused(written, why):
    with pytest.raises(ValidationError, match=why):
        convert(written, ConnectionFault)


def test_a_black_hole_needs_linux(monkeypatch):
    written = {"kind": "black_hole", "when": {"window": {"after_s": 1, "for_s": 2}}}
    convert(written, ConnectionFault)
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(ValidationError, match="is for Linux"):
        convert(written, ConnectionFault)


def test_what_is_about_listening_has_a_time():
    written = {"kind": "refuse", "when": {"window": {"after_s": 1, "for_s": 2}}}
    assert convert(written, ConnectionFault).is_for_all
    assert not convert({"kind": "silent"}, ConnectionFault).is_for_all
