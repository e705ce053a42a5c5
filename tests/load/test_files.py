import os
from pathlib import Path

import pytest

from understudy.load import files
from understudy.load.fault import NotReadable


def read(path, data):
    path.write_bytes(data)
    return files.read_text(path)


def fault(path, data=None):
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(NotReadable) as raised:
        files.read_text(path)
    return raised.value.faults[0]


def test_text_with_and_without_a_byte_order_mark(tmp_path):
    assert read(tmp_path / "a", b"\xef\xbb\xbf{}") == "{}"
    assert read(tmp_path / "b", "ä".encode()) == "ä"


def test_what_is_not_utf8(tmp_path):
    found = fault(tmp_path / "a", b"{\n\xe4}")

    assert found.message == "the file is not UTF-8: save it as UTF-8"
    assert (found.line, found.found) == (2, "byte 0xe4")
    assert "UTF-16" in fault(tmp_path / "a", "{}".encode("utf-16")).message


def test_what_cannot_be_read(tmp_path, monkeypatch):
    assert fault(tmp_path).message == "this is a folder, not a file"
    assert fault(tmp_path / "none").message == "cannot be read: no such file or directory"
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2**20)
    assert fault(tmp_path / "a", b"x" * (2**20 + 1)).message == "larger than 1 MB"


def test_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert files.shown(Path.cwd() / "a" / "b") == os.path.join("a", "b")
    assert files.shown(Path("/x/y")) == str(Path("/x/y"))


def test_real(tmp_path):
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "loop").symlink_to("loop")

    assert files.real(tmp_path, "link/passwd") == Path(os.path.realpath("/etc/passwd"))
    assert files.real(tmp_path, "a\0b") is None
    assert files.real(tmp_path, "loop") is not None


def test_only_regular_files_are_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()

    assert [name for name in ("pipe", "file", "none", "a\0") if files.is_file(tmp_path / name)] == ["file"]


def test_files_below_a_folder(tmp_path):
    folder, outside = tmp_path / "in", tmp_path / "out"
    (folder / "b").mkdir(parents=True)
    outside.mkdir()
    for path in (folder / "z", folder / "a", folder / "b" / "c", outside / "d"):
        path.touch()
    os.mkfifo(folder / "pipe")
    (folder / "inside").symlink_to(folder / "a")
    (folder / "file").symlink_to(outside / "d")
    (folder / "folder").symlink_to(outside)

    found = [path.relative_to(folder).as_posix() for path in files.files_below(folder)]

    assert found == ["a", "inside", "z", "b/c"]
    assert list(files.files_below(tmp_path / "none")) == []


def test_nearest(tmp_path):
    (tmp_path / "users.json").touch()

    assert files.nearest(tmp_path / "user.json") == "users.json"
    assert files.nearest(tmp_path / "zzz") is None
    assert files.nearest(tmp_path / "none" / "users.json") is None


def test_expand(tmp_path):
    for name in (
        "b.yaml",
        "a.yaml",
        ".hidden.yaml",
        "c.txt",
        "x/d.yaml",
        "x/y/e.yaml",
        ".git/f.yaml",
        "dir.yaml/g",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "x" / "loop").symlink_to(tmp_path)

    def found(pattern):
        return [str(path.relative_to(tmp_path)) for path in files.expand(tmp_path, pattern)]

    assert found("*.yaml") == ["a.yaml", "b.yaml"]
    assert found("**/*.yaml") == ["a.yaml", "b.yaml", "x/d.yaml", "x/y/e.yaml"]
    assert found("x/**/*.yaml") == ["x/d.yaml", "x/y/e.yaml"]
    assert found("x/**") == ["x/d.yaml", "x/y/e.yaml"]
    assert found("./x/[cd].yam?") == ["x/d.yaml"]
    assert found("*/d.yaml") == ["x/d.yaml"]
    assert found(".*.yaml") == [".hidden.yaml"]
    assert found("none/*") == []
