"""Which part of a body is asked for."""

import pytest

from understudy.views.ranges import asked_part


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        (" bytes=2- ", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("Bytes=-3", (7, 10)),  # section 14.1
        ("bytes=-30", (0, 10)),
        ("bytes=8-99", (8, 10)),
        ("bytes=10-", (10, 10)),  # 416
        ("bytes=-0", (10, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
        ("bytes=٣-", None),
        ("bytes=" + "9" * 40 + "-", None),
        ("", None),
        (None, None),
    ],
)
def test_part(asked: str | None, part: tuple[int, int] | None) -> None:
    assert asked_part("GET", asked, None, set(), 10) == part


def test_only_of_get_and_of_the_version_that_is_meant() -> None:
    known = {'"v2"', "Wed, 25 Nov 2026 23:16:08 GMT"}
    assert asked_part("HEAD", "bytes=2-", None, known, 10) is None
    assert asked_part("GET", "bytes=2-", '"v1"', known, 10) is None
    assert asked_part("GET", "bytes=2-", '"v2"', known, 10) == (2, 10)
    assert asked_part("GET", "bytes=2-", 'W/"v2"', {'W/"v2"'}, 10) is None, "a weak ETag names no bytes"
