import pytest

from understudy.request import Request
from understudy.simulate.rate_limit.rules import MAX_SHOWN, compile_key


def request(target=b"/a", headers=(), client="192.0.2.1"):
    made = Request("GET", target, [(name.encode(), value.encode()) for name, value in headers], b"", client)
    made.path = target.decode().partition("?")[0]
    return made


def parts(pers, asked, endpoint="GET /a"):
    return compile_key("row", pers, endpoint)(asked).split("\x1f")


def test_one_count_for_all():
    assert compile_key("row", (), "GET /a")(request()) == "row"


@pytest.mark.parametrize(
    ("per", "value"),
    [
        ("client", "192.0.2.1"),
        ("endpoint", "GET /a"),
        ("path", "/a"),
        ("header:X-Key", "k"),
        ("header:X-Other", ""),
        ("query:q", "1"),
        ("bearer", ""),
    ],
)
def test_values(per, value):
    assert parts((per,), request(b"/a?q=1", [("X-Key", "k")])) == ["row", value]
    assert parts(("client", per), request(b"/a?q=1", [("X-Key", "k")])) == ["row", "192.0.2.1", value]


def test_tokens_are_not_kept_but_told_apart():
    common = "eyJhbGciOiJIUzI1NiJ9." + "x" * 300
    first, second, again = (
        parts(("bearer",), request(headers=[("Authorization", f"{scheme} {common}{end}")]))[1]
        for scheme, end in (("Bearer", "1"), ("bearer", "2"), ("BEARER", "1"))
    )
    assert first == again != second
    assert len(first) == 32


@pytest.mark.parametrize("value", ["x" * (MAX_SHOWN + 1), "a\x1fb", "ü", "\udc80"])
def test_what_clients_send_is_bounded_and_cannot_be_split(value):
    made = request()
    made._query = {"q": [value]}
    assert [len(part) for part in parts(("query:q", "client"), made)] == [3, 32, 9]


def test_long_values_with_a_common_beginning_are_told_apart():
    keys = {parts(("header:X-Key",), request(headers=[("X-Key", "x" * 500 + end)]))[1] for end in "ab"}
    assert len(keys) == 2
