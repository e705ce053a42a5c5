"""Formats as Prism checks them."""

import pytest

from understudy.openapi.texts import is_byte, is_date_time, is_time, is_uuid

CASES = [
    (is_date_time, "2024-02-29T12:30:00Z", True),
    (is_date_time, "2024-02-29 12:30:00.123+01:00", True),
    (is_date_time, "2024-02-29t12:30:00+01", True),
    (is_date_time, "2024-02-29t23:59:60z", True),
    (is_date_time, "2023-02-29T12:30:00Z", False),
    (is_date_time, "2023-13-01T12:30:00Z", False),
    (is_date_time, "0000-01-01T12:30:00Z", True),
    (is_date_time, "2024-02-29T12:30:00", False),
    (is_date_time, "2024-02-29", False),
    (is_date_time, "2024-02-29T24:00:00Z", False),
    (is_time, "12:30:00", True),
    (is_time, "12:30:00Z", True),
    (is_time, "12:30", False),
    (is_uuid, "urn:uuid:7E57D004-2B97-0E7A-B45F-5387367791CD", True),
    (is_uuid, "7e57d004-2b97-0e7a-b45f-5387367791cd", True),
    (is_uuid, "7e57d0042b970e7ab45f5387367791cd", False),
    (is_byte, "", True),
    (is_byte, "aGk=", True),
    (is_byte, "aGk", False),
    (is_byte, "aGk=\n", False),
]


@pytest.mark.parametrize(("check", "text", "expected"), CASES)
def test_a_text_is_of_a_format(check, text, expected):
    assert check(text) is expected
