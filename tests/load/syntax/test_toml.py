import pytest

from understudy.load.fault import NotReadable
from understudy.load.syntax import toml as syntax


def message(text):
    with pytest.raises(NotReadable) as raised:
        syntax.parse(text)
    (fault,) = raised.value.faults
    return fault.message, fault.line


def test_dates_are_text():
    assert syntax.parse("a = 2024-01-01\nb = [2024-01-01T10:00:00Z, 10:00:00]") == {
        "a": "2024-01-01",
        "b": ["2024-01-01T10:00:00+00:00", "10:00:00"],
    }


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("a = 1\n\na = 2", "a key is written twice", 3),
        ("a = [1", "unclosed array", 1),
        ("a = x", "a value is missing, or text is not in quotes", 1),
        ("a = " + "9" * 5000, "a number has too many digits", None),
        ("a = " + "[" * 5000, "nested deeper than 200 levels", None),
        (".".join("a" * 300) + " = 1", "nested deeper than 200 levels", None),
    ],
)
def test_unreadable(text, said, line):
    found, where = message(text)

    assert said in found
    assert where == line


def test_places():
    place = syntax.places(
        '''\
# a comment with [brackets] and "quotes
port = 1 # another
text = """
[not.a.table]
"""
"quoted key" = 'x'
a.b.c = 1.5

[log]
max = 1

[[endpoints]]
path = "/a"

[[endpoints]]
path = "/b"
list = [
  1, # one
  { x = 1, y = [
    2] },
]
[endpoints.headers]
"X-Y" = "]"
'''
    )

    assert place.find(("port",)).line == 2
    assert place.find(("text",)).line == 3
    assert place.find(("quoted key",)).line == 6
    assert place.find(("a", "b", "c")).line == 7
    assert place.find(("log",)).line == 9
    assert place.find(("log", "max")).line == 10
    assert place.find(("endpoints", 0, "path")).line == 13
    assert place.find(("endpoints", 1)).line == 15
    assert place.find(("endpoints", 1, "list", 0)).line == 18
    assert place.find(("endpoints", 1, "list", 1, "y", 0)).line == 20
    assert place.find(("endpoints", 1, "headers", "X-Y")).line == 23


def test_places_of_a_text_that_has_become_unreadable():
    assert syntax.places("a = [") is None
