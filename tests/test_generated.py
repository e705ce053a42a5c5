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
    from understudy.errors import ConfigError
    from understudy.load import load
    from understudy.load.driven import Expanded
    from understudy.load.syntax import parse

    (tmp_path / "public").mkdir()
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "hello.html").touch()
    for _, _, _, example in generate.SECTIONS:
        data, _ = parse(example, ".yaml")
        try:
            load(data, folder=tmp_path, expand=lambda *_: Expanded())
        except ConfigError:  # then it is a part of an endpoint
            load({"endpoints": [{"path": "/x", **data}]}, folder=tmp_path)


def test_the_taxonomy_of_faults_is_whole():
    from understudy.faults import FAULTS

    rows = [row for _, group in generate.FAULT_PAGES.TAXONOMY for row in group]

    assert [number for number, _, _ in rows] == list(range(1, 57))
    served = {number for row in FAULTS.values() for number in row.rows}
    assert not [about for number, about, key in rows if number not in served and not key]


def test_what_clients_see_is_of_kinds_that_have_a_page():
    import json

    seen = generate.DOCS / "faults" / "seen.json"
    pages = {name for name, _ in generate.GENERATED}
    for kind, clients in json.loads(seen.read_text() if seen.exists() else "{}").items():
        assert f"faults/{kind}.md" in pages
        assert all(isinstance(text, str) and text for text in clients.values())


def test_what_clients_see_is_a_table(monkeypatch, tmp_path):
    seen = tmp_path / "seen.json"
    seen.write_text('{"hang": {"curl": "timed out\\n|28|"}}')
    monkeypatch.setattr(generate.FAULT_PAGES, "SEEN", seen)
    pages = dict(generate.GENERATED)

    assert "## What your client sees" in pages["faults/hang.md"]()
    assert "| curl | timed out \\|28\\| |" in pages["faults/hang.md"]()
    assert "## What your client sees" not in pages["faults/reset.md"]()
