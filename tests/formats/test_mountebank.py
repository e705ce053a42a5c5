"""Imposters of mountebank's become the configs they should, and these answer as mountebank does.

The replies in the cases are those of mountebank 2.9.1 itself.
"""

from dataclasses import replace

import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.formats.write import escaped

CASES = cases("mountebank")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "imposters.json")
    check_config(path, result, tmp_path)
    check_answers(path, replace(result, config=escaped(result.config)), serve)
