import pytest

from understudy.errors import ConfigError
from understudy.load import gather


def names(loaded):
    return [endpoint.path for endpoint in loaded.config.endpoints]


def test_the_order_of_the_endpoints(loaded):
    got = loaded(
        {
            "config.yaml": "include: [z.yaml, 'more/*']\nendpoints: [{path: /main}]",
            "z.yaml": "include: sub/deep.json\nendpoints: [{path: /z}]",
            "sub/deep.json": '{"path": "/deep"}',
            "more/b.toml": '[[endpoints]]\npath = "/b"',
            "more/a.yml": "- path: /a1\n- path: /a2",
            "more/README.md": "not a config",
        }
    )

    assert names(got) == ["/main", "/z", "/deep", "/a1", "/a2", "/b"]
    assert [path.name for path in got.files] == ["config.yaml", "z.yaml", "deep.json", "a.yml", "b.toml"]
    assert got.patterns == ((got.folder, "more/*"),)
    assert got.warnings == ()


def test_a_pattern_reads_a_file_once_and_never_the_main_file(loaded):
    got = loaded(
        {
            "config.yaml": "include: ['*.yaml', '**/*.yaml', a.json]",
            "a.yaml": "path: /a",
            "b/c.yaml": "[{path: /c}]",
            "a.json": "{}",
        }
    )

    assert names(got) == ["/a", "/c"]


def test_defaults_of_the_nearest_file_win(loaded):
    got = loaded(
        {
            "config.yaml": """
                include: a.yaml
                defaults: {latency_ms: 1, failure_rate: 0.1, headers: {X-A: main, X-B: main, X-C: main}}
                endpoints: [{path: /main}]
            """,
            "a.yaml": """
                include: b.yaml
                defaults: {latency_ms: 2, headers: {x-a: a, X-B: a}}
                endpoints: [{path: /a, headers: {X-b: own}}]
            """,
            "b.yaml": "path: /b\nlatency_ms: 3",
        }
    )

    main, a, b = got.config.endpoints
    assert (main.latency_ms, main.headers) == (1, {"X-A": "main", "X-B": "main", "X-C": "main"})
    assert (a.latency_ms, a.failure_rate) == (2, 0.1)
    assert a.headers == {"X-C": "main", "x-a": "a", "X-b": "own"}
    assert (b.latency_ms, b.headers) == (3, {"X-C": "main", "x-a": "a", "X-B": "a"})


def test_variables_and_schema_in_included_files(loaded):
    got = loaded(
        {
            "config.yaml": "include: [a.json, b.json]",
            "a.json": '{"$schema": "x", "path": "/${NAME}"}',
            "b.json": '{"$schema": "x"}',
        },
        NAME="a",
    )

    assert names(got) == ["/a"]


def test_a_link_out_of_the_folder_is_not_followed(loaded, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text("path: /x")

    def files(include):
        return {"config.yaml": f"include: {include}", "in/y.yaml": "path: /y"}

    loaded(files("[]"))
    from pathlib import Path

    Path("in/link.yaml").symlink_to(outside / "x.yaml")
    Path("in/folder").symlink_to(outside)

    assert names(loaded(files("'in/*.yaml'"))) == ["/y"]
    assert names(loaded(files("'in/*/*.yaml'"))) == []
    with pytest.raises(ConfigError, match="outside of the config's folder"):
        loaded(files("in/link.yaml"))
    with pytest.raises(ConfigError, match="outside of the config's folder"):
        loaded(files("'in/folder/*.yaml'"))
    with pytest.raises(ConfigError, match="outside of the config's folder"):
        loaded(files("'in/*/../../../*.yaml'"))


def test_depth_is_bounded(loaded):
    files = {f"{number}.yaml": f"include: {number + 1}.yaml" for number in range(30)}

    with pytest.raises(ConfigError, match="include each other over 20 levels"):
        loaded(files)


def test_the_number_of_files_is_bounded(loaded, monkeypatch):
    monkeypatch.setattr(gather, "MAX_FILES", 3)

    with pytest.raises(ConfigError, match="more than 3 files are included"):
        loaded({"config.yaml": "include: 'x/*.yaml'", **{f"x/{number}.yaml": "[]" for number in range(3)}})
