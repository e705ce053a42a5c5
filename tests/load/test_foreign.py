from understudy.load import load
from understudy.load.foreign import Adapted
from understudy.load.source import Source


def test_the_loader_asks_about_what_has_no_endpoints(tmp_path):
    asked = []
    other = tmp_path / "other.txt"

    def adapt(source):
        asked.append(source.file.name)
        data = {"endpoints": [{"path": "/made"}]}
        return Adapted(Source(source.file, data), tmp_path / "in", (), (other,), ((tmp_path, "*.json"),))

    (tmp_path / "a.yaml").write_text("endpoints: []")
    (tmp_path / "b.yaml").write_text("routes: []")
    (tmp_path / "folder").mkdir()

    assert load(tmp_path / "a.yaml", adapt=adapt).config.endpoints == []
    assert load(tmp_path / "folder", adapt=adapt).names == ("GET /made",)
    loaded = load(tmp_path / "b.yaml", adapt=adapt)

    assert asked == ["folder", "b.yaml"]
    assert (loaded.names, loaded.folder) == (("GET /made",), tmp_path / "in")
    assert loaded.files == (tmp_path / "b.yaml", other)
    assert loaded.patterns == ((tmp_path, "*.json"),)


def test_what_is_none_is_read_as_a_config(tmp_path):
    (tmp_path / "a.json").write_text('{"users": [{"id": 1}]}')

    assert "GET /db" in load(tmp_path / "a.json", adapt=lambda source: None).names
