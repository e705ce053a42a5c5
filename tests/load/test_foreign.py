from understudy.load import load
from understudy.load.foreign import Adapted, Document
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
    (tmp_path / "a.json").write_text('{"port": 1}')

    assert load(tmp_path / "a.json", adapt=lambda source: None).config.port == 1


def test_files_of_other_kinds_are_shown_before_they_are_read(tmp_path):
    (tmp_path / "a.http").write_text("GET /a: b")

    def adapt(source):
        return Adapted(Source(source.file, {"port": 2}), tmp_path) if source.data is None else None

    loaded = load(tmp_path / "a.http", adapt=adapt)

    assert loaded.config.port == 2
    (tmp_path / "a.txt").write_text('{"port": 3}')
    assert load(tmp_path / "a.txt", adapt=lambda source: None).config.port == 3


def test_what_has_been_made_already_is_loaded(tmp_path):
    made = Adapted(Source(label="https://example.org/a", data={"endpoints": [{"path": "/a"}]}), tmp_path)

    assert load(made).folder == tmp_path
    assert load(made).origins.main.shown == str(Document("https://example.org/a", "", lambda url: b""))
