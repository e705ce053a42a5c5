"""Texts in, texts out: only what changes is touched, and what is not understood is refused."""

import difflib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.load.syntax import parse
from understudy.load.write import CannotWrite, insert, is_same, remove, replace

YAML = """\
# head
endpoints:
  # about the first
  - path: /users   # all of them
    status: 200  # fine
    response: { id: "x",  b: 'y' }   # odd   spaces
    headers:
      A: "1"
      B: 2
    body: |
      text
        # not a comment

  - name: q
    path: /c
# tail
port: 1
"""
FIRST = parse(YAML, ".yaml")[0]["endpoints"][0]


def changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "-+"]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"status": 404}, ["-     status: 200  # fine", "+     status: 404  # fine"]),
        (
            {"response": {"id": "x", "b": "z", "c": [1]}},
            [
                """-     response: { id: "x",  b: 'y' }   # odd   spaces""",
                """+     response: { id: "x",  b: z, c: [1] }   # odd   spaces""",
            ],
        ),
        (
            {"response": None},
            [
                """-     response: { id: "x",  b: 'y' }   # odd   spaces""",
                "+     response: null   # odd   spaces",
            ],
        ),
        ({"headers": {"A": "1", "B": "2"}}, ["-       B: 2", "+       B: '2'"]),
        ({"headers": {"A": "1"}}, ["-       B: 2"]),
        (
            {"latency_ms": {"uniform": [1, 2]}},
            ["+     latency_ms:", "+       uniform:", "+         - 1", "+         - 2"],
        ),
        (
            {"body": "one\ntwo"},
            [
                "-     body: |",
                "+     body: |-",
                "-       text",
                "-         # not a comment",
                "+       one",
                "+       two",
            ],
        ),
        ({}, []),
    ],
)
def test_yaml_changes_only_what_is_meant(change, lines):
    assert sorted(changed(YAML, replace(YAML, "yaml", ("endpoints", 0), {**FIRST, **change}))) == sorted(
        lines
    )


def test_yaml_takes_a_key_away():
    without = {key: value for key, value in FIRST.items() if key != "status"}
    assert changed(YAML, replace(YAML, "yaml", ("endpoints", 0), without)) == ["-     status: 200  # fine"]
    assert changed(YAML, replace(YAML, "yaml", ("endpoints", 1), {"path": "/c"})) == [
        "-   - name: q",
        "-     path: /c",
        "+   - path: /c",
    ]


def test_yaml_removes_and_inserts_whole_lines():
    assert changed(YAML, remove(YAML, "yaml", ("endpoints", 1))) == ["-   - name: q", "-     path: /c"]
    assert changed(YAML, insert(YAML, "yaml", {"path": "/n", "response": "010"})) == [
        "+   - path: /n",
        "+     response: '010'",
    ]
    after = insert(YAML, "yaml", {"path": "/n"})
    assert after.index("/n") < after.index("# about")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("endpoints: []\nport: 1\n", "endpoints:\n  - path: /n\nport: 1\n"),
        ("port: 1\n", "port: 1\nendpoints:\n  - path: /n\n"),
        ("endpoints: [{path: /a}]\n", 'endpoints: [{"path": "/n"}, {path: /a}]\n'),
        ("endpoints:\n- path: /a\n", "endpoints:\n- path: /n\n- path: /a\n"),
        ("endpoints:\r\n- path: /a\r\n", "endpoints:\r\n- path: /n\r\n- path: /a\r\n"),
        ("endpoints:\n    -   path: /a\n", "endpoints:\n    - path: /n\n    -   path: /a\n"),
    ],
)
def test_yaml_in_other_styles(before, after):
    assert insert(before, "yaml", {"path": "/n"}) == after


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        ("endpoints: [{path: /a}, {path: /b}]\n", 1, "endpoints: [{path: /a}]\n"),
        ("endpoints: [{path: /a}, {path: /b}]\n", 0, "endpoints: [{path: /b}]\n"),
        ("endpoints:\n  # mine\n  - path: /a\nport: 1\n", 0, "endpoints: []\n  # mine\nport: 1\n"),
        ("endpoints:\n- { path: /a }\n-\n  path: /b\n", 1, "endpoints:\n- { path: /a }\n"),
    ],
)
def test_yaml_removes_in_other_styles(before, number, after):
    assert remove(before, "yaml", ("endpoints", number)) == after


def test_yaml_that_shares_parts_is_changed_rightly_or_not_at_all():
    text = (
        "endpoints:\n- &a {path: /a, status: 201}\n- *a\n"
        "- path: /b\n  headers: &h {X: '1'}\n- path: /c\n  headers: *h\n"
    )
    with pytest.raises(CannotWrite, match="cannot be changed"):
        remove(text, "yaml", ("endpoints", 0))
    after = replace(text, "yaml", ("endpoints", 3), {"path": "/c", "status": 202})
    assert parse(after, ".yaml")[0]["endpoints"][3] == {"path": "/c", "status": 202}


