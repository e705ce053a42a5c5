"""curl commands become the configs they should, and these take what the commands send."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.errors import ConfigError
from understudy.formats.curl.options import SHORT, TELLING, WITH_VALUE, WITHOUT_VALUE, options
from understudy.formats.curl.words import MAX_CHARACTERS, split
from understudy.formats.read import read, recognise, text_source
from understudy.load.fault import NotReadable

CASES = cases("curl")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "commands.curl")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


def words(text):
    return [command.words for command in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b\tc", [["a", "b", "c"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a\\ b 'c d'\"e f\"g", [["a b", "c de fg"]]),
        ('"a\\"b\\\\c\\d\\$"', [['a"b\\c\\d$']]),
        ("''", [[""]]),
        ("a#b # c", [["a#b"]]),
        ("a; b && c | d & e", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        (r"$'a\tb\x41\u00e9\101\'\q'", [["a\tbA\u00e9A'\\q"]]),
        ('$"a"', [["a"]]),
        ("X=1; Y=$X; a $Y ${Y}b", [["a", "1", "1b"]]),
        ("a $Z ${Z:-1} `b` $(c (d)) $", [["a", "\0Z\0", "\0Z\0", "\0output\0", "\0output\0", "$"]]),
        ("a > b 2>&1 < c d", [["a", "d"]]),
        ("a\r\nb", [["a"], ["b"]]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_documents_in_the_text():
    first, second = split("a <<A b <<-'B'\n1\nA\n\t2\n\tB\nc <<<'3'\n")
    assert (first.words, first.stdin) == (["a", "b"], "2\n")
    assert (second.line, second.stdin) == (6, "3\n")


@pytest.mark.parametrize("text", ["a\n'b", 'a\n"b', "a\n$'b", "a\n$'b\\", "a\n${b"])
def test_what_does_not_end_has_its_line(text):
    with pytest.raises(NotReadable) as raised:
        split(text)
    assert raised.value.faults[0].line == 2


def test_variables_that_grow(monkeypatch):
    doubled = "A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" + "A=$A$A$A$A$A$A$A$A\n" * 30
    assert len(words(doubled + "a $A")[0][1]) <= MAX_CHARACTERS
    monkeypatch.setattr("understudy.formats.curl.words.MAX_CHARACTERS", 100)
    with pytest.raises(NotReadable, match="more than 100 characters"):
        split("A=xxxxxxxxxx\na $A$A$A$A$A$A$A$A$A$A$A")


@given(st.text(alphabet="ab \\'\"$`{}()<>&|;#=\n\r-@", max_size=30))
def test_any_text_has_words_or_a_fault(text):
    with contextlib.suppress(NotReadable):
        split(text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "-XPOST -sSfd a -- -x",
            [
                ("request", "POST"),
                *[(n, None) for n in ("silent", "show-error", "fail")],
                ("data", "a"),
                ("url", "-x"),
            ],
        ),
        (
            "--no-buffer --no-keepalive --no-compressed",
            [("no-buffer", None), ("no-keepalive", None), ("no-compressed", None)],
        ),
        ("--max-ti 3 --frob -? -", [("max-time", "3"), ("--frob", None), ("-?", None), ("url", "-")]),
        ("-X", [("request", "")]),
        ("--data", [("data", "")]),
    ],
)
def test_options(written, expected):
    assert list(options(written.split())) == expected


def test_every_option_takes_a_value_or_not():
    assert not WITH_VALUE & WITHOUT_VALUE
    assert set(SHORT.values()) <= WITH_VALUE | WITHOUT_VALUE
    assert TELLING <= WITH_VALUE | WITHOUT_VALUE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n'", "does not end"),
        ("echo a", "there is no curl command"),
        ("curl a\0", "NUL"),
        ('curl ^"http://a^" ^\n -H ^"a: b^"', "cmd.exe"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        read(text_source(text, "--curl", "", "curl"), "curl")


def test_it_is_told_by_a_line_that_begins_with_curl():
    assert recognise(text_source("# x\ncurl -X POST https://example.org -H 'a: b'", "x.sh", ".sh")) == "curl"
