import pytest

from understudy import Config, ConfigError
from understudy.build import build


def test_from_a_mapping_a_model_and_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GREETING", "hi")
    file = tmp_path / "config.json"
    file.write_text('{"endpoints": [{"path": "/a", "response": "${GREETING} {{ env(\'GREETING\') }}"}]}')
    for source in (file, str(file), {"endpoints": [{"path": "/a"}]}, Config()):
        build(source)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.json"):
        build(tmp_path / "nowhere.json")
