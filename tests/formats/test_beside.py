import pytest

from understudy.formats.beside import read_beside


def test_a_file_beside_a_document(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    assert read_beside(tmp_path, "./a.txt") == (b"a", "")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("../a", "outside"),
        ("/etc/passwd", "outside"),
        ("none", "there is no file"),
        ("\0", "no file name"),
        ("big", "larger"),
    ],
)
def test_what_is_not_read(tmp_path, monkeypatch, name, fault):
    monkeypatch.setattr("understudy.formats.beside.MAX_BYTES", 1)
    (tmp_path / "big").write_bytes(b"aa")
    data, message = read_beside(tmp_path, name)
    assert data is None
    assert fault in message
    assert "no file" in read_beside(None, name)[1]
