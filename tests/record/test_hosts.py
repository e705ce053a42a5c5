"""Names of hosts, and lists of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.record.hosts import host_list, host_of


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("API.Example.com", "api.example.com"),
        ("example.com.", "example.com"),
        ("localhost", "localhost"),
        ("my_host", "my_host"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[2001:DB8::0:1]", "2001:db8::1"),
        ("::1", "::1"),
        ("", None),
        (".", None),
        ("a..b", None),
        ("-a", None),
        ("a b", None),
        ("a/b", None),
        ("[127.0.0.1]", None),
        ("[::1", None),
        ("fe80::1%eth0", None),
        ("x" * 64, None),
        (("a." * 127)[:-1], "a." * 126 + "a"),
        ("a." * 127 + "a", None),
        ("ü" * 1_000_000, None),
    ],
)
def test_host_of(written, host):
    assert host_of(written) == host


@pytest.mark.parametrize(
    ("patterns", "inside", "outside"),
    [
        (["*"], ["a", "::1", "127.0.0.1"], []),
        ([], [], ["a"]),
        (["api.example.com"], ["api.example.com"], ["example.com", "x.api.example.com"]),
        (["API.example.com."], ["api.example.com"], []),
        (["*.example.com"], ["a.example.com", "a.b.example.com"], ["example.com", "aexample.com"]),
        (["api-*.test"], ["api-1.test", "api-.test"], ["api.test"]),
        (["a*b*a"], ["aba", "axbxa"], ["aa", "ab", "aab"]),
        (["a**a"], ["aa", "aba"], ["a"]),
        (["bücher.*"], ["xn--bcher-kva.example"], ["b.example"]),
        (["[::1]", "10.*"], ["::1", "10.1.2.3"], ["::2", "110.1.1.1"]),
        (["a.b"], [], ["axb"]),
    ],
)
def test_host_list(patterns, inside, outside):
    has = host_list(patterns)
    assert [host for host in inside + outside if has(host)] == inside


@given(st.text("ab*", min_size=1, max_size=8).filter(lambda text: "*" in text), st.text("ab", max_size=8))
def test_wildcards_are_those_of_a_plain_expression(pattern, host):
    plain = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), host) is not None
    assert host_list([pattern])(host) is plain
