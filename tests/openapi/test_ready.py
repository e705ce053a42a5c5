"""What is compiled of an operation, and what is not."""

import pytest

from tests.openapi.test_spec import spec
from understudy.errors import ConfigError
from understudy.model import OpenApi
from understudy.openapi import ready
from understudy.openapi.ready import read_operation


def test_only_what_is_asked_for_is_compiled():
    full = read_operation(spec(), 0, OpenApi(spec="a"))
    assert full.access is not None
    assert full.incoming is not None
    assert full.outgoing is not None
    off = read_operation(spec(), 0, OpenApi(spec="a", auth="off", validate="off", validate_responses="off"))
    assert off[:2] == (None, None)
    assert off.outgoing is None


@pytest.mark.parametrize(
    ("error", "said"), [(RecursionError(), "nested too deeply"), (ValueError("no JSON"), "no JSON")]
)
def test_an_operation_that_cannot_be_read_has_a_place(error, said, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(ready, "_read", fail)
    with pytest.raises(ConfigError, match=said) as raised:
        read_operation(spec(), 0, OpenApi(spec="a"))
    assert raised.value.problems[0].line == 8
