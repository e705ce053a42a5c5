import pytest

from understudy.render.helpers.base import call_fault, parameters, pure
from understudy.render.scope import Scope


def function(a, b=1, *, c=2):
    return a, b, c


def variadic(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize(
    ("positional", "keywords", "fault"),
    [
        (1, [], None),
        (2, ["c"], None),
        (0, ["a"], None),
        (3, [], "takes at most 2 arguments, got 3"),
        (1, ["d"], "has no argument d; it has a, b, c"),
        (0, [], "needs a"),
        (0, ["b"], "needs a"),
    ],
)
def test_call_fault(positional, keywords, fault):
    assert call_fault(function, positional, keywords) == fault


def test_a_variadic_function_takes_all():
    assert call_fault(variadic, 9, ["x"]) is None
    assert call_fault(lambda: None, 1, []) == "takes at most 0 arguments, got 1"


def test_parameters_and_pure():
    assert parameters(function) == ("a", "b", "c")
    assert pure(function)(Scope()) is function
