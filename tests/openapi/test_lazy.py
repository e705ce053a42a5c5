"""Large documents, read a piece at a time."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import ConfigError
from understudy.openapi import lazy

PADDING = "x" * lazy.LARGE_FILE_BYTES
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "description": PADDING},
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {}}}, "/odd": None},
    "components": {"schemas": {"Pet": {"type": "object", "required": ["id"]}}, "x-list": [1, {"a": 2}]},
}


@pytest.fixture
def caches(tmp_path, monkeypatch):
    folder = tmp_path / "caches"
    monkeypatch.setenv(lazy.FOLDER, str(folder))
    return folder


def test_a_large_document_is_the_same_as_one_that_is_read_at_once(tmp_path, caches):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(DOCUMENT))

    source = lazy.open_document(path)

    assert isinstance(source.data, lazy.Lazy)
    assert source.data["paths"]["/pets"]["get"]["operationId"] == "listPets"
    assert source.data["components"]["schemas"]["Pet"] == {"type": "object", "required": ["id"]}
    assert {name: dict(part) if isinstance(part, dict) else part for name, part in source.data.items()} == {
        **DOCUMENT,
        "components": {**DOCUMENT["components"], "schemas": source.data["components"]["schemas"]},
    }
    assert not caches.exists()


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(DOCUMENT, indent=1))
    assert lazy.open_document(path).line(("paths", "/pets", "get")) == 9


def test_a_small_document_is_read_as_a_whole(tmp_path):
    path = tmp_path / "small.json"
    path.write_text('{"openapi": "3.1.0", "paths": {}}')
    assert type(lazy.open_document(path).data) is dict


def test_what_is_wrong_with_a_large_document_has_a_line(tmp_path):
    path = tmp_path / "large.json"
    path.write_text(json.dumps(DOCUMENT, indent=1)[:-3] + ",,\n}")
    with pytest.raises(ConfigError) as error:
        lazy.open_document(path)
    assert error.value.problems[0].line is not None


def test_what_is_no_utf_8_is_seen_when_it_is_read(tmp_path):
    from understudy.build import build

    path = tmp_path / "large.json"
    written = json.dumps({**DOCUMENT, "paths": {"/pets": {"get": {"operationId": "odd!"}}}}).encode()
    path.write_bytes(written.replace(b"odd!", b"odd\xff"))
    lazy.open_document(path)
    with pytest.raises(ConfigError, match="UTF-8"):
        build(path)


def test_yaml_is_read_once_and_then_kept(tmp_path, caches, monkeypatch):
    path = tmp_path / "large.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: Pets, description: " + PADDING + "}\npaths:\n  /pets: {}\n"
    )

    first = lazy.open_document(path)
    assert type(first.data) is dict
    assert len(list(caches.glob("*.json"))) == 1

    monkeypatch.setattr(lazy, "open_source", lambda path: pytest.fail("it is read again"))
    second = lazy.open_document(path)
    assert plain(second.data["paths"]) == {"/pets": {}}
    assert second.line(("paths", "/pets")) == 4


def test_a_changed_file_is_read_anew(tmp_path, caches):
    path = tmp_path / "large.yaml"
    path.write_text(f"openapi: 3.1.0\nx: {PADDING}\n")
    lazy.open_document(path)
    path.write_text(f"openapi: 3.0.0\nx: {PADDING}\n")
    assert lazy.open_document(path).data["openapi"] == "3.0.0"
    assert len(list(caches.glob("*.json"))) == 2


def test_a_cache_that_was_spoilt_is_passed_over(tmp_path, caches):
    path = tmp_path / "large.yaml"
    path.write_text(f"openapi: 3.1.0\nx: {PADDING}\n")
    lazy.open_document(path)
    next(caches.glob("*.json")).write_text('{"openapi": ')
    assert lazy.open_document(path).data["openapi"] == "3.1.0"


def test_only_so_many_documents_are_kept(tmp_path, caches, monkeypatch):
    monkeypatch.setattr(lazy, "MAX_KEPT", 2)
    for number in range(4):
        path = tmp_path / f"{number}.yaml"
        path.write_text(f"openapi: 3.1.0\nnumber: {number}\nx: {PADDING}\n")
        lazy.open_document(path)
    assert len(list(caches.iterdir())) == 2


def test_where_nothing_can_be_kept_nothing_is(tmp_path, monkeypatch):
    path = tmp_path / "large.yaml"
    path.write_text(f"openapi: 3.1.0\nx: {PADDING}\n")
    (tmp_path / "taken").write_text("")
    for folder in ("", str(tmp_path / "taken")):
        monkeypatch.setenv(lazy.FOLDER, folder)
        assert lazy.open_document(path).data["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/understudy/documents"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/ada"}, "/home/ada/.cache/understudy/documents"),
        ({lazy.FOLDER: "/mine"}, "/mine"),
        ({lazy.FOLDER: ""}, None),
    ],
)
def test_the_folder_of_caches(variables, folder, monkeypatch):
    monkeypatch.delenv(lazy.FOLDER, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = lazy.cache_folder()
    assert (None if found is None else str(found)) == folder


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["paths", "components", "info", "x"]), VALUES))
def test_a_lazy_object_is_equal_to_what_was_written(data):
    import msgspec

    written = json.dumps(data).encode()
    try:
        values = msgspec.json.decode(written, type=dict[str, msgspec.Raw])
        whole = msgspec.json.decode(written)
    except msgspec.DecodeError:  # half a surrogate pair
        return
    made = lazy.Lazy(values, lazy._LEVELS)
    assert plain({**made}) == whole
    assert list(made) == list(whole)
    assert made.get("nothing", 1) == 1
    assert all(made.get(key) is made[key] for key in whole)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value
