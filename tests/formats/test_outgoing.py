"""Where writers say what they could not carry over."""

import pytest

from understudy.formats.outgoing import CannotSay, Place
from understudy.load import load


def test_a_warning_has_file_and_line_and_is_given_once(tmp_path):
    (tmp_path / "config.yaml").write_text("endpoints:\n  - path: /a\n    cache: 5\n")
    place = Place(load(tmp_path / "config.yaml", environ={}))
    for _ in range(2):
        place.at("endpoints", 0).at("cache").warn("not there")
    (problem,) = place.warnings
    assert (problem.line, problem.path, problem.message) == (3, "endpoints[0].cache", "not there")


def test_what_cannot_be_said_is_given_up():
    with pytest.raises(CannotSay, match="why"):
        Place(load({})).leave("why")
