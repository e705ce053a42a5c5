import pytest

from understudy.match import PathPattern
from understudy.simulate.feature import Parts


def test_nothing_added_means_nothing_to_do():
    assert not Parts(PathPattern("/a")).is_live


@pytest.mark.parametrize("part", ["checks", "before", "commits", "after"])
def test_whatever_is_added_makes_it_live(part):
    parts = Parts(PathPattern("/a"))
    getattr(parts, part).append(object())
    assert parts.is_live
