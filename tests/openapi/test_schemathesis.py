"""Schemathesis, which knows nothing of us, holds the server against the documents that drive it."""

import re
from pathlib import Path

import pytest

from tests.openapi.schemathesis_run import run

TESTS = Path(__file__).parent.parent
EVERYTHING = sorted((TESTS / "corpus" / "conformity").glob("*.yaml"))
REAL = sorted((TESTS / "corpus" / "openapi_real").glob("*.json"))
MODES = {"examples": {}, "dynamic": {"dynamic": True}, "stateful": {"stateful": True}}


@pytest.fixture(scope="session")
def page(tmp_path_factory) -> Path:
    """The document of the page about OpenAPI."""
    text = (TESTS.parent / "docs" / "openapi.md").read_text()
    found = re.search(r"```yaml title=shop.yaml\n(.*?)```", text, re.DOTALL)
    file = tmp_path_factory.mktemp("page") / "shop.yaml"
    file.write_text(found[1])
    return file


def check(document, mode, folder, **how):
    found = run(document, MODES[mode], folder, **how)
    assert not found.errors
    assert not found.wrong, "\n".join(map(str, found.wrong[:5]))
    assert found.requests > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("document", EVERYTHING, ids=lambda file: file.name)
def test_everything(document, mode, tmp_path):
    check(document, mode, tmp_path, examples=2, coverage=False)


@pytest.mark.parametrize("mode", MODES)
def test_the_page(page, mode, tmp_path):
    check(page, mode, tmp_path, examples=5)


@pytest.mark.parametrize("document", REAL, ids=lambda file: file.name)
def test_documents_that_people_have_written(document, tmp_path):
    check(document, "examples", tmp_path, examples=1, coverage=False)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("document", [*EVERYTHING, *REAL], ids=lambda file: file.name)
def test_every_bound(document, mode, tmp_path):
    check(document, mode, tmp_path, examples=15)
