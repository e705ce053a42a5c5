import json

import pytest

from understudy.errors import ConfigError
from understudy.load import load


def test_inline(loaded):
    assert loaded({"config.yaml": "database: [{id: 1}]"}).database == [{"id": 1}]
    assert loaded({"config.yaml": "database: {users: []}"}).database == {"users": []}
    assert loaded({"config.yaml": "port: 1"}).database == []


@pytest.mark.parametrize(
    ("name", "text"), [("d.json", '[{"a": "${X}"}]'), ("d.yaml", "- a: ${X}"), ("d", '[{"a": "${X}"}]')]
)
def test_a_file_of_data_in_which_nothing_is_special(loaded, name, text):
    got = loaded({"config.yaml": f"database: {name}", name: text})

    assert got.database == [{"a": "${X}"}]
    assert [path.name for path in got.files] == ["config.yaml", name]


def test_toml_has_named_collections(loaded):
    assert loaded({"config.yaml": "database: d.toml", "d.toml": "[[users]]\nid = 1"}).database == {
        "users": [{"id": 1}]
    }


def test_the_folder_of_the_config_comes_before_the_working_directory(write, monkeypatch):
    folder = write({"in/config.json": '{"database": "movies.json"}', "movies.json": '["working"]'})

    assert load(folder / "in" / "config.json").database == ["working"]
    write({"in/movies.json": '["config"]'})
    assert load(folder / "in" / "config.json").database == ["config"]


def test_a_path_up_to_the_working_directory(write):
    folder = write({"in/config.json": '{"database": "../movies.json"}', "movies.json": "[7]"})

    assert load(folder / "in" / "config.json").database == [7]


def test_collections_of_several_files_are_merged(loaded):
    got = loaded(
        {
            "config.yaml": "include: [a.yaml, b.yaml]\ndatabase: {x: [1]}",
            "a.yaml": "database: y.json",
            "y.json": '{"y":\n [2]}',
            "b.yaml": "\ndatabase:\n  z: [3]",
        }
    )

    assert got.database == {"x": [1], "y": [2], "z": [3]}
    assert got.locate(("database", "x", 0)) == ("config.yaml", 2)
    assert got.locate(("database", "y", 0)) == ("y.json", 2)
    assert got.locate(("database", "z", 0)) == ("b.yaml", 3)
    assert got.locate(("database", "none")) == ("config.yaml", 2)


def test_a_list_in_an_included_file(loaded):
    assert loaded({"config.yaml": "include: a.yaml", "a.yaml": "database: [1]"}).database == [1]


def test_a_missing_file_is_looked_for_beside_the_config(write):
    folder = write({"config.json": json.dumps({"database": "moves.json"}), "movies.json": "[]"})

    with pytest.raises(ConfigError) as raised:
        load(folder / "config.json")

    (problem,) = raised.value.problems
    assert problem.suggestion == '"movies.json"'
