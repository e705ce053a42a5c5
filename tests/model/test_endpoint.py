import msgspec
import pytest
from msgspec import UNSET

from understudy.model import Behaviour, Endpoint, Failure, Latency, RegexPath


def endpoint(**keys):
    return msgspec.convert({"path": "/x", **keys}, Endpoint)


def refused(**keys):
    with pytest.raises(msgspec.ValidationError) as raised:
        endpoint(**keys)
    return str(raised.value)


def test_what_is_not_written_is_unset_or_has_its_default():
    made = endpoint()

    assert (made.method, made.status, made.priority, made.name) == ("GET", 200, 0, None)
    assert all(getattr(made, key) is UNSET for key in ("response", "body", "file", "base64", "headers"))
    assert made.kind == "empty"


@pytest.mark.parametrize("kind", ["response", "body", "file", "base64"])
def test_kind(kind):
    assert endpoint(**{kind: "x"}).kind == kind


def test_a_response_of_null_is_a_response():
    assert endpoint(response=None).kind == "response"


def test_one_kind_only():
    assert "this one has response and file" in refused(response=1, file="x")


@pytest.mark.parametrize(
    ("written", "methods"),
    [
        ("get", ("GET",)),
        (["put", "PATCH", "PUT"], ("PUT", "PATCH")),
        ("*", ("ANY",)),
        (["GET", "any"], ("ANY",)),
    ],
)
def test_methods(written, methods):
    assert endpoint(method=written).methods == methods


def test_long_forms():
    made = endpoint(
        path={"regex": "^/x$"},
        latency_ms={"uniform": [1, 2]},
        failure={"status": 503, "headers": {"Retry-After": 1}},
    )

    assert made.path == RegexPath(regex="^/x$")
    assert made.latency_ms == Latency(uniform=(1, 2))
    assert made.failure == Failure(status=503, headers={"Retry-After": 1})


def test_whole_numbers_in_headers_stay_whole():
    headers = endpoint(headers={"Retry-After": 1, "X": [2, 2.5, True]}).headers

    assert repr(headers) == "{'Retry-After': 1, 'X': [2, 2.5, True]}"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"path": "x"}, 'a path starts with "/": write "/x"'),
        ({"path": "/x?a=b"}, "a path has no query"),
        ({"path": {"regex": "("}}, "the regular expression cannot be read"),
        ({"path": {"regex": "(" * 5000 + ")" * 5000}}, "the regular expression cannot be read"),
        ({"method": "A B"}, "is not a method"),
        ({"method": []}, "length >= 1"),
        ({"headers": {"a b": 1}}, "cannot be a header name"),
        ({"headers": {"a": ["b", "c\r\nd"]}}, "has a line break in its value"),
        ({"failure": {"headers": {"": 1}}}, "cannot be a header name"),
        ({"latency_ms": {"uniform": [2, 1]}}, "write [1, 2]"),
        ({"status": 199}, ">= 200"),
        ({"failure_rate": 1.1}, "<= 1"),
        ({"zzz": 1}, "unknown field"),
    ],
)
def test_refused(keys, said):
    assert said in refused(**keys)


def test_every_key_of_the_defaults_is_one_of_an_endpoint():
    assert set(Behaviour.__struct_fields__) < set(Endpoint.__struct_fields__)


def test_models_cannot_be_changed():
    with pytest.raises(AttributeError):
        endpoint().status = 201
