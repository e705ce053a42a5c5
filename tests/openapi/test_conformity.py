"""Each operation of documents that people have written answers with what its own schema allows."""

from pathlib import Path

import pytest

from tests.openapi.conformity import outcomes

REAL = Path(__file__).parent.parent / "corpus" / "openapi_real"
LARGE = sorted((REAL / "large").glob("*.json"))
ENOUGH = 0.99
"""The part of the answers that is right, at least, of large documents: some contradict themselves, as with a
`oneOf` whose branches are the same."""


@pytest.mark.parametrize("document", sorted(REAL.glob("*.json")), ids=lambda file: file.name)
def test_every_answer_is_as_documented(document, tmp_path):
    found = list(outcomes(document, tmp_path))
    assert found
    assert [one for one in found if one.wrong] == []


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("document", LARGE, ids=lambda file: file.name)
def test_large_documents(document, tmp_path):
    found = list(outcomes(document, tmp_path))
    wrong = [one for one in found if one.wrong]
    assert len(wrong) <= (1 - ENOUGH) * len(found), wrong[:5]
