"""Recordings of the original server become configs that replay them."""

import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.errors import ConfigError
from understudy.formats.read import read, text_source


@pytest.mark.parametrize("path", cases("recordings"), ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "recordings.json")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


@pytest.mark.parametrize("written", ["{}", '{"a": 1}', "7"])
def test_recordings_are_a_list(written):
    with pytest.raises(ConfigError, match="stands where a list is expected"):
        read(text_source(written, "here", ".json"), "recordings")
