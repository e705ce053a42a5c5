"""The key `templates`: its short and its long form."""

import msgspec
import pytest
from msgspec import UNSET

from understudy.model import Endpoint, Templating, templating


def test_short_and_long_form():
    short = msgspec.convert({"path": "/", "templates": "mockoon"}, Endpoint)
    assert templating(short.templates) == Templating(language="mockoon")
    long = msgspec.convert(
        {"path": "/", "templates": {"language": "wiremock", "parameters": {"a": 1}}}, Endpoint
    )
    assert templating(long.templates) == Templating(language="wiremock", parameters={"a": 1})
    assert templating(UNSET) is None


def test_parameters_are_for_wiremock():
    with pytest.raises(ValueError, match="`wiremock` alone"):
        Templating(language="mockoon", parameters={"a": 1})
