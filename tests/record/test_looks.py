"""How ids, times and tokens look, and the paths that differ by them alone."""

import pytest

from understudy.record.looks import LOOKS, look_of, template_of


@pytest.mark.parametrize(
    ("target", "template"),
    [
        ("/users/42/orders/7?x=1", "/users/{id}/orders/{id}"),
        ("/users/5f3c9a1e-7b2d-4c8e-9f10-abcdefabcdef", "/users/{id}"),
        ("/v1/users/me", "/v1/users/me"),
        ("/days/2025-07-01", "/days/{id}"),
        ("/users/5f3c9a1e7b2d4c8e9f10/mail/ann@example.com", "/users/{id}/mail/{id}"),
        ("/authorization-endpoint", "/authorization-endpoint"),
        ("/", "/"),
    ],
)
def test_templates_of_paths(target, template):
    assert template_of(target) == template


@pytest.mark.parametrize("text", ["Alice", "hello world", "internationalization", "", "a" * 5000])
def test_words_are_no_ids(text):
    assert look_of(text) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uuid", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"),
        ("time", "2025-07-01T10:00:00+02:00"),
        ("date", "2025-07-01"),
        ("HTTP date", "Tue, 01 Jul 2025 10:00:00 GMT"),
        ("number", "12.5"),
        ("JWT", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc"),
        ("ULID", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ("hex", "a94a8fe5ccb19ba6"),
        ("prefixed id", "cus_9s6XKzkNRiz8i3"),
        ("token", "dGhpcyBpcyBhIHRva2Vu1+/="),
    ],
)
def test_looks(name, text):
    assert look_of(text) == name
    assert name in LOOKS
