import pytest
from msgspec import ValidationError, convert

from understudy.model.chaos import Chaos, LiveRule, Profile, names


@pytest.mark.parametrize(
    ("model", "written", "why"),
    [
        (Chaos, {"reveal": "X Y"}, "'X Y' cannot be a header name"),
        (Chaos, {"loop": True}, "`loop` is about `stages`"),
        (Profile, {"endpoints": ""}, "length >= 1"),
        (LiveRule, {"groups": ["a", ""]}, "length >= 1"),
        (Profile, {"failure": 503}, "`failure_rate` says how many do"),
        (LiveRule, {"profile": "p", "latency_ms": 5}, "switch on two rules"),
    ],
)
def test_what_does_not_go_together(model, written, why):
    with pytest.raises(ValidationError, match=why):
        convert(written, model)


def test_whether_anything_goes_wrong():
    assert not Profile(endpoints="/a").does_something
    assert all(
        profile.does_something
        for profile in (Profile(latency_ms=0), Profile(failure_rate=0), Profile(faults=["reset"]))
    )


def test_names_are_a_list():
    assert names("a") == ["a"]
    assert names(["a", "b"]) == ["a", "b"]
