import pytest

from understudy.match.regex import RegexError, safe_fullmatch


def test_whole_strings_and_named_groups():
    fullmatch, names = safe_fullmatch(r"/v(?P<n>\d+)")
    assert names == ("n",)
    assert fullmatch("/v12")["n"] == "12"
    assert fullmatch("/v12/") is None


@pytest.mark.parametrize("pattern", ["(", "a(?!b)", r"(a)\1"])
def test_what_cannot_be_run(pattern):
    with pytest.raises(RegexError, match="cannot be"):
        safe_fullmatch(pattern)


@pytest.mark.parametrize("pattern", ["(" * 1000 + ")" * 1000, "a{99999999999999999999}"])
def test_patterns_beyond_reading(pattern):
    with pytest.raises(RegexError):
        safe_fullmatch(pattern)
