from datetime import date

import pytest

from understudy.render.values import as_json, as_text, json_bytes, json_markup


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("O'Brien <b>&", "O'Brien <b>&"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.5, "1.5"),
        ([1, None, "é"], '[1,null,"é"]'),
        ({"a": True}, '{"a":true}'),
        (date(2026, 1, 31), "2026-01-31"),
        ([].append, ""),
    ],
)
def test_as_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "null"),
        (2**70, str(2**70)),
        ({1: 2}, '{"1":2}'),
        ((1, 2), "[1,2]"),
        ({"a": [].append}, '{"a":null}'),
        (Text('a"'), '"a\\""'),
        ({"a": 1}.items(), '[["a",1]]'),
        (1j, '"1j"'),
    ],
)
def test_as_json(value, text):
    assert as_json(value) == text
    assert json_bytes(value) == text.encode()


def test_markup_is_not_escaped_again():
    assert json_markup("<a>").__html__() == '"<a>"'
