import msgspec
import pytest
from msgspec import UNSET

from understudy.model import Endpoint, Refusal, Validate


def validate(**keys):
    return msgspec.convert(keys, Validate)


def test_what_is_not_written():
    made = validate()
    assert (made.mode, made.formats, made.status, made.response) == ("strict", True, UNSET, UNSET)
    assert not made.needs_body
    assert made.media_types == ()


def test_the_short_form_is_a_file():
    assert msgspec.convert({"path": "/", "validate": "a.json"}, Endpoint).validate == "a.json"


@pytest.mark.parametrize(
    ("keys", "needs"),
    [
        ({"body": {}}, True),
        ({"body": False}, True),
        ({"body": {}, "required_body": False}, False),
        ({"required_body": True}, True),
    ],
)
def test_whether_there_must_be_a_body(keys, needs):
    assert validate(**keys).needs_body is needs


def test_media_types():
    assert validate(content_type="Text/Plain").media_types == ("text/plain",)
    assert validate(content_type=["a/b", "c/*"]).media_types == ("a/b", "c/*")
    for wrong in ("json", "a/b; q=1", "a/b,c/d"):
        with pytest.raises(msgspec.ValidationError, match="is not a media type"):
            validate(content_type=wrong)


def test_a_refusal_has_a_status_only_if_it_is_written():
    assert msgspec.convert({"response": {}}, Refusal).status is UNSET
    with pytest.raises(msgspec.ValidationError, match="an answer has one of"):
        msgspec.convert({"response": {}, "body": ""}, Refusal)


@pytest.mark.parametrize("wrong", [{"status": 200}, {"mode": "maybe"}, {"body": 5}, {"bodies": {}}])
def test_what_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        validate(**wrong)
