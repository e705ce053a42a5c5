import pytest

from tests.faults.kit import REPLY, moment, struck
from understudy.model.faults import FOREVER_S
from understudy.steps import HangUp, Wait


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("hang", FOREVER_S),
        ({"kind": "hang", "for_ms": 30_000}, 30.0),
        ({"kind": "hang", "for_ms": 0}, 0.0),
        ("timeout", FOREVER_S),
        ({"kind": "timeout", "timeout": 0}, FOREVER_S),
        ({"kind": "timeout", "timeout": 1500}, 1.5),
    ],
)
def test_nothing_comes(written, seconds):
    assert struck(written) == (Wait(seconds), HangUp())
    assert struck(written, ()) == struck(written, (REPLY,), moment("HEAD"))


@pytest.mark.parametrize("kind", ["empty_reply", "EMPTY_RESPONSE"])
def test_the_connection_is_closed_without_a_byte(kind):
    assert struck(kind) == struck(kind, ()) == (HangUp(),)
