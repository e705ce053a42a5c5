"""A user's file is written whole or not at all."""

import os

import pytest

from understudy.load.source import digest_of
from understudy.load.write import CannotWrite
from understudy.net.disk import FileChanged, replace_file


def test_it_is_replaced_with_its_permissions(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfold: \xc3\xbc\r\n")
    os.chmod(file, 0o600)
    assert replace_file(file, "new: ü\r\n", digest_of("old: ü\r\n")) == ("old: ü\r\n", "new: ü\r\n")
    assert file.read_bytes() == b"\xef\xbb\xbfnew: \xc3\xbc\r\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.yaml").write_text("old")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    replace_file(tmp_path / "link.yaml", "new", digest_of("old"))
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text() == "new"


def test_what_somebody_else_has_written_stays(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("theirs")
    with pytest.raises(FileChanged, match=r"a\.yaml has changed"):
        replace_file(file, "ours", digest_of("old"))
    assert file.read_text() == "theirs"
    file.unlink()
    with pytest.raises(CannotWrite, match="no such file"):
        replace_file(file, "ours", digest_of("theirs"))
    assert os.listdir(tmp_path) == []