def test_json_keeps_its_indentation_and_its_lines():
    text = json.dumps({"port": 1, "endpoints": [{"path": "/a", "response": {"b": 1}}]}, indent="\t") + "\n"
    after = replace(text, "json", ("endpoints", 0), {"path": "/a", "response": {"b": 2}})
    assert changed(text, after) == ['- \t\t\t\t"b": 1', '+ \t\t\t\t"b": 2']
    one_line = '{"endpoints": [{"path":"/a"}, {"path": "/b"}]}'
    assert (
        replace(one_line, "json", ("endpoints", 1), {"path": "/ü"})
        == '{"endpoints": [{"path":"/a"}, {"path": "/ü"}]}'
    )
    assert insert('{"port": 1}', "json", {"path": "/n"}) == '{"port": 1, "endpoints": [{"path": "/n"}]}'
    assert json.loads(insert('{\n  "port": 1\n}\n', "json", {"path": "/n"}))["endpoints"] == [{"path": "/n"}]
    assert insert("{}", "json", {"path": "/n"}) == '{"endpoints": [{"path": "/n"}]}'


def test_toml_keeps_comments_and_quotes():
    text = "# top\n[[endpoints]]\npath = '/a'  # why\n\n[endpoints.response]\nx = 1 # one\n"
    after = replace(text, "toml", ("endpoints", 0), {"path": "/a", "response": {"x": 2}})
    assert changed(text, after) == ["- x = 1 # one", "+ x = 2 # one"]
    assert insert("port = 1\n", "toml", {"path": "/n"}) == 'port = 1\n\n[[endpoints]]\npath = "/n"\n'
    assert "'/a'" in insert("endpoints = [{path = '/a'}]\n", "toml", {"path": "/n"})
    assert parse(remove(text, "toml", ("endpoints", 0)), ".toml")[0] == {"endpoints": []}
    with pytest.raises(CannotWrite, match="null"):
        replace(text, "toml", ("endpoints", 0), {"path": "/a", "response": [None]})


@pytest.mark.parametrize("keys", [("endpoints", 9), ("endpoint", 0), ("port", 0)])
def test_a_place_that_is_gone(keys):
    with pytest.raises(CannotWrite, match="no longer"):
        remove(YAML, "yaml", keys)


def test_a_whole_document_and_a_text_that_cannot_be_read():
    with pytest.raises(CannotWrite, match="delete the file"):
        remove("path: /a\n", "yaml", ())
    assert replace("path: /a  # mine\n", "yaml", (), {"path": "/b"}) == "path: /b  # mine\n"
    with pytest.raises(CannotWrite, match="cannot be read"):
        insert("{", "json", {"path": "/n"})


def test_sameness_knows_types():
    assert is_same({"a": [1, "x", None]}, {"a": [1, "x", None]})
    assert not is_same(1, True)
    assert not is_same(1, 1.0)
    assert not is_same({"a": 1}, {"b": 1})


PLAIN = st.recursive(
    st.booleans()
    | st.integers(-1000, 1000)
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"]), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
ENDPOINTS = st.fixed_dictionaries(
    {"path": st.just("/x")},
    optional={"response": PLAIN, "headers": st.dictionaries(st.sampled_from("AB"), PLAIN), "body": PLAIN},
)


@pytest.mark.parametrize("syntax", ["json", "yaml", "toml"])
@given(endpoints=st.lists(ENDPOINTS, min_size=1, max_size=3), new=ENDPOINTS, data=st.data())
def test_what_is_written_reads_as_was_meant(syntax, endpoints, new, data):
    number = data.draw(st.integers(0, len(endpoints) - 1))
    text = "{}" if syntax == "json" else "port: 1\n" if syntax == "yaml" else "port = 1\n"
    for endpoint in reversed(endpoints):
        text = insert(text, syntax, endpoint)
    read = lambda text: parse(text, f".{syntax}")[0]["endpoints"]  # noqa: E731
    assert is_same(read(text), endpoints)
    assert is_same(read(replace(text, syntax, ("endpoints", number), new))[number], new)
    assert len(read(remove(text, syntax, ("endpoints", number)))) == len(endpoints) - 1


def test_tables_in_toml_that_would_stand_in_one_another_are_written_anew():
    endpoints = [
        {"path": "/x"},
        {"path": "/x", "response": [], "body": {}, "headers": {"A": [], "B": [{}]}},
        {"path": "/z"},
    ]
    new = {"path": "/x", "headers": {"A": {}, "B": {}}}
    text = "port = 1\n"
    for endpoint in reversed(endpoints):
        text = insert(text, "toml", endpoint)
    done = parse(replace(text, "toml", ("endpoints", 1), new), ".toml")[0]
    assert done == {"port": 1, "endpoints": [endpoints[0], new, endpoints[2]]}
    second = {"path": "/x", "response": [], "body": [], "headers": {"B": {}}}
    first = {"path": "/x", "headers": {"B": [{}]}, "body": [], "response": []}
    text = "port = 1\n"
    for endpoint in reversed([{"path": "/x"}, first, {"path": "/x"}]):
        text = insert(text, "toml", endpoint)
    assert parse(replace(text, "toml", ("endpoints", 1), second), ".toml")[0]["endpoints"][1] == second
