import pytest

from tests.faults.kit import moment, struck
from understudy.steps import HangUp


@pytest.mark.parametrize("kind", ["garbage", "RANDOM_DATA_THEN_CLOSE"])
def test_random_bytes_then_close(kind):
    write, last = struck(kind, ())

    assert (len(write.data), last) == (64, HangUp())
    assert struck(kind) == (write, last)
    assert struck(kind, at=moment(n=1)) != (write, last)


def test_how_many():
    assert len(struck({"kind": "garbage", "bytes": 1000})[0].data) == 1000
