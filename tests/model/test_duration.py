import re

import pytest

from understudy.model.duration import DURATION, duration_s


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(2, 2.0), ("2", 2.0), ("500ms", 0.5), ("1.5m", 90.0), ("1h", 3600), ("1d", 86400)],
)
def test_seconds(written, seconds):
    assert duration_s(written) == seconds
    assert isinstance(written, int) or re.search(DURATION, written)


@pytest.mark.parametrize("written", ["", "-1s", "1 s", "1w", "s", "1s\n1s"])
def test_what_is_no_duration(written):
    assert not re.fullmatch(DURATION, written)
