import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.formats.imported import Imported
from understudy.formats.write import escaped, written
from understudy.load.syntax import parse
from understudy.load.values import Environment, Values

LONG = "x" * 3000


def test_what_is_long_goes_to_files():
    endpoints = [
        {"name": "List: all", "path": "/a", "response": {"a": LONG}},
        {"path": "/b", "method": "POST", "headers": {"content-type": "text/html"}, "body": LONG},
        {"path": "/c", "base64": "AAEC" * 1000},
        {"path": "/d", "responses": [{"status": 404, "body": LONG + "{{ query.a }}"}, {"response": 1}]},
        {"path": "/e", "responses": {"mode": "sequence", "choices": [{"response": [LONG]}]}},
        {
            "path": "/f",
            "validate": {"body": {"const": LONG}, "mode": "warn"},
            "response": {"t": "{{ a }}" + LONG},
        },
        {"path": "/g", "base64": "no base64!" * 400},
    ]

    result = written(Imported({"endpoints": endpoints}, {"bodies/given.txt": b"given"}), ".json", "")

    made = json.loads(result.text)["endpoints"]
    assert made[0] == {"name": "List: all", "path": "/a", "file": "bodies/list-all.json"}
    assert made[1]["file"] == "bodies/post-b.html"
    assert made[2]["file"] == "bodies/get-c.bin"
    assert made[3]["responses"][0]["file"] == {"path": "bodies/get-d-404.txt", "template": True}
    assert made[4]["responses"]["choices"] == [{"file": "bodies/get-e.json"}]
    assert made[5] == {**endpoints[5], "validate": {"body": "schemas/get-f-body.json", "mode": "warn"}}
    assert made[6] == endpoints[6]
    assert result.files["bodies/given.txt"] == b"given"
    assert json.loads(result.files["bodies/list-all.json"]) == {"a": LONG}
    assert result.files["bodies/get-c.bin"] == b"\0\1\2" * 1000


def test_names_of_files_are_told_apart():
    endpoints = [{"name": name, "path": "/a", "body": LONG + name} for name in ("a b", "a-b", "A.B", "…")]

    result = written(Imported({"endpoints": endpoints}), ".yaml", "")

    assert list(result.files) == ["bodies/a-b.txt", "bodies/a-b-2.txt", "bodies/a-b-3.txt", "bodies/body.txt"]


def test_all_in_one():
    result = written(Imported({"endpoints": [{"path": "/a", "body": LONG}]}), ".yaml", "", split=False)

    assert result.files == {}
    assert parse(result.text, ".yaml")[0]["endpoints"][0]["body"] == LONG


@pytest.mark.parametrize("text", ["${A}", "$${A}", "${{ a }}", "$$${A", "$", "${", "a${A:-b}c"])
def test_variables_are_escaped(text):
    assert Values(Environment({"A": "no"})).clean(escaped([{"a": text}])) == [{"a": text}]


@given(st.lists(st.sampled_from(["$", "{", "}", "A", ":-"])).map("".join))
def test_whatever_looks_like_a_variable_is_none(text):
    values = Values(Environment({"A": "no"}))

    assert values.clean(escaped(text)) == text
    assert not values.faults
