import pytest
from msgspec import ValidationError, convert

from understudy.model.chaos import Chaos, names


@pytest.mark.parametrize("written", [{"active": "no"}, {"stages": [{"for_s": 1, "profile": ["a", "no"]}]}])
def test_profiles_that_do_not_exist(written):
    with pytest.raises(ValidationError, match="there is no profile 'no'; there are a"):
        convert({"profiles": {"a": {}}, **written}, Chaos)


def test_names_are_a_list():
    assert names("a") == ["a"]
    assert names(["a", "b"]) == ["a", "b"]
