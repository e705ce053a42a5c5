"""What writers are handed and hand back."""

import pytest

from understudy.formats.exported import Exported


def test_a_format_of_one_file_has_it_under_no_name():
    made = Exported({"": b"{}"})
    assert made.files[""] == b"{}"
    assert made.warnings == ()


def test_what_was_exported_does_not_change():
    with pytest.raises(AttributeError):
        Exported({}).warnings = ()
