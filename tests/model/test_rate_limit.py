import msgspec
import pytest

from understudy.model import RateLimit, each_limit
from understudy.model.rate_limit import (
    ALGORITHMS,
    LimitHeaders,
    check_rate_limit,
    check_rate_limits,
    parse_rate,
)


def limit(**keys):
    return msgspec.convert(keys, RateLimit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10/s", (10, 1)),
        ("100/minute", (100, 60)),
        ("1000/h", (1000, 3600)),
        ("5/30s", (5, 30)),
        ("100/15m", (100, 900)),
        ("7 / 0.5 h", (7, 1800)),
        ("1/day", (1, 86_400)),
        ("3/250ms", (3, 0.25)),
        ("5 per Second", (5, 1)),
        ("60 per 2 minutes", (60, 120)),
    ],
)
def test_rates(text, expected):
    assert parse_rate(text) == expected
    assert (limit(limit=text).quota, limit(limit=text).length_s) == expected


@pytest.mark.parametrize(
    "text", ["10", "10/", "/s", "10/x", "ten/s", "-1/s", "1.5/s", "10/s/s", "10/s ", "", "1e3/s"]
)
def test_what_is_no_rate(text):
    if text == "10/s ":
        assert parse_rate(text) == (10, 1)
        return
    with pytest.raises(ValueError, match="cannot be read as a rate: write one such as 10/s"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["0/s", "9999999999/s", "1/367d", "1/0.5ms", "1/0s"])
def test_rates_out_of_range(text):
    with pytest.raises(ValueError, match="is not possible"):
        parse_rate(text)


@pytest.mark.parametrize("written", [0, -1, "7", "00x", 10**10, "9999999999/s"])
def test_limits_out_of_range(written):
    with pytest.raises(msgspec.ValidationError):
        limit(limit=written)


def test_a_number_alone_is_no_rate():
    for written in ("7", ["10/s", "7"]):
        with pytest.raises(ValueError, match="'7' cannot be read as a rate"):
            check_rate_limit(written)
    with pytest.raises(ValueError, match="'7' cannot be read as a rate"):
        check_rate_limits({"a": "7"})


def test_each_limit_in_its_long_form():
    one = limit(limit="5/s")
    assert each_limit(False) == each_limit(msgspec.UNSET) == ()
    assert each_limit("5/s") == each_limit(one) == each_limit([one]) == (one,)
    assert [each.name for each in each_limit(["api", "5/s", limit(limit="api", cost=3)])] == [
        "api",
        None,
        "api",
    ]


@pytest.mark.parametrize(
    ("keys", "capacity"),
    [
        ({}, 5),
        ({"algorithm": "sliding_window"}, 5),
        ({"algorithm": "token_bucket"}, 5),
        ({"algorithm": "token_bucket", "burst": 9}, 9),
        ({"algorithm": "gcra"}, 1),
        ({"algorithm": "gcra", "burst": 3}, 3),
        ({"algorithm": "concurrency"}, 5),
    ],
)
def test_how_many_at_once(keys, capacity):
    assert limit(limit=5, **keys).capacity == capacity
    assert not list(limit(limit=5, **keys).mistakes())


def test_what_has_a_count_of_its_own():
    assert limit(limit=1).pers == ()
    assert limit(limit=1, per="client").pers == ("client",)
    assert limit(limit=1, per=["bearer", "path"]).pers == ("bearer", "path")
    with pytest.raises(msgspec.ValidationError, match="'header' is not one of client, header:NAME"):
        limit(limit=1, per=["client", "header"])


@pytest.mark.parametrize(
    ("keys", "mistakes"),
    [
        ({"limit": 5, "algorithm": "concurrency", "window_s": 3}, ["window_s"]),
        ({"limit": "5/s", "algorithm": "concurrency"}, ["limit"]),
        ({"limit": "5/s", "window_s": 3}, ["window_s"]),
        ({"limit": 5, "burst": 3}, ["burst"]),
        ({"limit": 5, "cost": 6}, ["cost"]),
        ({"limit": 5, "algorithm": "gcra", "cost": 2}, ["cost"]),
        ({"limit": 5, "algorithm": "gcra", "burst": 2, "cost": 2}, []),
        ({"limit": 5, "algorithm": "gcra", "aligned": True}, ["aligned"]),
        ({"limit": 5, "aligned": True}, []),
        ({"limit": "api", "cost": 6}, []),
        ({"limit": "api", "per": "client", "burst": 5}, ["burst", "per"]),
        ({"limit": 5, "headers": {"reset": "epoch"}}, ["headers"]),
        ({"limit": 5, "headers": {"style": "draft-7", "names": {"limit": "X-L"}}}, ["headers"]),
        ({"limit": 5, "headers": {"names": {"retry_after": "X-Retry"}}}, []),
        ({"limit": 5, "headers": {"style": "x-ratelimit", "reset": "epoch", "names": {"limit": "L"}}}, []),
    ],
)
def test_keys_that_do_not_go_together(keys, mistakes):
    assert [key for key, _ in limit(**keys).mistakes()] == mistakes


def test_headers_in_their_long_form():
    assert limit(limit=1).shown == LimitHeaders()
    assert limit(limit=1, headers="draft-6").shown == LimitHeaders(style="draft-6")
    assert limit(limit=1, headers={"show_from": 0.5}).shown == LimitHeaders(show_from=0.5)
    with pytest.raises(msgspec.ValidationError, match="'a b' cannot be a header name"):
        limit(limit=1, headers={"style": "x-ratelimit", "names": {"reset": "a b"}})


@pytest.mark.parametrize("name", ["", "1st", "a b", "ü", 'a"b', "a" * 101])
def test_names_that_cannot_be(name):
    with pytest.raises(ValueError, match="cannot be the name of a limit"):
        check_rate_limits({name: "10/s"})


def test_a_shared_limit_names_no_other():
    check_rate_limits({"a": "10/s", "b": limit(limit=3), "c": limit(limit="3/s")})
    for wrong in ("other", limit(limit="other")):
        with pytest.raises(ValueError, match="'other' cannot be read as a rate"):
            check_rate_limits({"a": wrong})


def test_every_algorithm_is_told():
    description = str(msgspec.json.schema(RateLimit))
    assert all(f"`{name}`" in description for name in ALGORITHMS)
