"""What a config would not take of what was made of a foreign file."""

import pytest

from understudy.formats.checked import Unfit, checked


def test_an_endpoint():
    assert checked({"path": "/a", "match": {"query": {"q": {"matches": "a+"}}}}).path == "/a"


@pytest.mark.parametrize(
    ("written", "said", "of_request"),
    [
        ({"path": "/{a}/{a}"}, "a", True),
        ({"path": "/a", "match": {"query": {"q": {"matches": "("}}}}, "", True),
        ({"path": "/a", "status": "no"}, "status", False),
    ],
)
def test_what_is_none(written, said, of_request):
    with pytest.raises(Unfit) as caught:
        checked(written)
    assert caught.value.of_request is of_request
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
