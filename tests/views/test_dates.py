"""Dates of HTTP are written as the standard library writes them."""

from email.utils import formatdate

from hypothesis import given
from hypothesis import strategies as st

from understudy.views.dates import http_date, read_http_date


def test_the_example_of_the_standard():
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert read_http_date("Sun, 06 Nov 1994 08:49:37 GMT").timestamp() == 784111777


@given(st.floats(0, 253_402_300_799))
def test_they_are_those_of_the_standard_library(seconds):
    assert http_date(seconds) == formatdate(int(seconds), usegmt=True)
    assert read_http_date(http_date(seconds)).timestamp() == int(seconds)
