import msgspec
import pytest

from understudy.model import Callback, each_callback
from understudy.model.callbacks import statuses


def test_statuses():
    assert statuses([200, "4xx", "error"]) == {200, *range(400, 500)}


def test_short_forms_mean_their_long_forms():
    assert each_callback("/a") == each_callback(["/a"]) == (Callback(url="/a"),)
    assert Callback(url="/a", retries=2).retry.attempts == 3
    assert Callback(url="/a").retry.attempts == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"url": "/a", "body": "x", "form": {}}, "one of body, response, form; this one has body and form"),
        ({"url": "/a", "method": "NO WAY"}, "is not a method"),
        ({"url": "/a", "headers": {"A B": "x"}}, "cannot be a header name"),
        ({"url": "/a", "retries": {"on": ["6xx"]}}, "'6xx' is not a status such as 503"),
        ({"url": "/a", "retries": {"on": [99]}}, "99 is not a status"),
        (
            {"url": "/a", "when": {"status": "error"}},
            "'error' is not a status such as 503, a class such as 5xx",
        ),
        ({"url": "/a", "sign": {"secret": "s", "header": "A B"}}, "cannot be a header name"),
        ({"url": "/a", "sign": {"secret": "s", "prefix": "a\nb"}}, "the prefix has a line break"),
        ({"url": "/a", "retries": 20}, "Expected `int` <= 19"),
    ],
)
def test_what_is_refused(written, message):
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(written, Callback)
    assert message in str(error.value)
