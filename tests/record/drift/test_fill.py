import pytest

from understudy.record.drift.fill import filled, filled_text

SECRETS = {"token": "t", "token_id": "i"}


def test_the_longest_name_goes_first():
    assert filled_text("a=REDACTED-token_id&b=REDACTED-token", SECRETS) == "a=i&b=t"


@pytest.mark.parametrize(
    ("data", "made"),
    [
        (b"\xff nothing", b"\xff nothing"),
        (b"\xff REDACTED-token", b"\xff t"),
        (b"REDACTED-other", None),
        (b"a UkVEQUNURUQ= b", None),
    ],
)
def test_what_is_still_redacted_is_none(data, made):
    assert filled(data, SECRETS) == made
