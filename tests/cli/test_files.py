from understudy.cli.files import write_files


def test_nothing_is_written_over_what_is_there(tmp_path):
    first, second = tmp_path / "a" / "1", tmp_path / "2"
    assert write_files({first: b"1", second: b"2"}, force=False, command="import") is None
    message, hint = write_files({first: b"x", second: b"2"}, force=False, command="import", same=[second])
    assert message == f"{first} is there already"
    assert "understudy import … --force" in hint
    assert first.read_bytes() == b"1"
    assert write_files({first: b"x"}, force=True, command="import") is None
    assert first.read_bytes() == b"x"


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    message, _ = write_files({tmp_path / "file" / "1": b""}, force=True, command="export")
    assert "cannot be written" in message
