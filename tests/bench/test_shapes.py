import json

import pytest

from bench import shapes

GUEST = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


def fault(shape: shapes.Shape, status: int, reply: object, **options: bool) -> str | None:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return shapes.fault_in(shape.probe("guest"), status, body, **options)


def test_right_answers_have_no_fault():
    assert fault(shapes.STATIC, 200, shapes.STATIC_TEXT.encode()) is None
    assert fault(shapes.TEMPLATED, 200, {"id": GUEST, "at": "2025-01-01T00:00:00Z", "hello": "guest"}) is None
    assert fault(shapes.POST, 201, {"id": GUEST, "name": "guest"}) is None


@pytest.mark.parametrize(
    ("shape", "status", "reply", "words"),
    [
        (shapes.STATIC, 404, {}, "status 404"),
        (shapes.STATIC, 200, b"hello", "no JSON"),
        (shapes.STATIC, 200, [1], "expected an object"),
        (shapes.STATIC, 200, {"users": []}, "expected {'users'"),
        (shapes.TEMPLATED, 200, {"id": "{{ uuid() }}", "at": "2025-01-01", "hello": "guest"}, "no uuid"),
        (shapes.TEMPLATED, 200, {"id": GUEST, "at": "now", "hello": "guest"}, "no time"),
        (shapes.TEMPLATED, 200, {"id": GUEST, "at": "2025-01-01", "hello": ""}, "hello=''"),
        (shapes.POST, 200, {"id": GUEST, "name": "guest"}, "status 200"),
        (shapes.POST, 201, {"id": GUEST}, "name=None"),
    ],
)
def test_wrong_answers_are_named(shape: shapes.Shape, status: int, reply: object, words: str):
    assert words in (fault(shape, status, reply) or "")


def test_the_yardstick_may_answer_the_same_each_time():
    assert fault(shapes.TEMPLATED, 200, {"id": 1}, fixed=True) is None
    assert fault(shapes.TEMPLATED, 500, {"id": 1}, fixed=True)


def test_the_last_endpoint_is_asked():
    assert shapes.many(1000).probe("x").target == "/svc1000/users"
    assert shapes.many_parameterised(10).probe("x").target == "/svc10/users/7"
    assert shapes.TEMPLATED.probe("x").target == "/api/greeting?name=x"
    assert shapes.POST.probe("x").body == b'{"name": "x"}'
