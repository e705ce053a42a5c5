"""Collections of Postman's become the configs they should, and these answer as its mock servers do."""

import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported

CASES = cases("postman")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "shop.json")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)
