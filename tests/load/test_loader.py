import gc
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from understudy.errors import ConfigError
from understudy.load import find_config, load
from understudy.model import Config, Endpoint, Latency

ORIGINAL = {
    "$schema": "https://example.com/schema.json",
    "port": 8000,
    "cors": True,
    "database": "movies.json",
    "endpoints": [
        {"path": "/api/users", "method": "GET", "response": {"users": [], "at": "{{timestamp}}"}},
        {"path": "/api/movies", "response": "{{database_filter:genre:{{query.genre}}}}", "latency_ms": 5},
        {"path": "/api/movies", "response": "{{database}}"},
        {"path": "/api/bad", "method": "POST", "status": 201, "failure_rate": 0.5},
    ],
}


def test_a_file_of_the_original_loads_unchanged(loaded):
    got = loaded({"config.json": json.dumps(ORIGINAL), "movies.json": '[{"genre": "drama"}]'})

    assert got.database == [{"genre": "drama"}]
    assert got.names == ("GET /api/users", "GET /api/movies", "GET /api/movies #2", "POST /api/bad")
    assert got.config.endpoints[1].response == "{{database_filter:genre:{{query.genre}}}}"
    assert [warning.path for warning in got.warnings] == ["endpoints[2]"]


def test_find_config(write):
    folder = write({"understudy.toml": "", "understudy.yaml": ""})
    assert find_config(folder).name == "understudy.yaml"
    write({"config.yml": "", "config.toml": ""})
    assert find_config(folder).name == "config.yml"
    write({"config.json": ""})
    assert find_config(folder).name == "config.json"
    (folder / "empty").mkdir()
    assert find_config(folder / "empty") is None


def test_a_folder_is_searched_for_a_config(write):
    folder = write({"config.json": "{}", "understudy.yaml": "port: 1"})

    got = load(folder)

    assert got.files == (folder / "config.json",)
    assert [warning.message for warning in got.warnings] == [
        "used instead of understudy.yaml: a folder has one config"
    ]


def test_what_is_not_there(write):
    folder = write({"config.json": "{}"})
    (folder / "empty").mkdir()

    with pytest.raises(ConfigError, match='did you mean "config'):
        load(folder / "config.jsn")
    with pytest.raises(ConfigError, match="there is no config in this folder"):
        load(folder / "empty")


def test_a_mapping_and_a_config_load_to_the_same():
    mapping = {
        "port": 80,
        "endpoints": [{"path": "/a", "latency_ms": {"uniform": [1, 2]}, "method": ["GET", "PUT"]}],
    }
    config = Config(
        port=80, endpoints=[Endpoint(path="/a", latency_ms=Latency(uniform=(1, 2)), method=["GET", "PUT"])]
    )

    assert load(mapping).config == load(config).config == config
    assert load(config).folder == Path.cwd()


def test_a_config_is_checked_too(tmp_path):
    with pytest.raises(ConfigError, match="a value that JSON does not have"):
        load(Config(endpoints=[Endpoint(path="/x", response=object())]))
    with pytest.raises(ConfigError) as raised:
        load(Config(database="none.json", endpoints=[Endpoint(path="/{x", file="../x")]), folder=tmp_path)
    assert [problem.path for problem in raised.value.problems] == [
        "database",
        "endpoints[0].path",
        "endpoints[0].file",
    ]


def test_loading_again_what_was_loaded_changes_nothing(loaded):
    got = loaded({"config.yaml": "defaults: {headers: {a: b}}\nendpoints: [{path: /a, headers: {A: c}}]"})

    assert load(got.config).config == got.config


def test_a_folder_for_relative_paths(write):
    folder = write({"in/movies.json": "[1]", "config.json": '{"database": "movies.json"}'})

    assert load({"database": "movies.json"}, folder=folder / "in").database == [1]
    assert load(str(folder / "config.json"), folder=folder / "in").database == [1]


def test_the_environment_of_the_process(monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_TEST_PORT", "81")

    assert load({"port": "${UNDERSTUDY_TEST_PORT}"}).config.port == 81
    with pytest.raises(ConfigError, match="UNDERSTUDY_TEST_PORT is not set"):
        load({"port": "${UNDERSTUDY_TEST_PORT}"}, environ={})


def test_names_are_unique():
    endpoints = [
        {"path": "/x"},
        {"path": "/x", "method": ["put", "GET"]},
        {"path": "/x"},
        {"path": "/y", "name": "GET /x #2"},
        {"path": {"regex": "^/z"}, "method": "*"},
        {"path": "/w", "name": "GET /v"},
        {"path": "/v"},
    ]

    assert load({"endpoints": endpoints}).names == (
        "GET /x",
        "PUT,GET /x",
        "GET /x #3",
        "GET /x #2",
        "ANY ^/z",
        "GET /v",
        "GET /v #2",
    )


def test_problems_of_all_kinds_at_once_in_the_order_of_the_file(write):
    folder = write(
        {
            "config.yaml": """\
                endpoints:
                  - path: /{a
                    status: x
                  - path: /b
                    file: none
                port: ${NONE}
                static: none
                zzz: 1
                database: none.json
                include: none.yaml
                """
        }
    )

    with pytest.raises(ConfigError) as raised:
        load(folder / "config.yaml", environ={})

    assert [problem.line for problem in raised.value.problems] == [2, 3, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("before", [True, False])
def test_the_garbage_collector_is_left_as_it_was(before):
    was = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        load({})
        assert gc.isenabled() == before
        with pytest.raises(ConfigError):
            load({"zzz": 1})
        assert gc.isenabled() == before
    finally:
        (gc.enable if was else gc.disable)()


def test_ten_thousand_endpoints_load_soon(write):
    endpoints = [{"path": f"/things/{i}", "response": {"id": i, "tags": ["a", "b"]}} for i in range(10_000)]
    folder = write({"config.json": json.dumps({"endpoints": endpoints})})

    begin = time.process_time()
    got = load(folder / "config.json")

    assert len(got.config.endpoints) == 10_000
    assert time.process_time() - begin < 1.0


def test_a_plain_start_imports_no_more_than_it_needs(write):
    folder = write({"config.json": '{"endpoints": [{"path": "/a"}]}'})
    script = (
        "import sys; from understudy.load import load; load(sys.argv[1]);"
        "heavy = 'yaml tomllib difflib glob asyncio understudy.load.diagnose understudy.load.hints'.split();"
        "print([name for name in heavy if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, folder / "config.json"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
