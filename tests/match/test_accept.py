"""What a client accepts; the cases of RFC 9110 section 12.5.1, and what real clients send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.match.accept import MAX_RANGES, accepts, best

RFC = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"


@pytest.mark.parametrize(
    ("header", "media_type", "quality"),
    [
        (RFC, "text/plain;format=flowed", 1),
        (RFC, "text/plain", 0.7),
        (RFC, "text/html", 0.3),
        (RFC, "image/jpeg", 0.5),
        (RFC, "text/plain;format=fixed", 0.4),
        (RFC, "text/html;level=3", 0.3),
        (None, "a/b", 1),
        ("", "a/b", 1),
        (" , ", "a/b", 1),
        ("nonsense", "a/b", 1),
        ("*/*", "a/b", 1),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "a/b", 0.2),  # Java
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/xml", 0.9),  # browsers
        ("application/json;q=0, */*", "application/json", 0),
        ("application/*;q=0, application/json", "application/json", 1),
        ("a/b;q=0.0", "a/b", 0),
        ("a/b;q=1.000;ext=x", "a/b", 1),
        ("A/B", "a/b", 1),
        ("a/b", "A/B", 1),
        ("a/b", "a/c", 0),
        ("a/b;q=2, a/*;q=0.1", "a/b", 0.1),  # an unreadable element says nothing
        ('a/b;x="1,2;q=0"', 'a/b;x="1,2;q=0"', 1),
        ('a/b;x="\\"", c/d', "c/d", 1),
        ("a/b;charset=UTF-8", "a/b;charset=utf-8", 1),
        ("a/b; charset=utf-8", "a/b", 1),  # what .NET and Angular send for JSON, which has none
        ("a/b; charset=utf-8", "a/b;charset=latin-1", 0),
        ("a/b; charset=utf-8; x=1", "a/b", 0),
        ("a/b;x=1", "a/b", 0),
        ("a/b;;x=1", "a/b;x=1", 1),
        ("*/b", "a/b", 1),
        ("a/b", "nonsense", 0),
    ],
)
def test_quality(header, media_type, quality):
    assert accepts(header, media_type) == quality


@pytest.mark.parametrize(
    ("header", "offered", "chosen"),
    [
        (None, ["a/b", "c/d"], "a/b"),
        ("c/d, a/b", ["a/b", "c/d"], "a/b"),
        ("c/d, a/b;q=0.9", ["a/b", "c/d"], "c/d"),
        ("x/y", ["a/b"], None),
        ("*/*;q=0", ["a/b"], None),
        ("a/*", [], None),
        ("*/*, c/*;q=0.5", ["c/d", "a/b"], "a/b"),
    ],
)
def test_best(header, offered, chosen):
    assert best(header, offered) == chosen


def test_a_long_header_is_read_up_to_a_point():
    flood = ", ".join(["a/b"] * MAX_RANGES)
    assert accepts(f"{flood}, c/d", "c/d") == 0
    assert accepts("a/b," + "x" * 1_000_000, "a/b") == 1
    assert accepts('a/b;x="' + "\\" * 100_000, "c/d") in {0, 1}
    assert accepts("a/b" + ";" * 8000 + '"', "c/d") in {0, 1}
    assert accepts("a/b;q=" + "0" * 8000, "a/b") == 1


@given(st.text(alphabet='ab/*;q=,"\\ 01.\t', max_size=40), st.sampled_from(["a/b", "b/a;a=b"]))
def test_no_header_is_too_odd(header, media_type):
    assert 0 <= accepts(header, media_type) <= 1
    chosen = best(header, ["a/a", media_type])
    assert chosen is None or accepts(header, chosen) > 0
