import http_sf
import pytest

from understudy.model import LimitHeaders, RateLimit
from understudy.model.rate_limit import LimitHeaderNames
from understudy.simulate.rate_limit.algorithms import Verdict, compile_count
from understudy.simulate.rate_limit.headers import STYLES, Standing, limit_headers, retry_after, wait_of
from understudy.simulate.rate_limit.rules import Limit

S = 1_000_000
NOW = 1_700_000_000 * S + 250_000


def standing(name="default", quota=100, window_s=60.0, verdict=None, **settings):
    written = RateLimit(limit=quota, window_s=window_s or 60)
    return Standing(
        Limit(
            name,
            "endpoint",
            lambda request: name,
            quota,
            window_s,
            quota,
            1,
            compile_count(written) if window_s else None,
            "",
            LimitHeaders(**settings),
            None,
        ),
        Verdict(True, min(quota, 50), 30 * S - 1, 0) if verdict is None else verdict,
    )


REFUSED = Verdict(False, 0, 30 * S, 10 * S + 1)


def told(*standings):
    return {name.decode(): value.decode() for name, value in limit_headers(standings, NOW)}


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("draft", {"RateLimit-Policy": '"default";q=100;w=60', "RateLimit": '"default";r=50;t=30'}),
        ("draft-7", {"RateLimit-Policy": "100;w=60", "RateLimit": "limit=100, remaining=50, reset=30"}),
        (
            "draft-6",
            {
                "RateLimit-Policy": "100;w=60",
                "RateLimit-Limit": "100",
                "RateLimit-Remaining": "50",
                "RateLimit-Reset": "30",
            },
        ),
        (
            "x-ratelimit",
            {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "50", "X-RateLimit-Reset": "30"},
        ),
        ("none", {}),
    ],
)
def test_styles(style, expected):
    assert told(standing(style=style)) == expected
    refused = told(standing(verdict=REFUSED, style=style))
    assert set(refused) == set(expected)
    assert all("30" not in value for value in refused.values()), "after a refusal, as Retry-After"


def test_every_style_is_tested():
    assert set(STYLES) == {"draft", "draft-7", "draft-6", "x-ratelimit", "none"}


def test_the_draft_is_a_structured_field():
    found = told(
        standing("api", 5, 1.0),
        standing("day", 1_000_000_000, 86_400.0),
        standing("half", 5, 0.5),
        standing("now", 4, None, Verdict(True, 3, None, 0)),
    )
    assert http_sf.parse(found["RateLimit-Policy"].encode(), tltype="list") == [
        ("api", {"q": 5, "w": 1}),
        ("day", {"q": 1_000_000_000, "w": 86_400}),
        ("half", {"q": 5}),
        ("now", {"q": 4, "qu": "concurrent-requests"}),
    ]
    assert http_sf.parse(found["RateLimit"].encode(), tltype="list") == [
        ("api", {"r": 5, "t": 30}),
        ("day", {"r": 50, "t": 30}),
        ("half", {"r": 5, "t": 30}),
        ("now", {"r": 3}),
    ]


def test_older_drafts_are_structured_fields_too():
    found = told(standing("api", 5, 1.0, style="draft-7"), standing("day", 9, 86_400.0, style="draft-7"))
    assert http_sf.parse(found["RateLimit-Policy"].encode(), tltype="list") == [
        (5, {"w": 1}),
        (9, {"w": 86_400}),
    ]
    assert http_sf.parse(found["RateLimit"].encode(), tltype="dictionary") == {
        "limit": (5, {}),
        "remaining": (5, {}),
        "reset": (30, {}),
    }


def test_a_header_for_each_number_tells_of_the_limit_that_is_nearest_to_its_end():
    style = {"style": "x-ratelimit"}
    few = standing("few", 10, 60.0, Verdict(True, 2, S, 0), **style)
    many = standing("many", 100, 60.0, Verdict(True, 90, 9 * S, 0), **style)
    refuses = standing("refuses", 7, 60.0, Verdict(False, 4, S, S), **style)
    assert told(many, few)["X-RateLimit-Limit"] == "10"
    assert told(many, few, refuses)["X-RateLimit-Limit"] == "7"
    longer = standing("longer", 11, 60.0, Verdict(True, 2, 2 * S, 0), **style)
    assert told(few, longer)["X-RateLimit-Limit"] == "11"


def test_limits_with_other_settings_have_other_headers():
    found = told(standing(), standing("mine", 7, style="x-ratelimit"))
    assert set(found) == {
        "RateLimit-Policy",
        "RateLimit",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    }


def test_other_names_and_the_time_of_the_reset():
    names = LimitHeaderNames(limit="X-Quota", reset="X-Quota-Reset")
    found = told(standing(style="x-ratelimit", reset="epoch", names=names))
    assert found == {"X-Quota": "100", "X-RateLimit-Remaining": "50", "X-Quota-Reset": "1700000031"}


def test_a_limit_that_is_nowhere_near_need_not_be_told():
    def at(remaining):
        return told(standing(verdict=Verdict(True, remaining, S, 0), show_from=0.8))

    assert at(21) == {}
    assert "RateLimit" in at(20)
    assert told(standing(verdict=REFUSED._replace(remaining=50), show_from=1.0))


def test_no_time_is_told_that_nobody_knows():
    for style in STYLES:
        held = standing("now", 4, None, Verdict(False, 0, None, None), style=style)
        assert "X-RateLimit-Reset" not in told(held)
        assert ";t=" not in "".join(told(held).values())
        assert "reset" not in "".join(told(held).values())
    assert wait_of([held]) == S


@pytest.mark.parametrize(
    ("wait", "seconds"), [(1, b"1"), (S - 1, b"1"), (S, b"1"), (S + 1, b"2"), (60 * S, b"60")]
)
def test_retry_after_is_rounded_up(wait, seconds):
    assert retry_after(LimitHeaders(), wait, NOW) == ((b"Retry-After", seconds),)


def test_retry_after_in_other_words():
    names = LimitHeaderNames(retry_after="X-Retry")
    assert retry_after(LimitHeaders(retry_after="none"), S, NOW) == ()
    assert retry_after(LimitHeaders(names=names), S, NOW) == ((b"X-Retry", b"1"),)
    date = retry_after(LimitHeaders(retry_after="date"), S, NOW)
    assert date == ((b"Retry-After", b"Tue, 14 Nov 2023 22:13:22 GMT"),)
