import msgspec
import pytest

from understudy.model import Config, Endpoint, functions


@pytest.mark.parametrize("written", ["handlers:cart", "a.b:C.d", "größe:f", "_a:_b"])
def test_names_of_functions(written):
    assert (
        msgspec.convert({"path": "/", "handler": written, "middleware": written}, Endpoint).handler == written
    )


@pytest.mark.parametrize(
    "written", ["cart", "handlers.py:cart", ":a", "a:", "a:b:c", "../a:b", "a/b:c", "1a:b", "a b:c"]
)
@pytest.mark.parametrize("model", [Config, Endpoint])
def test_what_names_none(written, model):
    with pytest.raises(msgspec.ValidationError, match="write module:function"):
        msgspec.convert(
            {"path": "/"} | {"middleware": [written]} if model is Endpoint else {"middleware": written}, model
        )


def test_one_or_several():
    assert (functions("a:b"), functions(["a:b"]), functions(msgspec.UNSET)) == (("a:b",), ("a:b",), ())


def test_a_handler_excludes_other_answers():
    with pytest.raises(msgspec.ValidationError, match="has response and handler"):
        msgspec.convert({"path": "/", "handler": "a:b", "response": 1}, Endpoint)
