"""What is made from the code is committed, and up to date."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "docs" / "generate.py"
spec = importlib.util.spec_from_file_location("docs_generate", SCRIPT)
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


@pytest.mark.parametrize(
    ("name", "generator"), generate.GENERATED, ids=[name for name, _ in generate.GENERATED]
)
def test_generated_file(name, generator):
    path = generate.DOCS / name

    committed = path.read_text(encoding="utf-8") if path.exists() else None
    if committed != generator():
        pytest.fail(f"docs/{name} is not what the code says: run make docs")


def test_the_examples_of_the_reference_load(tmp_path):
    from understudy.load import load
    from understudy.load.syntax import parse
    from understudy.model import Behaviour, Config

    (tmp_path / "public").mkdir()
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "hello.html").touch()
    for model, _, _, example in generate.SECTIONS:
        data, _ = parse(example, ".yaml")
        if not set(data) <= set(Config.__struct_encode_fields__):
            data = {"endpoints": [{"path": "/x", **data}]}
        assert model in (Behaviour, Config) or data
        load(data, folder=tmp_path)
