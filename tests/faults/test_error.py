from collections import Counter

import pytest

from tests.faults.kit import kit_of, moment, problems, struck
from understudy.faults import compile_fault
from understudy.model.faults import Error
from understudy.steps import Close


def reply(at=None, **keys):
    config = {"cors": True} if keys.pop("cors", False) else {}
    steps = struck({"kind": "error", **keys}, (), at, **config)
    assert len(steps) == 1
    return steps[0]


def test_a_failure_as_everywhere():
    error = reply()

    assert (error.status, error.body) == (500, b'{"error":"Simulated failure"}')
    assert error.headers == ((b"Content-Type", b"application/json"),)
    assert reply(moment("HEAD")).head() == error.head()


@pytest.mark.parametrize(
    ("body", "content_type", "data"),
    [
        ({"error": "overloaded"}, b"application/json", b'{"error":"overloaded"}'),
        ("overloaded", b"text/plain; charset=utf-8", b"overloaded"),
        ("", b"text/plain; charset=utf-8", b""),
        (None, b"application/json", b"null"),
        ([1], b"application/json", b"[1]"),
    ],
)
def test_bodies(body, content_type, data):
    error = reply(status=503, body=body)

    assert (error.status, error.headers, error.body) == (503, ((b"Content-Type", content_type),), data)


def test_headers():
    error = reply(headers={"X-A": ["1", 2], "Content-Type": "text/html"})

    assert error.headers == ((b"X-A", b"1"), (b"X-A", b"2"), (b"Content-Type", b"text/html"))
    assert not reply().dated
    assert reply(headers={"Date": "x"}).dated
    assert reply(cors=True).headers[1:] == kit_of(cors=True).constant_headers


def test_a_connection_that_is_to_be_closed():
    steps = struck({"kind": "error", "headers": {"Connection": "Close", "X-A": "1"}})

    assert steps[1:] == (Close(),)
    assert steps[0].headers == ((b"Content-Type", b"application/json"), (b"X-A", b"1"))


def test_retry_after():
    assert reply(retry_after_s=2).headers[-1] == (b"Retry-After", b"2")
    assert reply(retry_after_s=1.2).headers[-1] == (b"Retry-After", b"2")
    assert reply(retry_after_s=0).headers[-1] == (b"Retry-After", b"0")
    # a quarter past :37, and 2 seconds: the whole second after that
    late = reply(retry_after_s=2, retry_after_as="date")
    assert late.headers[-1] == (b"Retry-After", b"Sun, 06 Nov 1994 08:49:40 GMT")


def test_statuses_without_a_body():
    error = reply(status=204)

    assert (error.headers, error.body) == ((), b"")


def test_a_mix_by_weight():
    strike = compile_fault(Error(mix={"500": 1, "503": 3, "429": 0}), kit_of(), ())
    drawn = [strike((), moment(n=n))[0].status for n in range(2000)]

    assert drawn == [strike((), moment(n=n))[0].status for n in range(2000)]
    counted = Counter(drawn)
    assert set(counted) == {500, 503}
    assert 420 < counted[500] < 580
    assert len({strike((), moment(n=1, label=str(label)))[0].status for label in range(50)}) == 2


def test_a_header_that_is_no_header():
    assert problems({"kind": "error", "headers": {"X-A": "{{ uuid }}"}}) == [
        "these headers have no templates"
    ]
    assert problems({"kind": "error", "mix": {"500": 1}, "headers": {"Content-Length": 1}}) == [
        "Content-Length is set by the server, from the length of the body"
    ]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"mix": {"99": 1}}, "'99' in `mix` is not a status"),
        ({"mix": {"500": 0}}, "add up to nothing"),
        ({"mix": {}}, "add up to nothing"),
        ({"headers": {"a b": "1"}}, "cannot be a header name"),
        ({"retry_after_s": 1, "headers": {"retry-after": "1"}}, "leave one out"),
    ],
)
def test_what_contradicts_itself(keys, message):
    with pytest.raises(ValueError, match=message):
        Error(**keys)
