"""Expressions in helpers run in linear time."""

import pytest

from understudy.render.handlebars.regex import compiled


def test_an_expression():
    assert compiled("a(b+)").search("xabbx").group(1) == "bb"


def test_evil_ones_are_harmless_or_refused():
    assert compiled("(a+)+$").search("a" * 10_000 + "b") is None
    with pytest.raises(ValueError, match="bounded time"):
        compiled("(?=a)")
