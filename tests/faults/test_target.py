from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.faults.target import _Glob, compile_target, missing
from understudy.match import PathPattern
from understudy.model.chaos import Profile


def endpoint(path, *methods, name=None, groups=()):
    methods = methods or ("GET",)
    return SimpleNamespace(
        name=name or f"{methods[0]} {path}",
        methods=frozenset(methods),
        groups=frozenset(groups),
        pattern=PathPattern(path),
    )


ORDERS = endpoint("/orders", "GET", "POST", name="orders", groups=["shop"])
ORDER = endpoint("/orders/{id:int}")
FILES = endpoint("/files/**", groups=["files", "slow"])
ALL = [ORDERS, ORDER, FILES]


@pytest.mark.parametrize(
    ("endpoints", "groups", "meant"),
    [
        ([], [], ALL),
        (["orders"], [], [ORDERS]),
        (["/orders"], [], [ORDERS]),
        (["GET /orders"], [], [ORDERS]),
        (["POST /orders"], [], [ORDERS]),
        (["PUT /orders"], [], []),
        (["/orders*"], [], [ORDERS, ORDER]),
        (["GET *"], [], ALL),
        (["*{id*"], [], [ORDER]),
        (["/files/**"], [], [FILES]),
        (["/orders/7"], [], []),
        (["[a-z]*"], [], []),
        ([], ["shop"], [ORDERS]),
        (["/files/**"], ["shop"], [ORDERS, FILES]),
        ([], ["slow", "none"], [FILES]),
    ],
)
def test_which_endpoints_are_meant(endpoints, groups, meant):
    fits = compile_target(endpoints, groups)
    assert [one for one in ALL if fits(one)] == meant


def test_what_fits_nothing_is_told_with_the_nearest():
    assert list(missing(Profile(endpoints=["orders", "/ordrs", "/no/*"], groups="shp"), ALL)) == [
        (("endpoints", 1), "no endpoint has the name or the path '/ordrs'", "/orders"),
        (("endpoints", 2), "no endpoint has the name or the path '/no/*'", None),
        (("groups",), "no endpoint is in a group 'shp'", "shop"),
    ]
    assert not list(missing(Profile(), []))


def plain_fits(glob, text):
    """The rule in its simplest form: every way to cut the text is tried."""
    if not glob:
        return not text
    if glob[0] == "*":
        return any(plain_fits(glob[1:], text[cut:]) for cut in range(len(text) + 1))
    return text[:1] == glob[0] and plain_fits(glob[1:], text[1:])


@given(st.text("ab*", max_size=7), st.text("ab", max_size=7))
def test_a_star_stands_for_any_text(glob, text):
    assert _Glob(glob).fits(text) is plain_fits(glob, text)
