import pytest

from understudy import ConfigError
from understudy.load import load


def test_the_short_form_is_the_collection():
    loaded = load({"endpoints": [{"path": "/a", "resource": "users"}]})
    assert loaded.config.endpoints[0].resource == "users"
    assert loaded.config.endpoints[0].methods == ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("key", ["", ".", "a.", ".a", "a..b"])
def test_ids_are_paths(key):
    with pytest.raises(ConfigError):
        load({"endpoints": [{"path": "/a", "resource": {"collection": "a", "id": key}}]})
