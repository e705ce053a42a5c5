import argparse
import io
import json
import re
import tomllib

import pytest

from understudy.build import build
from understudy.cli import init
from understudy.load import load
from understudy.model import Behaviour, Endpoint


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in an empty working directory: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run_init(*arguments):
        parser = argparse.ArgumentParser()
        init.add_arguments(parser)
        out, err = io.StringIO(), io.StringIO()
        code = init.run(parser.parse_args(list(arguments)), out, err)
        return code, out.getvalue(), err.getvalue()

    return run_init


@pytest.mark.parametrize("name", ["understudy.yaml", "a.yml", "new/folder/a.json", "a.toml"])
def test_what_is_written_loads_and_compiles_without_warnings(run, tmp_path, name):
    assert run(name) == (0, f"wrote {name}\nTry: understudy {name}\n", "")

    program = build(tmp_path / name)

    assert program.warnings == ()
    assert len(program.loaded.config.endpoints) >= 10


def test_the_three_formats_say_the_same(run, tmp_path):
    configs = []
    for name in ("a.yaml", "a.json", "a.toml"):
        run(name)
        configs.append(load(tmp_path / name).config)

    assert configs[0] == configs[1] == configs[2]
    json.loads((tmp_path / "a.json").read_text())
    tomllib.loads((tmp_path / "a.toml").read_text())


def test_every_key_of_an_endpoint_is_taught():
    text = init.starter(".yaml")

    for key in {*Endpoint.__struct_encode_fields__, *Behaviour.__struct_encode_fields__} - {"priority"}:
        assert re.search(rf"\b{key}:", text), key


def test_the_default_file(run, tmp_path):
    assert run()[0] == 0
    assert (tmp_path / "understudy.yaml").read_text() == init.STARTER


def test_nothing_is_overwritten_unless_told_to(run, tmp_path):
    (tmp_path / "a.yaml").write_text("mine")

    code, out, err = run("a.yaml")
    assert (code, out) == (1, "")
    assert err == "understudy: a.yaml is there already\nTry: understudy init a.yaml --force\n"
    assert (tmp_path / "a.yaml").read_text() == "mine"

    assert run("a.yaml", "--force")[0] == 0
    assert (tmp_path / "a.yaml").read_text() != "mine"


def test_what_cannot_be_written(run, tmp_path):
    (tmp_path / "file").touch()

    assert run("a.txt")[0] == 2
    assert run("file/a.yaml")[0] == 1
    (tmp_path / "folder.yaml").mkdir()
    assert run("folder.yaml", "--force") == (
        1,
        "",
        "understudy: folder.yaml cannot be written: is a directory\n",
    )
