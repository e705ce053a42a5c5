import textwrap

import pytest

from understudy.load import load


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files into an empty working directory: `write({"config.yaml": "…", "a/b.json": "…"})`."""
    monkeypatch.chdir(tmp_path)

    def write_files(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return tmp_path

    return write_files


@pytest.fixture
def loaded(write):
    """Write files and load the first: `loaded({"config.yaml": "…"}, NAME="value")`."""

    def load_first(files, **environ):
        folder = write(files)
        return load(folder / next(iter(files)), environ=environ)

    return load_first
