import msgspec
import pytest

from understudy.model import BodyFile, Content


def content(**keys):
    return msgspec.convert(keys, Content)


@pytest.mark.parametrize("kind", ["response", "body", "file", "base64"])
def test_kind(kind):
    assert content(**{kind: "x"}).kind == kind
    assert content().kind == "empty"


def test_one_kind_only():
    with pytest.raises(msgspec.ValidationError, match="this one has response and body"):
        content(response=None, body="")


def test_a_file_in_its_long_form():
    assert content(file={"path": "a.html", "template": True}).file == BodyFile(path="a.html", template=True)


def test_headers_are_checked():
    with pytest.raises(msgspec.ValidationError, match="cannot be a header name"):
        content(headers={"a b": 1})
