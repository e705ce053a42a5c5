import pytest
from msgspec import ValidationError, convert

from understudy.model.occasion import Occasion


@pytest.mark.parametrize(
    "written", [{"probability": 1.1}, {"max_active": 0}, {"ttl": 0}, {"ttl": "5 minutes"}]
)
def test_bounds(written):
    with pytest.raises(ValidationError):
        convert(written, Occasion)


def test_nothing_written_is_always():
    assert convert({}, Occasion).probability == 1
