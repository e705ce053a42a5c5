import pytest

from understudy.load.fault import NotReadable
from understudy.load.limits import MAX_FAULTS
from understudy.load.syntax import yaml as syntax


def messages(text):
    with pytest.raises(NotReadable) as raised:
        syntax.parse(text)
    return [fault.message for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("0x1f", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        # YAML 1.1 would make something else of these
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("08", "08"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-01", "2024-01-01"),
        ("+49301234", "+49301234"),
        ("1.2.3", "1.2.3"),
        ("-", None),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("!!int 1", 1),
    ],
)
def test_plain_words(written, value):
    read = syntax.parse(f"x: {written}" if written != "-" else "x:\n")["x"]

    assert read == value
    assert type(read) is type(value)


def test_keys_are_text_as_they_are_written():
    assert syntax.parse("1: a\non: b\n2024-01-01: c\ntrue: d\n~: e") == {
        "1": "a",
        "on": "b",
        "2024-01-01": "c",
        "true": "d",
        "~": "e",
    }


def test_anchors_and_merge_keys():
    text = """
base: &base {a: 1, b: 1}
more: &more {b: 2, c: 2}
own: {<<: *base, b: 3}
both: {<<: [*base, *more], d: 4}
quoted: {"<<": 1}
same: [*base, *base]
"""
    read = syntax.parse(text)

    assert read["own"] == {"a": 1, "b": 3}
    assert read["both"] == {"a": 1, "b": 1, "c": 2, "d": 4}
    assert read["quoted"] == {"<<": 1}
    assert read["same"] == [{"a": 1, "b": 1}] * 2


def test_every_fault_is_found():
    assert messages("a: !x 1\nb: .nan\nc: {<<: 1}\n? {d: 1}\n: 2\na: 3\n!y k: 1\nl: !z [1]") == [
        "tags are not supported: a config is plain data",
        "JSON has no such number",
        "`<<` takes an object, or a list of objects",
        "a value that begins with { is an object here: put a template in quotes",
        'the key "a" is written twice: first in line 1',
        "tags are not supported: a config is plain data",
        "tags are not supported: a config is plain data",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: \x07", "not valid YAML"),
        ("a: " + "9" * 5000, "a number has too many digits"),
        ("[" * 300, "nested deeper than 200 levels"),
        ("- " * 300, "nested deeper than 200 levels"),
        ("a: `b`", "text cannot begin with `: put it in quotes"),
        ("  \ta: 1\n\tb: 2", "a tab in the indentation: indent with spaces"),
        ('a: "\\d"', "inside double quotes a backslash is written twice"),
        ("a: 'b", "a closing quote is missing"),
        ("%x", "not valid YAML"),
    ],
)
def test_unreadable(text, said):
    (message,) = messages(text)

    assert said in message


def test_a_bomb_of_merge_keys_is_refused():
    lines = ["a0: &a0 {k0: v}"] + [
        f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: v}}" for i in range(1, 60)
    ]

    assert messages("\n".join(lines)) == ["aliases add more than 1,000,000 values"]


def test_places():
    place = syntax.places("a:\n  - 1\n  - b: x\n    c:\n      - 1\nd: &d {e: 1}\nf:\n  <<: *d\n  g: 1\n")

    assert place.find(("a",)).line == 1
    assert place.find(("a", 1)).line == 3
    assert place.find(("a", 1, "c")).line == 4
    assert place.find(("a", 1, "c", 0)).line == 5
    assert place.find(("f", "g")).line == 9
    assert place.find(("f", "e")).line == 6


def test_places_of_a_text_that_has_become_unreadable():
    assert syntax.places("a: [") is None
    assert syntax.places("# nothing") is None


def test_mistakes_without_end_are_not_all_told():
    assert len(messages("a: 1\n" * (3 * MAX_FAULTS))) == MAX_FAULTS
